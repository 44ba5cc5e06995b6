//! The store of a running command: holds the lock, writes records first and the index after them.

use std::{
    fs, io,
    ops::Deref,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::{
    Reader, Record, RunEntry, StoreError,
    disk::{remove, write_cheaply},
    files::Hashed,
    index::{Index, Shelf},
    lock::Lock,
    record,
};
use crate::digest::Digest;

/// A record in use is marked as used at most this often: `gc` goes by days, not by seconds.
const MARK_USED_AFTER: Duration = Duration::from_secs(24 * 3600);

#[derive(Debug)]
pub(crate) struct Store {
    reader: Reader,
    pub(super) index: Index,
    aside: Option<PathBuf>,
    _lock: Lock,
}

impl Deref for Store {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl Store {
    /// Opens or makes the store; an index that is lost or damaged is made anew from the records.
    pub(crate) fn open(folder: &Path) -> Result<Self, StoreError> {
        let reader = Reader::new(folder);
        for folder in ["records", "runs", "files", "blobs", "jobs"] {
            let path = reader.cache().join(folder);
            fs::create_dir_all(&path).map_err(StoreError::io("making folder", &path))?;
        }
        let lock = Lock::take(folder, reader.cache())?;
        reader.blobs().sweep().map_err(StoreError::io("sweeping", reader.blobs().folder()))?;
        let opened = Index::open(&reader.cache().join("index"))?;
        let store = Self { reader, index: opened.index, aside: opened.aside, _lock: lock };
        if opened.empty {
            store.fill_index()?;
        }
        Ok(store)
    }

    /// Where the index lies that was found damaged when the store was opened.
    pub(crate) fn damaged_index(&self) -> Option<&Path> {
        self.aside.as_deref()
    }

    /// The index anew from the records. Gives the number of records.
    pub(crate) fn rebuild(&self) -> Result<usize, StoreError> {
        self.index.clear()?;
        self.fill_index()
    }

    fn fill_index(&self) -> Result<usize, StoreError> {
        let records = self.records();
        for (key, record) in &records {
            self.index.put_later(Shelf::Records, &name(*key), &record.to_bytes())?;
        }
        for entry in self.runs(usize::MAX) {
            self.index.put_later(Shelf::Runs, entry.id().as_bytes(), &entry.to_bytes())?;
        }
        self.fill_jobs()?;
        self.index.flush()?;
        Ok(records.len())
    }

    /// The record of a key whose blobs are all there.
    pub(crate) fn lookup(&self, key: Digest) -> Option<Record> {
        let indexed = self.index.get(Shelf::Records, &name(key)).and_then(|bytes| Record::from_bytes(key, &bytes));
        let record = indexed.or_else(|| self.index_again(key))?;
        let whole = record.blobs().all(|blob| self.blobs().has(blob));
        whole.then(|| self.mark_used(key)).map(|()| record)
    }

    /// A record that the index does not have: a kill came between the two, or the index was damaged.
    fn index_again(&self, key: Digest) -> Option<Record> {
        let record = Record::read(&self.records_folder(), key)?;
        let _ = self.index.put_later(Shelf::Records, &name(key), &record.to_bytes());
        Some(record)
    }

    /// Best effort: the mark only decides what `gc` throws away first.
    fn mark_used(&self, key: Digest) {
        let path = record::path(&self.records_folder(), key);
        let stale = fs::metadata(&path)
            .and_then(|meta| meta.modified())
            .is_ok_and(|used| used.elapsed().is_ok_and(|age| age > MARK_USED_AFTER));
        if stale {
            let _ = fs::File::open(&path).and_then(|file| file.set_modified(SystemTime::now()));
        }
    }

    /// Remembers what a stage made; its checkpoints are not needed any more.
    pub(crate) fn insert(&self, record: &Record) -> Result<(), StoreError> {
        let key = record.key.digest();
        record.write(&self.records_folder())?;
        self.index.put(Shelf::Records, &name(key), &record.to_bytes())?;
        let scratch = self.scratch(key);
        remove(&scratch).map_err(StoreError::io("removing", &scratch))
    }

    pub(crate) fn forget(&self, key: Digest) -> Result<(), StoreError> {
        Record::remove(&self.records_folder(), key)?;
        self.index.remove(Shelf::Records, &name(key))
    }

    /// A folder that belongs to a key alone and survives a kill.
    pub(crate) fn scratch(&self, key: Digest) -> PathBuf {
        self.cache().join("work").join(key.to_string())
    }

    /// Digest of a file or folder; only what changed since it was last hashed is read.
    pub(crate) fn digest(&self, path: &Path) -> io::Result<Digest> {
        let (stamps, name) = self.stamps(path)?;
        let indexed = self.index.get(Shelf::Files, &name).and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let earlier: Option<Hashed> =
            indexed.or_else(|| fs::read(&stamps).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()));
        let hashed = Hashed::of(path, earlier.clone())?;
        if earlier.as_ref() != Some(&hashed) {
            self.remember(&stamps, &name, &hashed)?;
        }
        Ok(hashed.digest())
    }

    /// Tells the digest of a file that was just written, so that nobody has to hash it again.
    pub(crate) fn learn(&self, path: &Path, digest: Digest) -> io::Result<()> {
        let (stamps, name) = self.stamps(path)?;
        self.remember(&stamps, &name, &Hashed::written(path, digest)?)
    }

    fn remember(&self, stamps: &Path, name: &[u8], hashed: &Hashed) -> io::Result<()> {
        let bytes = serde_json::to_vec(hashed)?;
        write_cheaply(stamps, &bytes)?;
        self.index.put_later(Shelf::Files, name, &bytes).map_err(io::Error::other)
    }

    /// Writes a run's entry, at its start and again at its end.
    pub(crate) fn log(&self, entry: &RunEntry) -> Result<(), StoreError> {
        entry.write(&self.runs_folder())?;
        self.index.put(Shelf::Runs, entry.id().as_bytes(), &entry.to_bytes())
    }
}

fn name(key: Digest) -> Vec<u8> {
    key.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{
        super::{record::tests::record, write_atomically},
        *,
    };

    fn filled(store: &Store) -> Record {
        let record = record(-16.0, b"music");
        write_atomically(&store.blobs().path(Digest::of(b"music")), b"music").unwrap();
        store.insert(&record).unwrap();
        record
    }

    #[test]
    fn a_hit_needs_its_blobs() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let record = filled(&store);
        let key = record.key.digest();
        assert_eq!(store.lookup(key), Some(record.clone()));
        assert_eq!(store.hit(key), Some(record));
        fs::write(store.blobs().path(Digest::of(b"music")), b"cut").unwrap();
        assert_eq!(store.lookup(key), None);
        assert_eq!(store.hit(key), None);
    }

    #[test]
    fn a_deleted_or_damaged_index_costs_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let record = filled(&Store::open(folder.path()).unwrap());
        let index = folder.path().join("cache/index");
        fs::remove_dir_all(&index).unwrap();
        assert_eq!(Store::open(folder.path()).unwrap().lookup(record.key.digest()), Some(record.clone()));
        for file in ["db", "conf"] {
            fs::write(index.join(file), vec![0xa5; 4096]).unwrap();
            let store = Store::open(folder.path()).unwrap();
            assert_eq!(store.lookup(record.key.digest()), Some(record.clone()), "{file}");
        }
    }

    #[test]
    fn a_record_that_the_index_missed_counts() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let record = record(-14.0, b"music");
        write_atomically(&store.blobs().path(Digest::of(b"music")), b"music").unwrap();
        record.write(&store.records_folder()).unwrap();
        assert_eq!(store.lookup(record.key.digest()), Some(record));
    }

    #[test]
    fn checkpoints_go_when_the_record_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let scratch = store.scratch(record(-16.0, b"music").key.digest());
        fs::create_dir_all(&scratch).unwrap();
        fs::write(scratch.join("epoch-1"), b"x").unwrap();
        filled(&store);
        assert!(!scratch.exists());
    }

    #[test]
    fn files_are_hashed_again_only_when_they_changed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store")).unwrap();
        let path = folder.path().join("clip.mp4");
        fs::write(&path, b"one").unwrap();
        assert_eq!(store.digest(&path).unwrap(), Digest::of(b"one"));
        store.learn(&path, Digest::of(b"told")).unwrap();
        assert_eq!(store.digest(&path).unwrap(), Digest::of(b"told"));
        assert_eq!(Reader::digest(&store, &path).unwrap(), Digest::of(b"told"));
        fs::write(&path, b"two").unwrap();
        assert_eq!(store.digest(&path).unwrap(), Digest::of(b"two"));
    }

    #[test]
    fn rebuild_counts_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let record = filled(&store);
        assert_eq!(store.rebuild().unwrap(), 1);
        store.forget(record.key.digest()).unwrap();
        assert_eq!(store.rebuild().unwrap(), 0);
        assert_eq!(store.lookup(record.key.digest()), None);
    }
}
