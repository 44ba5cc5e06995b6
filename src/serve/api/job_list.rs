//! The list of jobs, newest first, a page at a time.

use std::{str::FromStr, sync::Arc};

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use serde::{Deserialize, Serialize};

use super::job_view::JobLine;
use crate::{
    serve::{error::ApiError, room::Room},
    watch::{self, Job, JobId, View},
};

const USUAL: usize = 50;
const MOST: usize = 200;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::serve) struct Asked {
    /// One or several, with commas.
    state: Option<String>,
    /// Part of a name, a folder or an id, in any case.
    q: Option<String>,
    /// `next` of the page before.
    before: Option<String>,
    limit: Option<usize>,
}

#[derive(Debug, Serialize)]
pub(in crate::serve) struct Page {
    jobs: Vec<JobLine>,
    /// How many fit, on all pages.
    matched: usize,
    /// For `before`; none on the last page.
    next: Option<String>,
}

pub(in crate::serve) async fn jobs(
    State(room): State<Arc<Room>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Page>, ApiError> {
    let Query(asked) = asked.map_err(|error| ApiError::Query(error.body_text()))?;
    let filter = Filter::of(&asked)?;
    let limit = asked.limit.unwrap_or(USUAL).clamp(1, MOST);
    Ok(Json(filter.page(&room.counter.board.read(), limit)))
}

/// Where a page ends: the time of its last job, and its id where several came at once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cursor {
    seen_ms: i64,
    id: JobId,
}

impl Cursor {
    fn of(job: &Job) -> Self {
        Self { seen_ms: job.seen_ms, id: job.id.clone() }
    }

    fn text(&self) -> String {
        format!("{}_{}", self.seen_ms, self.id)
    }
}

impl FromStr for Cursor {
    type Err = ApiError;

    fn from_str(text: &str) -> Result<Self, ApiError> {
        let parsed = text.split_once('_').and_then(|(ms, id)| Some((ms.parse().ok()?, id.parse().ok()?)));
        let (seen_ms, id) = parsed.ok_or_else(|| {
            let text: String = text.chars().take(60).collect();
            ApiError::Query(format!("before: `{text}` is no place in the list; take `next` of the page before"))
        })?;
        Ok(Self { seen_ms, id })
    }
}

struct Filter {
    /// Empty for all.
    states: Vec<watch::State>,
    words: String,
    before: Option<Cursor>,
}

impl Filter {
    fn of(asked: &Asked) -> Result<Self, ApiError> {
        let names = asked.state.as_deref().unwrap_or_default().split(',').filter(|name| !name.is_empty());
        Ok(Self {
            states: names.map(state).collect::<Result<_, _>>()?,
            words: asked.q.as_deref().unwrap_or_default().trim().to_lowercase(),
            before: asked.before.as_deref().filter(|text| !text.is_empty()).map(str::parse).transpose()?,
        })
    }

    fn page(&self, view: &View, limit: usize) -> Page {
        let mut fit: Vec<&Arc<Job>> = view.jobs.values().filter(|job| self.takes(job)).collect();
        let matched = fit.len();
        if let Some(before) = &self.before {
            fit.retain(|job| (job.seen_ms, &job.id) < (before.seen_ms, &before.id));
        }
        fit.sort_unstable_by(|one, other| (other.seen_ms, &other.id).cmp(&(one.seen_ms, &one.id)));
        let next = if fit.len() > limit { Some(Cursor::of(fit[limit - 1]).text()) } else { None };
        Page { jobs: fit.iter().take(limit).map(|job| JobLine::of(job)).collect(), matched, next }
    }

    fn takes(&self, job: &Job) -> bool {
        (self.states.is_empty() || self.states.contains(&job.state)) && (self.words.is_empty() || self.is_told_by(job))
    }

    fn is_told_by(&self, job: &Job) -> bool {
        let name = job.input.0.file_name().unwrap_or_default().to_string_lossy();
        let has = |text: &str| text.to_lowercase().contains(&self.words);
        has(&name) || has(&job.folder) || job.id.to_string().starts_with(&self.words)
    }
}

fn state(name: &str) -> Result<watch::State, ApiError> {
    let found = watch::State::ALL.into_iter().find(|state| state.name() == name);
    found.ok_or_else(|| {
        let names = watch::State::ALL.map(watch::State::name).join(", ");
        let name: String = name.chars().take(60).collect();
        ApiError::Query(format!("state: `{name}` is none of {names}"))
    })
}
