//! How stages and inputs ended: what exports, run.json and exit codes are made from.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Attempts;
use crate::{artifact::BlobRef, digest::Digest, error::StageError};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// The store had it.
    Hit,
    /// It ran.
    Miss,
    Failed,
    /// Something before it failed, or the run was stopped.
    Skipped,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct StageOutcome {
    pub(crate) name: String,
    pub(crate) node: &'static str,
    /// None where an input of it never came to be.
    pub(crate) key: Option<Digest>,
    pub(crate) status: Status,
    pub(crate) seconds: f64,
    /// Blobs by output port.
    pub(crate) outputs: BTreeMap<String, Vec<BlobRef>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<StageError>,
}

/// One input through the whole plan.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct InputOutcome {
    /// In the plan's order.
    pub(crate) stages: Vec<StageOutcome>,
    pub(crate) seconds: f64,
    /// Stopped by Ctrl-C before it was done.
    pub(crate) interrupted: bool,
    /// Digests of everything outside the store that went in: the video, weights, SoundFont, by parameter
    /// (`source.file`, `chords.weights`), with the path as text.
    pub(crate) files: Vec<OutsideFile>,
    pub(crate) attempts: Attempts,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct OutsideFile {
    pub(crate) stage: String,
    pub(crate) param: String,
    pub(crate) path: String,
    pub(crate) digest: Digest,
}

impl InputOutcome {
    #[cfg(test)]
    pub(crate) fn stage(&self, name: &str) -> Option<&StageOutcome> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    /// The first failure in the plan's order; failed checks that only warn are none.
    pub(crate) fn failure(&self) -> Option<(&StageOutcome, &StageError)> {
        self.stages.iter().find_map(|stage| stage.error.as_ref().map(|error| (stage, error)))
    }
}
