//! Results as files: which blobs people get under which name, in which folder, and how they get there.
//!
//! A folder of results is whole or absent: it is filled beside its place and swapped in. What people put into it, and
//! what they edited in it, is theirs and stays.

mod error;
mod files;
mod folders;
mod kept;
mod place;
mod staging;

pub(crate) use self::{
    error::ExportError,
    files::{ExportFile, files},
    folders::Folders,
    place::{Placed, place},
};

#[cfg(test)]
mod testing {
    use std::path::Path;

    use super::ExportFile;
    use crate::{
        artifact::{BlobRef, Kind},
        digest::Digest,
        store::{Store, write_atomically},
    };

    /// A blob in the store, to be exported under `path`.
    pub(super) fn stored(store: &Store, path: impl AsRef<Path>, content: &[u8]) -> ExportFile {
        let digest = Digest::of(content);
        write_atomically(&store.blobs().path(digest), content).unwrap();
        let blob = BlobRef { kind: Kind::Audio, digest, name: None, bytes: content.len() as u64 };
        ExportFile { path: path.as_ref().to_owned(), blob }
    }
}
