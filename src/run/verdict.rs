//! What a check's report means for the run.

use super::{attempts::Refusal, key::Blobs};
use crate::{
    artifact::{Artifact, Report},
    graph::PlannedStage,
    store,
};

/// The port where checks put their report.
const PORT: &str = "report";
/// The measure by which refused attempts are compared; a check that has none counts as 1.
const SHORTFALL: &str = "shortfall";

#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    /// The stage is no check, or says yes.
    Passed,
    /// The check says no.
    Refused(Refusal),
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
        Some(Report { passed: Some(false), summary, values }) => {
            let shortfall = values.get(SHORTFALL).and_then(serde_json::Value::as_f64).unwrap_or(1.0);
            Verdict::Refused(Refusal { message: summary, shortfall })
        }
        Some(_) => Verdict::Passed,
        None => Verdict::Damaged,
    }
}
