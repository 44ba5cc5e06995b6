//! What people read: terminal, JSON lines, results as files, run.json, pages, pictures.

mod export;
mod past_run;
mod progress;
mod run_json;
pub(crate) mod terminal;
mod words;

pub(crate) use self::{
    export::{ExportError, ExportFile, Folders, Placed, files, place},
    past_run::{PastRun, PastRunError},
    progress::Progress,
    run_json::{FileDigest, RecipeFacts, RunFacts, RunJson, notes},
    words::seconds,
};
