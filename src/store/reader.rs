//! Reading the store beside a running writer: files only, no index, no lock.

use std::{
    fs, io,
    os::unix::ffi::OsStrExt,
    path::{self, Path, PathBuf},
};

use super::{Blobs, Holder, Record, RunEntry, files::Hashed, lock::Lock};
use crate::digest::Digest;

#[derive(Clone, Debug)]
pub(crate) struct Reader {
    cache: PathBuf,
    blobs: Blobs,
}

impl Reader {
    pub(crate) fn new(store: &Path) -> Self {
        let cache = store.join("cache");
        Self { blobs: Blobs::new(cache.join("blobs")), cache }
    }

    pub(crate) fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    pub(super) fn cache(&self) -> &Path {
        &self.cache
    }

    pub(super) fn records_folder(&self) -> PathBuf {
        self.cache.join("records")
    }

    pub(super) fn runs_folder(&self) -> PathBuf {
        self.cache.join("runs")
    }

    /// The record of a key whose blobs are all there.
    pub(crate) fn hit(&self, key: Digest) -> Option<Record> {
        Record::read(&self.records_folder(), key).filter(|record| record.blobs().all(|blob| self.blobs.has(blob)))
    }

    /// All records, the longest unused first.
    pub(crate) fn records(&self) -> Vec<(Digest, Record)> {
        Record::all(&self.records_folder())
    }

    /// The newest runs, newest first.
    pub(crate) fn runs(&self, count: usize) -> Vec<RunEntry> {
        RunEntry::newest(&self.runs_folder(), count)
    }

    /// Who writes now.
    pub(crate) fn holder(&self) -> Option<Holder> {
        Lock::holder(&self.cache)
    }

    /// Digest of a file or folder; only what changed since it was last hashed is read.
    pub(crate) fn digest(&self, path: &Path) -> io::Result<Digest> {
        let (stamps, _) = self.stamps(path)?;
        let earlier = fs::read(stamps).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(Hashed::of(path, earlier)?.digest())
    }

    /// Where the digest of `path` is remembered, and the name it has in the index.
    pub(super) fn stamps(&self, path: &Path) -> io::Result<(PathBuf, Vec<u8>)> {
        let name = path::absolute(path)?.as_os_str().as_bytes().to_vec();
        Ok((self.cache.join("files").join(format!("{}.json", Digest::of(&name))), name))
    }
}
