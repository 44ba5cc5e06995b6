//! Digests of files and folders outside the store, remembered by what stat says of them.

use std::{fs, io, os::unix::fs::MetadataExt, path::Path};

use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

use crate::digest::Digest;

/// What tells that a file was not touched. Change time and inode catch what a set-back modification time would hide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
    inode: u64,
}

/// A file or folder as it was when it was hashed. A file is a folder of one entry without a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Hashed {
    digest: Digest,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Entry {
    /// Relative path as bytes: names need not be UTF-8.
    name: Vec<u8>,
    stamp: Stamp,
    digest: Digest,
}

impl Stamp {
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self::from(&fs::metadata(path)?))
    }
}

impl From<&fs::Metadata> for Stamp {
    fn from(meta: &fs::Metadata) -> Self {
        Self {
            bytes: meta.len(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
            inode: meta.ino(),
        }
    }
}

impl Hashed {
    pub(super) fn digest(&self) -> Digest {
        self.digest
    }

    /// Hashes what changed since `earlier`; gives `earlier` itself when nothing did.
    pub(super) fn of(path: &Path, earlier: Option<Self>) -> io::Result<Self> {
        let names = if path.is_dir() { names_in(path)? } else { vec![Vec::new()] };
        let known = earlier.as_ref().map_or(&[][..], |earlier| &earlier.entries);
        let entries: Vec<Entry> = names
            .into_iter()
            .map(|name| {
                let old = known.binary_search_by(|entry| entry.name.cmp(&name)).ok().map(|place| &known[place]);
                Entry::of(path, name, old)
            })
            .collect::<io::Result<_>>()?;
        match earlier {
            Some(earlier) if earlier.entries == entries => Ok(earlier),
            _ => Ok(Self { digest: digest_of(&entries), entries }),
        }
    }

    /// A file whose content is known because it was just written.
    pub(super) fn written(path: &Path, digest: Digest) -> io::Result<Self> {
        let entry = Entry { name: Vec::new(), stamp: Stamp::of(path)?, digest };
        Ok(Self { digest, entries: vec![entry] })
    }
}

impl Entry {
    fn of(root: &Path, name: Vec<u8>, old: Option<&Self>) -> io::Result<Self> {
        use std::os::unix::ffi::OsStrExt;
        let path = if name.is_empty() { root.to_path_buf() } else { root.join(std::ffi::OsStr::from_bytes(&name)) };
        let stamp = Stamp::of(&path)?;
        match old {
            Some(old) if old.stamp == stamp => Ok(old.clone()),
            _ => Ok(Self { name, stamp, digest: Digest::of_file(&path)? }),
        }
    }
}

/// A file's digest is that of its content; a folder's is that of its sorted names and their digests.
fn digest_of(entries: &[Entry]) -> Digest {
    match entries {
        [file] if file.name.is_empty() => file.digest,
        _ => {
            let list: Vec<_> = entries.iter().map(|entry| (&entry.name, entry.digest)).collect();
            Digest::of(&serde_json::to_vec(&list).expect("names and digests are plain data"))
        }
    }
}

fn names_in(folder: &Path) -> io::Result<Vec<Vec<u8>>> {
    use std::os::unix::ffi::OsStrExt;
    let mut names = Vec::new();
    for entry in WalkDir::new(folder).follow_links(true) {
        let entry = entry.map_err(io::Error::from)?;
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(folder).expect("walking stays below its root");
            names.push(name.as_os_str().as_bytes().to_vec());
        }
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_digest_is_that_of_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clip");
        fs::write(&path, b"one").unwrap();
        let first = Hashed::of(&path, None).unwrap();
        assert_eq!(first.digest(), Digest::of(b"one"));
        assert_eq!(Hashed::of(&path, Some(first.clone())).unwrap(), first);
        fs::write(&path, b"two").unwrap();
        assert_eq!(Hashed::of(&path, Some(first)).unwrap().digest(), Digest::of(b"two"));
    }

    #[test]
    fn an_unchanged_file_is_not_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clip");
        fs::write(&path, b"one").unwrap();
        let told = Hashed::written(&path, Digest::of(b"what it was told")).unwrap();
        assert_eq!(Hashed::of(&path, Some(told)).unwrap().digest(), Digest::of(b"what it was told"));
    }

    #[test]
    fn a_folders_digest_follows_names_and_contents() {
        let folder = tempfile::tempdir().unwrap();
        let digest = || Hashed::of(folder.path(), None).unwrap().digest();
        let empty = digest();
        fs::create_dir(folder.path().join("deep")).unwrap();
        assert_eq!(digest(), empty);
        fs::write(folder.path().join("deep/a"), b"1").unwrap();
        let one = digest();
        assert_ne!(one, empty);
        fs::rename(folder.path().join("deep/a"), folder.path().join("b")).unwrap();
        assert_ne!(digest(), one);
    }
}
