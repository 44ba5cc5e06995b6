//! Blobs: artifacts as files, named by the digest of their content.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use walkdir::WalkDir;

use crate::{artifact::BlobRef, digest::Digest};

#[derive(Clone, Debug)]
pub(crate) struct Blobs {
    folder: PathBuf,
}

impl Blobs {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a blob lies: two digits of its digest as folder.
    pub(crate) fn path(&self, digest: Digest) -> PathBuf {
        let name = digest.to_string();
        self.folder.join(&name[..2]).join(name)
    }

    /// There, with the right size. Content is verified when it is read.
    pub(crate) fn has(&self, blob: &BlobRef) -> bool {
        fs::metadata(self.path(blob.digest)).is_ok_and(|meta| meta.is_file() && meta.len() == blob.bytes)
    }

    /// There, with the right content.
    pub(crate) fn is_whole(&self, blob: &BlobRef) -> bool {
        self.has(blob) && Digest::of_file(&self.path(blob.digest)).is_ok_and(|digest| digest == blob.digest)
    }

    /// The content, verified; none when it is lost or damaged.
    pub(crate) fn read(&self, blob: &BlobRef) -> Option<Vec<u8>> {
        fs::read(self.path(blob.digest)).ok().filter(|bytes| Digest::of(bytes) == blob.digest)
    }

    pub(crate) fn remove(&self, digest: Digest) -> io::Result<()> {
        super::disk::remove(&self.path(digest))
    }

    /// All blobs with their sizes; files with other names are not ours and are left alone.
    pub(super) fn all(&self) -> impl Iterator<Item = (Digest, u64)> {
        WalkDir::new(&self.folder).min_depth(2).max_depth(2).into_iter().filter_map(|entry| {
            let entry = entry.ok().filter(|entry| entry.file_type().is_file())?;
            let digest = entry.file_name().to_str()?.parse().ok()?;
            Some((digest, entry.metadata().ok()?.len()))
        })
    }

    /// Half-written blobs that a killed run left behind. Only for who holds the lock.
    pub(super) fn sweep(&self) -> io::Result<()> {
        super::disk::remove(&self.folder.join("tmp"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::Kind;

    fn stored(blobs: &Blobs, bytes: &[u8]) -> BlobRef {
        let digest = Digest::of(bytes);
        super::super::write_atomically(&blobs.path(digest), bytes).unwrap();
        BlobRef { kind: Kind::Report, digest, name: None, bytes: bytes.len() as u64 }
    }

    #[test]
    fn a_changed_byte_is_seen_by_reading_and_a_cut_by_looking() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(folder.path().to_path_buf());
        let blob = stored(&blobs, b"hello");
        assert!(blobs.has(&blob) && blobs.is_whole(&blob));
        fs::write(blobs.path(blob.digest), b"hellO").unwrap();
        assert!(blobs.has(&blob) && !blobs.is_whole(&blob));
        assert_eq!(blobs.read(&blob), None);
        fs::write(blobs.path(blob.digest), b"hell").unwrap();
        assert!(!blobs.has(&blob));
    }

    #[test]
    fn lists_blobs_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(folder.path().to_path_buf());
        let blob = stored(&blobs, b"hello");
        fs::create_dir(folder.path().join("tmp")).unwrap();
        fs::write(folder.path().join("tmp/half"), b"x").unwrap();
        assert_eq!(blobs.all().collect::<Vec<_>>(), [(blob.digest, 5)]);
        blobs.sweep().unwrap();
        assert!(!folder.path().join("tmp").exists());
    }
}
