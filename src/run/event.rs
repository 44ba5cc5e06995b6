//! What happens in a run, in order. Terminal, JSON lines and exports consume these events and nothing else.

use std::collections::BTreeMap;

use serde::Serialize;

use super::outcome::{InputOutcome, StageOutcome};
use crate::error::StageError;

/// `input` counts the run's inputs from 0.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub(crate) enum Event {
    InputStarted {
        input: usize,
        stages: usize,
    },
    StageStarted {
        input: usize,
        stage: String,
        node: &'static str,
    },
    StageProgress {
        input: usize,
        stage: String,
        fraction: f32,
        note: String,
    },
    /// Hit, made, or failed.
    StageEnded {
        input: usize,
        outcome: StageOutcome,
    },
    /// A check said no, and the recipe says warn; or a stage wants people to know something.
    Warning {
        input: usize,
        stage: String,
        message: String,
    },
    /// The piece was refused: `attempt` is made, for which so many stages are looked up anew.
    Rerolled {
        input: usize,
        attempt: u32,
        stages: usize,
        reason: String,
    },
    /// All stages that can end have ended. Comes once for each input, as soon as it is known.
    InputEnded {
        input: usize,
        outcome: InputOutcome,
    },
    /// The first Ctrl-C: running stages finish, nothing new starts.
    Stopping,
    /// A worker died or was killed and another took its place.
    WorkerReplaced {
        reason: StageError,
    },
    /// How many workers of each kind are up.
    Workers {
        up: BTreeMap<String, usize>,
    },
}
