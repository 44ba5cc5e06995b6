//! The board: how everything stands, for whoever looks. The office writes it, pages and metrics read it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use serde::Serialize;
use tokio::sync::watch;

use super::{Job, JobId};
use crate::run::Status;

/// How many lines of news are kept for pages that open later.
const NEWS: usize = 200;

/// Shared; clones show the same board.
#[derive(Clone, Debug)]
pub(crate) struct Board {
    view: Arc<RwLock<View>>,
    changed: watch::Sender<u64>,
}

/// All that is known at one moment.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) jobs: BTreeMap<JobId, Arc<Job>>,
    /// Of running jobs.
    pub(crate) live: BTreeMap<JobId, Live>,
    pub(crate) folders: Vec<FolderView>,
    /// Why nothing starts now.
    pub(crate) held: Option<String>,
    pub(crate) is_stopping: bool,
    /// What happened, the newest last.
    pub(crate) news: VecDeque<NewsLine>,
    /// How many lines of news there ever were; those that are kept are the last of them.
    pub(crate) told: u64,
    pub(crate) totals: Totals,
}

/// Since this program started.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Totals {
    pub(crate) done: u64,
    pub(crate) failed: u64,
    pub(crate) quarantined: u64,
    pub(crate) retried: u64,
    pub(crate) cancelled: u64,
    pub(crate) stages_hit: u64,
    pub(crate) stages_made: u64,
    pub(crate) seconds: f64,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct NewsLine {
    pub(crate) ms: i64,
    pub(crate) job: Option<JobId>,
    pub(crate) text: String,
}

/// A watched folder.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FolderView {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) out: String,
    pub(crate) recipe: String,
    /// `events`, or `polling every 5 s` with the reason.
    pub(crate) mode: String,
    /// Why it can't be looked at now.
    pub(crate) away: Option<String>,
}

/// A running job, stage by stage.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Live {
    pub(crate) stages: Vec<LiveStage>,
    /// Of the whole job, 0 to 1.
    pub(crate) fraction: f32,
    /// Guessed from earlier jobs; none before the first one ended.
    pub(crate) seconds_left: Option<f64>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct LiveStage {
    pub(crate) name: String,
    pub(crate) node: String,
    pub(crate) standing: Standing,
    /// 0 to 1.
    pub(crate) fraction: f32,
    pub(crate) seconds: f64,
    pub(crate) note: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    Waiting,
    Running,
    Hit,
    Made,
    Failed,
    Skipped,
}

impl From<Status> for Standing {
    fn from(status: Status) -> Self {
        match status {
            Status::Hit => Self::Hit,
            Status::Miss => Self::Made,
            Status::Failed => Self::Failed,
            Status::Skipped => Self::Skipped,
        }
    }
}

impl Default for Board {
    fn default() -> Self {
        Self { view: Arc::default(), changed: watch::Sender::new(0) }
    }
}

impl Board {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, View> {
        self.view.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Changes what is shown and tells those who wait for a change.
    pub(crate) fn change(&self, change: impl FnOnce(&mut View)) {
        change(&mut self.write());
        self.changed.send_modify(|version| *version += 1);
    }

    /// Gives a number that grows with every change.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    fn write(&self) -> RwLockWriteGuard<'_, View> {
        self.view.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl View {
    pub(crate) fn tell(&mut self, line: NewsLine) {
        if self.news.len() == NEWS {
            self.news.pop_front();
        }
        self.news.push_back(line);
        self.told += 1;
    }
}
