//! What can go wrong with the store, each with what was being done and the next step.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::lock::Holder;

#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("store {}: in use by {holder}; wait until it is done, or choose another place with --store", store.display())]
    Locked { store: PathBuf, holder: Holder },
    #[error("{doing} {}: {source}", path.display())]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
    #[error("index of the store {}: {reason}; `cuesmith cache rebuild` makes it anew from the records", path.display())]
    Index { path: PathBuf, reason: String },
}

impl StoreError {
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { doing, path, source }
    }
}
