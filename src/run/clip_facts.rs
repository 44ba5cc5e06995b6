//! What a graph script is told of a video: from the cache, else by the stage that would read the video anyway.

use std::path::Path;

use super::{Device, Options, Request, execute::execute, explain::cached_outputs};
use crate::{
    artifact::{Artifact, BlobRef, Media},
    error::StageError,
    graph::{Plan, PlannedStage},
    recipe::StageFile,
    script::ClipFacts,
    store::{Blobs, Reader, Store},
};

/// The video can't be read.
#[derive(Debug, thiserror::Error)]
#[error("stage {stage}: {error}")]
pub(crate) struct ProbeError {
    stage: String,
    pub(crate) error: StageError,
}

/// The part of a plan that reads the video; none in recipes that read none.
fn source(plan: &Plan, input: &Path, preview_seconds: f64) -> Option<Plan> {
    let reads_video = |stage: &&PlannedStage| stage.files.values().any(|file| *file == StageFile::Input);
    let stage = plan.stages.iter().find(reads_video)?.clone();
    let plan = Plan { recipe: plan.recipe.clone(), seed: plan.seed, stages: vec![stage] };
    Some(plan.for_input(input, preview_seconds))
}

/// Without running anything.
pub(crate) fn cached_clip(
    reader: &Reader,
    plan: &Plan,
    input: &Path,
    preview_seconds: f64,
    device: Device,
) -> Option<ClipFacts> {
    let plan = source(plan, input, preview_seconds)?;
    let outputs = cached_outputs(reader, &plan, Some(input), device);
    facts(reader.blobs(), outputs.values().next()?.get("media")?.first()?)
}

/// Reads the video if the cache does not know it.
pub(crate) fn probe_clip(
    store: &Store,
    plan: &Plan,
    input: &Path,
    preview_seconds: f64,
    options: &Options,
) -> Result<Option<ClipFacts>, ProbeError> {
    let Some(plan) = source(plan, input, preview_seconds) else { return Ok(None) };
    let request = Request { input: Some(input.to_owned()), plan, attempts: None };
    let outcomes = execute(store, vec![request], options, &mut |_| ());
    let Some(outcome) = outcomes.first() else { return Ok(None) };
    if let Some((stage, error)) = outcome.failure() {
        return Err(ProbeError { stage: stage.name.clone(), error: error.clone() });
    }
    let media = outcome.stages.first().and_then(|stage| stage.outputs.get("media")?.first());
    Ok(media.and_then(|blob| facts(store.blobs(), blob)))
}

fn facts(blobs: &Blobs, blob: &BlobRef) -> Option<ClipFacts> {
    Media::from_bytes(&blobs.read(blob)?).ok().map(|media| ClipFacts::from(&media))
}
