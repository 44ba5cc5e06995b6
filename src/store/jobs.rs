//! Jobs of watched folders: a small file each is the truth, sled the index over them.
//!
//! What a job is made of is the business of `watch`; here it is a name and bytes. While a program writes jobs, a mark in
//! the index says so; whoever finds the mark reads the files again, because a kill may have come between the two.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Reader, Store, StoreError, disk::write_atomically, index::Shelf};

/// No job has this name: names are hexadecimal.
const OPEN_MARK: &[u8] = b"open";

impl Reader {
    pub(crate) fn jobs_folder(&self) -> PathBuf {
        self.cache().join("jobs")
    }

    /// Where the logs of jobs lie.
    pub(crate) fn job_logs(&self) -> PathBuf {
        self.cache().join("logs")
    }

    /// Where wishes for a running watch are left.
    pub(crate) fn wishes(&self) -> PathBuf {
        self.cache().join("wishes")
    }

    /// All jobs from their files, in no order.
    pub(crate) fn jobs(&self) -> Vec<Vec<u8>> {
        let files = fs::read_dir(self.jobs_folder()).into_iter().flatten().flatten().map(|entry| entry.path());
        files.filter(|path| is_job(path)).filter_map(|path| fs::read(path).ok()).collect()
    }

    fn job_path(&self, name: &str) -> PathBuf {
        self.jobs_folder().join(format!("{name}.json"))
    }
}

impl Store {
    /// All jobs, from the index, which is made anew where it was not closed in peace.
    pub(crate) fn open_jobs(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        if self.index.get(Shelf::Jobs, OPEN_MARK).is_some() {
            self.index.clear_shelf(Shelf::Jobs)?;
            self.fill_jobs()?;
        }
        let jobs = self.index.all(Shelf::Jobs).into_iter().map(|(_, job)| job.to_vec()).collect();
        self.index.put(Shelf::Jobs, OPEN_MARK, b"")?;
        Ok(jobs)
    }

    /// Index and files agree: every job that was kept is in both.
    pub(crate) fn close_jobs(&self) -> Result<(), StoreError> {
        self.index.remove(Shelf::Jobs, OPEN_MARK)?;
        self.index.flush()
    }

    pub(super) fn fill_jobs(&self) -> Result<(), StoreError> {
        let folder = fs::read_dir(self.jobs_folder()).into_iter().flatten().flatten().map(|entry| entry.path());
        for path in folder.filter(|path| is_job(path)) {
            if let (Some(name), Ok(bytes)) = (path.file_stem(), fs::read(&path)) {
                self.index.put_later(Shelf::Jobs, name.as_encoded_bytes(), &bytes)?;
            }
        }
        Ok(())
    }

    /// Written to its file when this returns.
    pub(crate) fn keep_job(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.job_path(name);
        write_atomically(&path, bytes).map_err(StoreError::io("writing job", &path))?;
        self.index.put_later(Shelf::Jobs, name.as_bytes(), bytes)
    }
}

fn is_job(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(jobs: Vec<Vec<u8>>) -> Vec<String> {
        let mut names: Vec<_> = jobs.into_iter().map(|job| String::from_utf8(job).unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn jobs_are_there_after_a_peaceful_end_after_a_kill_and_without_an_index() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        assert!(store.open_jobs().unwrap().is_empty());
        store.keep_job("a1", b"one").unwrap();
        store.keep_job("b2", b"two").unwrap();
        store.close_jobs().unwrap();
        drop(store);
        // In peace: the index is enough.
        let store = Store::open(folder.path()).unwrap();
        fs::rename(store.job_path("a1"), folder.path().join("aside")).unwrap();
        assert_eq!(names(store.open_jobs().unwrap()), ["one", "two"]);
        fs::rename(folder.path().join("aside"), store.job_path("a1")).unwrap();
        // A kill between file and index: the file counts.
        fs::write(store.job_path("b2"), b"three").unwrap();
        drop(store);
        let store = Store::open(folder.path()).unwrap();
        assert_eq!(names(store.open_jobs().unwrap()), ["one", "three"]);
        drop(store);
        fs::remove_dir_all(folder.path().join("cache/index")).unwrap();
        let store = Store::open(folder.path()).unwrap();
        assert_eq!(names(store.open_jobs().unwrap()), ["one", "three"]);
    }
}
