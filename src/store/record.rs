//! Records: what a stage made under a key. One small file a key.

use std::{collections::BTreeMap, fs, path::Path};

use serde::{Deserialize, Serialize};

use super::{Key, StoreError, disk::write_atomically};
use crate::{artifact::BlobRef, digest::Digest};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The stage that made it first; others with the same key share it.
    pub(crate) stage: String,
    pub(crate) key: Key,
    /// Blobs by output port.
    pub(crate) outputs: BTreeMap<String, Vec<BlobRef>>,
    /// How long it took.
    pub(crate) seconds: f64,
    /// Milliseconds since 1970.
    pub(crate) finished_ms: i64,
    /// Version of cuesmith.
    pub(crate) cuesmith: String,
}

impl Record {
    pub(crate) fn blobs(&self) -> impl Iterator<Item = &BlobRef> {
        self.outputs.values().flatten()
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("records hold no maps with keys other than strings")
    }

    /// The record for `key`; none when the bytes are not that.
    pub(super) fn from_bytes(key: Digest, bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(bytes).ok().filter(|record| record.key.digest() == key)
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), StoreError> {
        let path = path(folder, self.key.digest());
        write_atomically(&path, &self.to_bytes()).map_err(StoreError::io("writing record", &path))
    }

    /// None when there is none, or it is damaged: the stage then runs again.
    pub(super) fn read(folder: &Path, key: Digest) -> Option<Self> {
        Self::from_bytes(key, &fs::read(path(folder, key)).ok()?)
    }

    /// All readable records, oldest first by when they were last used.
    pub(super) fn all(folder: &Path) -> Vec<(Digest, Self)> {
        let mut records: Vec<_> = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let key = entry.file_name().to_str()?.strip_suffix(".json")?.parse().ok()?;
                let used = entry.metadata().ok()?.modified().ok()?;
                Some((used, key, Self::from_bytes(key, &fs::read(entry.path()).ok()?)?))
            })
            .collect();
        records.sort_by_key(|(used, key, _)| (*used, *key));
        records.into_iter().map(|(_, key, record)| (key, record)).collect()
    }

    pub(super) fn remove(folder: &Path, key: Digest) -> Result<(), StoreError> {
        let path = path(folder, key);
        super::disk::remove(&path).map_err(StoreError::io("removing record", &path))
    }
}

pub(super) fn path(folder: &Path, key: Digest) -> std::path::PathBuf {
    folder.join(format!("{key}.json"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::{super::key::tests::key, *};
    use crate::artifact::Kind;

    pub(in crate::store) fn record(loudness: f64, content: &[u8]) -> Record {
        let blob = BlobRef { kind: Kind::Audio, digest: Digest::of(content), name: None, bytes: content.len() as u64 };
        Record {
            stage: "bed".into(),
            key: key(loudness),
            outputs: BTreeMap::from([("music".to_owned(), vec![blob])]),
            seconds: 1.5,
            finished_ms: 1_000,
            cuesmith: "0.1.0".into(),
        }
    }

    #[test]
    fn records_come_back_by_their_key() {
        let folder = tempfile::tempdir().unwrap();
        let record = record(-16.0, b"music");
        record.write(folder.path()).unwrap();
        assert_eq!(Record::read(folder.path(), record.key.digest()), Some(record.clone()));
        assert_eq!(Record::all(folder.path()), [(record.key.digest(), record)]);
    }

    #[test]
    fn a_record_under_a_wrong_name_or_cut_short_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (record(-16.0, b"a"), record(-14.0, b"b"));
        fs::write(path(folder.path(), one.key.digest()), other.to_bytes()).unwrap();
        assert_eq!(Record::read(folder.path(), one.key.digest()), None);
        fs::write(path(folder.path(), one.key.digest()), &one.to_bytes()[..40]).unwrap();
        assert_eq!(Record::read(folder.path(), one.key.digest()), None);
        assert!(Record::all(folder.path()).is_empty());
    }
}
