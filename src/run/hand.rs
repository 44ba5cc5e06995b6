//! Who executes tasks, one at a time: a worker process in the program, something simpler in tests.

use super::{key::Blobs, protocol::Job};
use crate::{error::StageError, node::Limits};

/// A job and what it may take.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) job: Job,
    pub(super) limits: Limits,
}

/// What a hand says while it works.
#[derive(Clone, Debug)]
pub(super) enum Notice {
    Progress {
        fraction: f32,
        note: String,
    },
    /// A worker is up.
    Up,
    /// A worker is gone.
    Down,
    /// A worker was lost and the next task gets a new one.
    Replaced(StageError),
}

pub(super) trait Hand {
    /// The outputs by port; all their blobs are on disk.
    fn execute(&mut self, task: &Task, tell: &mut dyn FnMut(Notice)) -> Result<Blobs, StageError>;
}
