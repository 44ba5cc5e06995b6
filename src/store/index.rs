//! The live index: sled over records, digests of files and the ledger. Never the only copy of anything.
//!
//! Whatever is wrong with it, it is moved aside and made anew; a value that does not parse counts as absent.

use std::{
    fs,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
};

use sled::{Db, Tree};

use super::StoreError;

const CACHE_BYTES: u64 = 16 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shelf {
    Records,
    Files,
    Runs,
    Jobs,
}

#[derive(Debug)]
pub(super) struct Index {
    db: Db,
    records: Tree,
    files: Tree,
    runs: Tree,
    jobs: Tree,
}

/// An opened index, and whether it has to be filled from the files.
pub(super) struct Opened {
    pub(super) index: Index,
    pub(super) empty: bool,
    /// Where the damaged one lies now.
    pub(super) aside: Option<PathBuf>,
}

impl Index {
    pub(super) fn open(folder: &Path) -> Result<Opened, StoreError> {
        let error = match Self::try_open(folder) {
            Ok(index) => return Ok(Opened { empty: !index.db.was_recovered(), index, aside: None }),
            Err(error) => error,
        };
        let aside = move_aside(folder).map_err(StoreError::io("moving the damaged index aside from", folder))?;
        let index = Self::try_open(folder)
            .map_err(|second| StoreError::Index { path: folder.to_path_buf(), reason: format!("{error}, {second}") })?;
        Ok(Opened { index, empty: true, aside: Some(aside) })
    }

    /// sled panics on some kinds of damage; that must not be the end of a run that does not need it.
    fn try_open(folder: &Path) -> Result<Self, String> {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(|_| {}));
        let opened = panic::catch_unwind(AssertUnwindSafe(|| Self::open_trees(folder)));
        panic::set_hook(hook);
        opened.map_err(|_| "it is damaged".to_owned())?.map_err(|error| error.to_string())
    }

    fn open_trees(folder: &Path) -> sled::Result<Self> {
        let config = sled::Config::new().path(folder).cache_capacity(CACHE_BYTES).flush_every_ms(None);
        let db = config.open()?;
        let (records, files) = (db.open_tree("records")?, db.open_tree("files")?);
        let (runs, jobs) = (db.open_tree("runs")?, db.open_tree("jobs")?);
        Ok(Self { db, records, files, runs, jobs })
    }

    fn tree(&self, shelf: Shelf) -> &Tree {
        match shelf {
            Shelf::Records => &self.records,
            Shelf::Files => &self.files,
            Shelf::Runs => &self.runs,
            Shelf::Jobs => &self.jobs,
        }
    }

    pub(super) fn get(&self, shelf: Shelf, name: &[u8]) -> Option<sled::IVec> {
        self.tree(shelf).get(name).ok().flatten()
    }

    /// Everything on a shelf; values that can't be read are left out.
    pub(super) fn all(&self, shelf: Shelf) -> Vec<(sled::IVec, sled::IVec)> {
        self.tree(shelf).iter().flatten().collect()
    }

    /// Acknowledged only when it is on disk.
    pub(super) fn put(&self, shelf: Shelf, name: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.put_later(shelf, name, value)?;
        self.flush()
    }

    /// For many values at once; `flush` comes after.
    pub(super) fn put_later(&self, shelf: Shelf, name: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.tree(shelf).insert(name, value).map(|_| ()).map_err(|error| self.error(&error))
    }

    pub(super) fn remove(&self, shelf: Shelf, name: &[u8]) -> Result<(), StoreError> {
        self.tree(shelf).remove(name).map(|_| ()).map_err(|error| self.error(&error))
    }

    pub(super) fn clear_shelf(&self, shelf: Shelf) -> Result<(), StoreError> {
        self.tree(shelf).clear().map_err(|error| self.error(&error))
    }

    pub(super) fn clear(&self) -> Result<(), StoreError> {
        [&self.records, &self.files, &self.runs, &self.jobs]
            .into_iter()
            .try_for_each(Tree::clear)
            .map_err(|error| self.error(&error))
    }

    pub(super) fn flush(&self) -> Result<(), StoreError> {
        self.db.flush().map(|_| ()).map_err(|error| self.error(&error))
    }

    fn error(&self, error: &sled::Error) -> StoreError {
        let _ = self;
        StoreError::Index { path: PathBuf::from("cache/index"), reason: error.to_string() }
    }
}

fn move_aside(folder: &Path) -> std::io::Result<PathBuf> {
    let beside = (1..=u32::MAX).map(|n| folder.with_extension(format!("damaged-{n}")));
    let aside = beside.into_iter().find(|path| !path.exists()).expect("no folder holds so many entries");
    fs::rename(folder, &aside)?;
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        let opened = Index::open(&path).unwrap();
        assert!(opened.empty && opened.aside.is_none());
        opened.index.put(Shelf::Records, b"key", b"value").unwrap();
        drop(opened);
        let again = Index::open(&path).unwrap();
        assert!(!again.empty);
        assert_eq!(again.index.get(Shelf::Records, b"key").as_deref(), Some(&b"value"[..]));
        assert_eq!(again.index.get(Shelf::Files, b"key"), None);
    }

    #[test]
    fn one_that_does_not_open_is_kept_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        fs::write(&path, b"no database").unwrap();
        let opened = Index::open(&path).unwrap();
        assert!(opened.empty);
        assert_eq!(fs::read(opened.aside.unwrap()).unwrap(), b"no database");
        opened.index.put(Shelf::Runs, b"a", b"c").unwrap();
    }
}
