//! How the watch stands, in few figures.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use axum::{Json, extract::State};
use serde::Serialize;

use crate::{
    serve::room::Room,
    watch::{self, FolderView, Totals, View},
};

#[derive(Debug, Serialize)]
pub(in crate::serve) struct Status {
    version: &'static str,
    counts: BTreeMap<&'static str, usize>,
    jobs: usize,
    folders: Vec<FolderView>,
    /// Why nothing starts now.
    held: Option<String>,
    is_stopping: bool,
    totals: Totals,
    /// Bytes that an upload may have; none takes no uploads.
    upload_bytes: Option<u64>,
    /// Another one when any job stands otherwise than before.
    mark: String,
}

pub(in crate::serve) async fn status(State(room): State<Arc<Room>>) -> Json<Status> {
    Json(Status::of(&room.counter.board.read(), &room))
}

impl Status {
    pub(super) fn of(view: &View, room: &Room) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            counts: Self::counts(view),
            jobs: view.jobs.len(),
            folders: view.folders.clone(),
            held: view.held.clone(),
            is_stopping: view.is_stopping,
            totals: view.totals,
            upload_bytes: room.counter.inbox.is_some().then_some(room.max_upload_bytes),
            mark: mark(view),
        }
    }

    /// All states, also those that no job is in.
    pub(in crate::serve) fn counts(view: &View) -> BTreeMap<&'static str, usize> {
        let mut counts: BTreeMap<_, _> = watch::State::ALL.iter().map(|state| (state.name(), 0)).collect();
        for job in view.jobs.values() {
            *counts.entry(job.state.name()).or_default() += 1;
        }
        counts
    }
}

pub(in crate::serve) fn folders_away(view: &View) -> usize {
    view.folders.iter().filter(|folder| folder.away.is_some()).count()
}

fn mark(view: &View) -> String {
    let mut hasher = DefaultHasher::new();
    for (id, job) in &view.jobs {
        (id, job.state, job.attempts, job.not_before_ms, job.started_ms, job.ended_ms).hash(&mut hasher);
        job.reason.as_ref().map(|reason| &reason.message).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}
