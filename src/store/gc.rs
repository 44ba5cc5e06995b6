//! Looking after the cache: collect what was longest unused, verify what is there.

use std::collections::{BTreeMap, HashSet};

use super::{Reader, Record, Size, Store, StoreError};
use crate::digest::Digest;

/// What a collection threw away and what it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Collected {
    pub(crate) records: usize,
    pub(crate) freed: Size,
    pub(crate) left: Size,
}

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verified {
    pub(crate) blobs: usize,
    pub(crate) damaged: Vec<Digest>,
    pub(crate) missing: Vec<Digest>,
}

impl Store {
    /// Throws away the longest unused records until all blobs together fit, then every blob that no record names.
    /// Records go first: a kill in between leaves blobs too many, never a record without its blobs.
    pub(crate) fn collect(&self, max: Size) -> Result<Collected, StoreError> {
        let records = self.records();
        let mut users = users(&records);
        let mut kept: u64 = sizes(&records).values().sum();
        let mut forgotten = 0;
        for (key, record) in &records {
            if kept <= max.0 {
                break;
            }
            self.forget(*key)?;
            forgotten += 1;
            for (digest, bytes) in sizes(std::slice::from_ref(&(*key, record.clone()))) {
                let left = users.entry(digest).or_default();
                *left -= 1;
                kept -= if *left == 0 { bytes } else { 0 };
            }
        }
        self.collect_blobs(&users, forgotten)
    }

    fn collect_blobs(&self, users: &BTreeMap<Digest, usize>, records: usize) -> Result<Collected, StoreError> {
        let (mut freed, mut left) = (0, 0);
        for (digest, bytes) in self.blobs().all() {
            if users.get(&digest).is_some_and(|users| *users > 0) {
                left += bytes;
            } else {
                let path = self.blobs().path(digest);
                self.blobs().remove(digest).map_err(StoreError::io("removing blob", &path))?;
                freed += bytes;
            }
        }
        Ok(Collected { records, freed: Size(freed), left: Size(left) })
    }
}

impl Reader {
    /// Reads every blob that a record names.
    pub(crate) fn verify(&self) -> Verified {
        let mut seen = HashSet::new();
        let mut verified = Verified::default();
        for (_, record) in self.records() {
            for blob in record.blobs().filter(|blob| seen.insert(blob.digest)) {
                verified.blobs += 1;
                if !self.blobs().path(blob.digest).exists() {
                    verified.missing.push(blob.digest);
                } else if !self.blobs().is_whole(blob) {
                    verified.damaged.push(blob.digest);
                }
            }
        }
        verified
    }
}

/// How many records name each blob.
fn users(records: &[(Digest, Record)]) -> BTreeMap<Digest, usize> {
    let mut users = BTreeMap::new();
    for record in records {
        for digest in sizes(std::slice::from_ref(record)).into_keys() {
            *users.entry(digest).or_default() += 1;
        }
    }
    users
}

/// Bytes of each blob, each counted once.
fn sizes(records: &[(Digest, Record)]) -> BTreeMap<Digest, u64> {
    records.iter().flat_map(|(_, record)| record.blobs()).map(|blob| (blob.digest, blob.bytes)).collect()
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        time::{Duration, SystemTime},
    };

    use super::{
        super::{record::tests::record, write_atomically},
        *,
    };

    fn store_with(folder: &std::path::Path, contents: &[&[u8]]) -> (Store, Vec<Digest>) {
        let store = Store::open(folder).unwrap();
        let keys = contents.iter().enumerate().map(|(i, content)| {
            let record = record(-16.0 - i as f64, content);
            write_atomically(&store.blobs().path(Digest::of(content)), content).unwrap();
            store.insert(&record).unwrap();
            let used = SystemTime::now() - Duration::from_secs(1000 - i as u64);
            let path = super::super::record::path(&store.records_folder(), record.key.digest());
            fs::File::open(path).unwrap().set_modified(used).unwrap();
            record.key.digest()
        });
        let keys = keys.collect();
        (store, keys)
    }

    #[test]
    fn the_longest_unused_go_until_the_rest_fits() {
        let folder = tempfile::tempdir().unwrap();
        let (store, keys) = store_with(folder.path(), &[b"aaaa", b"bbbb", b"cccc"]);
        let collected = store.collect(Size(8)).unwrap();
        assert_eq!(collected, Collected { records: 1, freed: Size(4), left: Size(8) });
        assert!(store.lookup(keys[0]).is_none() && store.lookup(keys[1]).is_some());
        assert_eq!(store.collect(Size(0)).unwrap().left, Size(0));
    }

    #[test]
    fn a_shared_blob_stays_while_one_record_needs_it() {
        let folder = tempfile::tempdir().unwrap();
        let (store, keys) = store_with(folder.path(), &[b"same", b"same", b"other"]);
        store.forget(keys[0]).unwrap();
        let collected = store.collect(Size(100)).unwrap();
        assert_eq!(collected, Collected { records: 0, freed: Size(0), left: Size(9) });
        assert!(store.lookup(keys[1]).is_some());
    }

    #[test]
    fn blobs_that_no_record_names_go() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = store_with(folder.path(), &[b"aaaa"]);
        write_atomically(&store.blobs().path(Digest::of(b"orphan")), b"orphan").unwrap();
        assert_eq!(store.collect(Size(100)).unwrap().freed, Size(6));
    }

    #[test]
    fn verification_names_what_is_damaged_and_what_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = store_with(folder.path(), &[b"aaaa", b"bbbb", b"cccc"]);
        fs::write(store.blobs().path(Digest::of(b"aaaa")), b"aaax").unwrap();
        store.blobs().remove(Digest::of(b"bbbb")).unwrap();
        let verified = store.verify();
        assert_eq!(verified.blobs, 3);
        assert_eq!((verified.damaged, verified.missing), (vec![Digest::of(b"aaaa")], vec![Digest::of(b"bbbb")]));
    }
}
