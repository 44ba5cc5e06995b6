//! What tells one version of a file from another without reading it.

use std::{fs::Metadata, os::unix::fs::MetadataExt};

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    pub(crate) bytes: u64,
    /// Since 1970.
    pub(crate) modified_ns: i128,
    /// A file that was replaced by a rename may have the size and the time of the old one.
    pub(crate) inode: u64,
}

impl Stamp {
    pub(crate) fn of(meta: &Metadata) -> Self {
        let modified_ns = i128::from(meta.mtime()) * 1_000_000_000 + i128::from(meta.mtime_nsec());
        Self { bytes: meta.len(), modified_ns, inode: meta.ino() }
    }
}
