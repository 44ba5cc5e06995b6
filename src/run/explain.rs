//! Which stages would run, and which field of their keys changed: from records alone, without lock or worker.

use std::path::Path;

use super::Device;
use crate::{
    graph::Plan,
    store::{Change, Reader},
};

/// What a run would do with one stage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Explained {
    pub(crate) stage: String,
    pub(crate) node: &'static str,
    pub(crate) state: Explanation,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Explanation {
    Hit {
        /// How long it took when it was made.
        seconds: f64,
        finished_ms: i64,
    },
    /// It would run. Without changes but with a time, its result is lost; without both, there is no earlier one.
    Miss {
        changes: Vec<Change>,
        /// When the record that it is compared with was made.
        since_ms: Option<i64>,
    },
    /// It would run because the stage `because` runs; `changes` are its own, inputs that do not exist yet left out.
    Unknown { because: String, changes: Vec<Change>, since_ms: Option<i64> },
    /// A file that it reads is not there.
    Unreadable { reason: String },
}

/// Each stage of the plan, in its order.
pub(crate) fn explain(_reader: &Reader, _plan: &Plan, _input: Option<&Path>, _device: Device) -> Vec<Explained> {
    todo!()
}
