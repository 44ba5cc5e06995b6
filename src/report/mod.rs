//! What people read: terminal, JSON lines, results as files, run.json, pages, pictures.

mod export;
pub(crate) mod music;
pub(crate) mod page;
mod past_run;
mod planned;
mod progress;
pub(crate) mod roll;
mod run_json;
mod styles_page;
pub(crate) mod terminal;
pub(crate) mod vmcp;
mod words;

#[cfg(test)]
mod real;

pub(crate) use self::{
    export::{ExportError, ExportFile, Folders, Placed, files, place},
    past_run::PastRun,
    planned::Planned,
    progress::Progress,
    run_json::{FileDigest, RecipeFacts, RunFacts, RunJson, notes},
    styles_page::{Heard, styles_page},
    words::seconds,
};
