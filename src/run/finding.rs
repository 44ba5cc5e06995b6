//! What `doctor` finds: one line each, from the front and from the worker.

use serde::{Deserialize, Serialize};

/// Something that is there or missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finding {
    /// What was looked for: `libtorch`, `SoundFont`.
    pub(crate) what: String,
    pub(crate) state: State,
    /// Version, path, or how to get it.
    pub(crate) detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Found,
    /// Not there, and not needed for a default run.
    Absent,
    /// Not there, and a default run fails without it.
    Missing,
}

impl Finding {
    pub(crate) fn found(what: &str, detail: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state: State::Found, detail: detail.into() }
    }

    pub(crate) fn absent(what: &str, detail: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state: State::Absent, detail: detail.into() }
    }

    pub(crate) fn missing(what: &str, next_step: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state: State::Missing, detail: next_step.into() }
    }
}
