//! Chords of an earlier run, kept while the rest is composed anew.

use std::{fs, path::Path};

use serde::Deserialize;
use serde_json::Value;

use super::super::StageContext;
use crate::{
    artifact::{Artifact, BlobRef, Chords},
    digest::Digest,
    error::StageError,
    music::Chord,
};

/// What a run.json says of its chords.
#[derive(Deserialize)]
struct PastRun {
    recipe: PastRecipe,
    stages: Vec<PastStage>,
}

#[derive(Deserialize)]
struct PastRecipe {
    resolved: Value,
}

#[derive(Deserialize)]
struct PastStage {
    node: String,
    outputs: Vec<PastOutput>,
}

#[derive(Deserialize)]
struct PastOutput {
    port: String,
    digest: Digest,
}

/// The chords of the take that an earlier run arranged, for a plan of `slots` half bars.
pub(super) fn locked(context: &StageContext, run: Digest, slots: usize) -> Result<Vec<Chord>, StageError> {
    let path = context.file(run)?;
    let past = read(path)?;
    let (chords, take) = chords(context, path, &past)?;
    let mut takes = chords.takes;
    let found = takes.len();
    if take > found {
        let path = path.display();
        return Err(StageError::usage(format!(
            "lock: {path} arranged take {take}, but its chords have {found} takes; name a run that is whole"
        )));
    }
    let chords = takes.swap_remove(take - 1);
    if chords.len() == slots {
        return Ok(chords);
    }
    let (path, found) = (path.display(), chords.len());
    Err(StageError::usage(format!(
        "lock: the chords of {path} fill {found} half bars, this plan has {slots}; chords stay with their plan, so give the \
         video, tempo and preview of that run, or leave `lock` out"
    )))
}

fn read(path: &Path) -> Result<PastRun, StageError> {
    serde_json::from_slice(&fs::read(path)?)
        .map_err(|error| StageError::usage(format!("lock: {} is no run.json of cuesmith: {error}", path.display())))
}

/// The chords of an earlier run, and the number of the take that it arranged among them.
fn chords(context: &StageContext, path: &Path, past: &PastRun) -> Result<(Chords, usize), StageError> {
    let output_of = |node: &str| {
        let stages = past.stages.iter().filter(|stage| stage.node == node);
        stages.flat_map(|stage| &stage.outputs).find(|output| output.port == "chords")
    };
    let named = past.recipe.resolved["knobs"]["take"].as_u64().unwrap_or(1).max(1) as usize;
    // What select.best kept is the one take that was arranged.
    let kept = output_of("select.best").map(|output| (output, 1));
    let path = path.display();
    let Some((&PastOutput { digest, .. }, take)) = kept.or(output_of("generate.chords").map(|output| (output, named)))
    else {
        return Err(StageError::usage(format!("lock: the run of {path} composed no chords; name a run that did")));
    };
    let blob = BlobRef { kind: Chords::KIND, digest, name: None, bytes: 0 };
    let chords = context.read(&blob).map_err(|_| {
        let digest = digest.short();
        StageError::usage(format!(
            "lock: the store no longer has the chords of {path} (digest {digest}); `cuesmith replay {path}` makes them again"
        ))
    })?;
    Ok((chords, take))
}
