//! One job with all that belongs to it.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use serde_json::Value;

use super::job_view::{JobFacts, JobLine};
use crate::{
    serve::{
        error::ApiError,
        room::Room,
        shelf::{Check, FileLine, Shelf, StageLine},
    },
    watch::{Job, Live, View},
};

#[derive(Debug, Serialize)]
pub(in crate::serve) struct Answer {
    job: JobFacts,
    live: Option<Live>,
    /// All versions of the same file, the first first; this one is among them.
    versions: Vec<JobLine>,
    results: Option<Results>,
    /// Why there are none though the job is done.
    trouble: Option<String>,
}

/// What run.json tells.
#[derive(Debug, Serialize)]
struct Results {
    files: Vec<FileLine>,
    knobs: Value,
    checks: BTreeMap<String, Check>,
    stages: Vec<StageLine>,
}

pub(in crate::serve) async fn job(
    State(room): State<Arc<Room>>,
    Path(id): Path<String>,
) -> Result<Json<Answer>, ApiError> {
    let job = room.job(&id)?;
    let (live, versions) = {
        let view = room.counter.board.read();
        (view.live.get(&job.id).cloned(), versions(&view, &job))
    };
    let facts = JobFacts::of(&job);
    let read = tokio::task::spawn_blocking(move || results(&job)).await;
    let (results, trouble) = match read.map_err(|error| ApiError::Internal(error.to_string()))? {
        Ok(results) => (results, None),
        Err(trouble) => (None, Some(trouble)),
    };
    Ok(Json(Answer { job: facts, live, versions, results, trouble }))
}

fn versions(view: &View, of: &Job) -> Vec<JobLine> {
    let is_version = |job: &&Arc<Job>| job.input == of.input && job.folder == of.folder;
    let mut versions: Vec<&Arc<Job>> = view.jobs.values().filter(is_version).collect();
    versions.sort_by_key(|job| job.version);
    versions.into_iter().map(|job| JobLine::of(job)).collect()
}

fn results(job: &Job) -> Result<Option<Results>, String> {
    let Some(result) = &job.result else { return Ok(None) };
    let shelf = Shelf::open(&result.folder.0).map_err(|error| error.to_string())?;
    let (files, knobs) = (shelf.files(), shelf.knobs().clone());
    Ok(Some(Results { files, knobs, checks: shelf.record.checks, stages: shelf.record.stages }))
}
