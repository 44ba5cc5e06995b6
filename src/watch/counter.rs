//! The counter: all that a page or another program may ask of a running watch.

use std::{path::PathBuf, sync::Arc, time::Duration};

use crossbeam_channel::{Sender, bounded};
use serde::Serialize;
use serde_json::Value;

use super::{Board, Job, JobId, Order, Wish};

/// How long an answer may take; the office answers between two of its steps.
const PATIENCE: Duration = Duration::from_secs(10);

/// Of a job with other knobs.
pub(crate) type MakeOutlook = Arc<dyn Fn(&Job, &[String]) -> Result<Outlook, String> + Send + Sync>;

#[derive(Clone)]
pub(crate) struct Counter {
    pub(crate) board: Board,
    pub(crate) orders: Sender<Order>,
    /// What a version with other knobs would do, without doing it.
    pub(crate) outlook: MakeOutlook,
    /// Folder of the logs, `ID.log` for each job.
    pub(crate) logs: PathBuf,
    /// Where files that are dropped on a page go: the first watched folder. None takes none.
    pub(crate) inbox: Option<PathBuf>,
}

/// A plan that was looked at and not run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outlook {
    pub(crate) stages: Vec<StageOutlook>,
    /// Values of the knobs as the recipe resolves them with what is laid over it.
    pub(crate) knobs: Value,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct StageOutlook {
    pub(crate) name: String,
    pub(crate) node: String,
    pub(crate) runs: bool,
    /// Why it runs, in one line.
    pub(crate) because: String,
    /// How long it took when it was last made; none if it never was.
    pub(crate) seconds: Option<f64>,
}

impl Counter {
    /// Waits for the office's answer.
    pub(crate) fn ask(&self, wish: Wish) -> Result<JobId, String> {
        let (answer, answered) = bounded(1);
        let closed = "the watch is stopping";
        self.orders.send(Order { wish, answer }).map_err(|_| closed)?;
        answered.recv_timeout(PATIENCE).map_err(|_| closed)?
    }
}
