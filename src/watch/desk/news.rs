//! What a desk is told, and what it asks for.

use std::{collections::BTreeMap, path::PathBuf};

use crate::{
    digest::Digest,
    watch::{JobId, JobResult, Reason, Stamp},
};

/// One try of a job; tickets are never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket(pub(crate) u64);

/// How a try ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum End {
    Done(JobResult),
    Failed(Reason),
    /// The folder does not take such a file.
    Ignored(String),
    /// The folder went away under it: nothing is known of the file.
    Away(String),
    /// Stopped because somebody said so.
    Interrupted,
}

/// What came of opening a file that stood still.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Opened {
    Ready(Digest),
    /// Another process still writes to it.
    Busy,
    Trouble(Reason),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum News {
    /// All files of a folder.
    Looked {
        folder: String,
        found: BTreeMap<PathBuf, Stamp>,
    },
    /// One file; none where it is gone.
    Saw {
        folder: String,
        input: PathBuf,
        stamp: Option<Stamp>,
    },
    /// The folder can't be looked at: its disk or share is not there.
    Away {
        folder: String,
        reason: String,
    },
    Opened {
        id: JobId,
        stamp: Stamp,
        opened: Opened,
    },
    /// It was not there to be opened; what became of it is told apart.
    Unopened(JobId),
    /// `stamp` is what the input has now; none where it is gone.
    Ended {
        ticket: Ticket,
        stamp: Option<Stamp>,
        recipe: Option<Digest>,
        end: End,
    },
    /// Moved into quarantine, or back.
    Moved {
        id: JobId,
        to: Result<PathBuf, String>,
    },
    /// Why nothing may start now.
    Held(Option<String>),
    Stop,
    Tick,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Save(JobId),
    /// See whether it can be opened, and whether it is still the same.
    Open(JobId),
    Start {
        ticket: Ticket,
        id: JobId,
    },
    /// At once: nobody wants the result any more.
    Kill(Ticket),
    /// Running stages may finish.
    Finish(Ticket),
    Quarantine(JobId),
    Release(JobId),
    /// Look at all folders again.
    Look,
    /// A job came to an end that people want to hear of.
    Tell(JobId),
}
