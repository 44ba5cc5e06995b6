//! A job as the page and programs see it: names as texts, times in milliseconds since 1970.

use serde::Serialize;

use crate::watch::{Job, JobId, Reason, State};

#[derive(Debug, Serialize)]
pub(super) struct JobLine {
    id: JobId,
    name: String,
    folder: String,
    version: u32,
    state: State,
    attempts: u32,
    reason: Option<Reason>,
    seen_ms: i64,
    not_before_ms: i64,
    started_ms: Option<i64>,
    ended_ms: Option<i64>,
    set: Vec<String>,
    seconds: Option<f64>,
    hits: Option<usize>,
    made: Option<usize>,
}

impl JobLine {
    pub(super) fn of(job: &Job) -> Self {
        let result = job.result.as_ref();
        Self {
            id: job.id.clone(),
            name: job.name(),
            folder: job.folder.clone(),
            version: job.version,
            state: job.state,
            attempts: job.attempts,
            reason: job.reason.clone(),
            seen_ms: job.seen_ms,
            not_before_ms: job.not_before_ms,
            started_ms: job.started_ms,
            ended_ms: job.ended_ms,
            set: job.set.clone(),
            seconds: result.map(|result| result.seconds),
            hits: result.map(|result| result.hits),
            made: result.map(|result| result.made),
        }
    }
}

/// All that is known of one.
#[derive(Debug, Serialize)]
pub(super) struct JobFacts {
    #[serde(flatten)]
    line: JobLine,
    input: String,
    bytes: u64,
    content: Option<String>,
    recipe: Option<String>,
    notes: Vec<String>,
    results: Option<String>,
    quarantined: Option<String>,
}

impl JobFacts {
    pub(super) fn of(job: &Job) -> Self {
        let result = job.result.as_ref();
        Self {
            line: JobLine::of(job),
            input: text(&job.input.0),
            bytes: job.stamp.bytes,
            content: job.content.as_ref().map(ToString::to_string),
            recipe: job.recipe.as_ref().map(ToString::to_string),
            notes: result.map(|result| result.notes.clone()).unwrap_or_default(),
            results: result.map(|result| text(&result.folder.0)),
            quarantined: job.quarantined.as_ref().map(|path| text(&path.0)),
        }
    }
}

fn text(path: &std::path::Path) -> String {
    path.to_string_lossy().into_owned()
}
