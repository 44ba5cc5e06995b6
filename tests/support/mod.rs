//! A temporary project and the real program in it: files in, exact output and exit code out.

mod project;
mod recipes;

use std::path::{Path, PathBuf};

pub(crate) use self::{
    project::{Outcome, Project},
    recipes::{COMPOSE, LOOK},
};

/// The clip that ships with the project.
pub(crate) fn demo_clip() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/demo/big-buck-bunny.mp4")
}

/// The folder of shared data that `CUESMITH_DATA` names; without it the test says so and is skipped.
pub(crate) fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("CUESMITH_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: CUESMITH_DATA is not set");
    }
    folder
}
