//! What a check's report means for the run.

use super::key::Blobs;
use crate::{
    artifact::{Artifact, Report},
    graph::PlannedStage,
    store,
};

/// The port where checks put their report.
const PORT: &str = "report";

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The stage is no check, or says yes.
    Passed,
    /// The check says no, in these words.
    Refused(String),
    /// The report can't be read back.
    Damaged,
}

pub(super) fn verdict(stage: &PlannedStage, outputs: &Blobs, blobs: &store::Blobs) -> Verdict {
    if stage.on_fail.is_none() {
        return Verdict::Passed;
    }
    let blob = outputs.get(PORT).and_then(|reports| reports.first());
    let report = blob.and_then(|blob| Report::from_bytes(&blobs.read(blob)?).ok());
    match report {
        Some(Report { passed: Some(false), summary, .. }) => Verdict::Refused(summary),
        Some(_) => Verdict::Passed,
        None => Verdict::Damaged,
    }
}
