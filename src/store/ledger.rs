//! The ledger: one small file a run, from its start on. A run without an end was killed, or still runs.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};

use super::{StoreError, disk::write_atomically};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunEntry {
    pub(crate) pid: u32,
    pub(crate) started_ms: i64,
    pub(crate) recipe: String,
    /// As people named them; lossy where a name is not UTF-8.
    pub(crate) inputs: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) end: Option<RunEnd>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunEnd {
    pub(crate) exit: u8,
    pub(crate) seconds: f64,
    pub(crate) hits: usize,
    pub(crate) misses: usize,
    pub(crate) failed: usize,
}

impl RunEntry {
    /// Sorts by start; the process tells apart what starts in one millisecond.
    pub(super) fn id(&self) -> String {
        format!("{:015}-{}", self.started_ms, self.pid)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("ledger entries are plain data")
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), StoreError> {
        let path = folder.join(format!("{}.json", self.id()));
        write_atomically(&path, &self.to_bytes()).map_err(StoreError::io("writing ledger", &path))
    }

    /// The newest `count` entries, newest first.
    pub(super) fn newest(folder: &Path, count: usize) -> Vec<Self> {
        let mut names: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path()).collect();
        names.sort_unstable();
        names.iter().rev().filter_map(|path| serde_json::from_slice(&fs::read(path).ok()?).ok()).take(count).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_come_first_and_an_end_replaces_its_start() {
        let folder = tempfile::tempdir().unwrap();
        let entry = |started_ms| RunEntry { pid: 7, started_ms, recipe: "vlog".into(), inputs: vec![], end: None };
        for started_ms in [5, 3000, 40] {
            entry(started_ms).write(folder.path()).unwrap();
        }
        let end = Some(RunEnd { exit: 0, seconds: 0.5, hits: 3, misses: 1, failed: 0 });
        RunEntry { end, ..entry(3000) }.write(folder.path()).unwrap();
        let newest = RunEntry::newest(folder.path(), 2);
        assert_eq!(newest.iter().map(|entry| entry.started_ms).collect::<Vec<_>>(), [3000, 40]);
        assert_eq!(newest[0].end, end);
    }
}
