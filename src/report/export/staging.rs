//! A hidden folder beside the place of results: filled, synced, then put in place in one step.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{CWD, FlockOperation, RenameFlags, flock, renameat_with},
    io::Errno,
};
use tempfile::TempDir;

use super::{ExportError, ExportFile, place::folder_of};
use crate::{digest::Digest, store::Blobs};

const PREFIX: &str = ".cuesmith-new-";

/// Removed when it is dropped before it was put in place. Locked, so that who sweeps can tell it from a dead one.
pub(super) struct Staging {
    folder: TempDir,
    _lock: Option<File>,
}

impl Staging {
    pub(super) fn new(out: &Path) -> Result<Self, ExportError> {
        fs::create_dir_all(out).map_err(ExportError::io("making folder", out))?;
        sweep(out);
        let made = tempfile::Builder::new().prefix(PREFIX).tempdir_in(out);
        let folder = made.map_err(ExportError::io("making a folder in", out))?;
        let lock = File::open(folder.path()).ok();
        let lock = lock.filter(|lock| flock(lock, FlockOperation::NonBlockingLockExclusive).is_ok());
        Ok(Self { folder, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A copy, never a link: people edit results, and the store must not notice.
    pub(super) fn copy(&self, blobs: &Blobs, file: &ExportFile) -> Result<(), ExportError> {
        let (from, to) = (blobs.path(file.blob.digest), self.path().join(&file.path));
        make_folder_of(&to)?;
        let copy = || {
            let mut copy = File::create_new(&to)?;
            io::copy(&mut File::open(&from)?, &mut copy)?;
            copy.sync_all()
        };
        copy().map_err(ExportError::io("copying to", &to))?;
        let found = Digest::of_file(&to).map_err(ExportError::io("reading", &to))?;
        if found != file.blob.digest {
            let _ = blobs.remove(file.blob.digest);
            return Err(ExportError::Damaged { path: file.path.clone(), digest: file.blob.digest });
        }
        Ok(())
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), ExportError> {
        let path = self.path().join(name);
        let write = || {
            let mut file = File::create_new(&path)?;
            io::Write::write_all(&mut file, bytes)?;
            file.sync_all()
        };
        write().map_err(ExportError::io("writing", &path))
    }

    /// Takes a file that stays: a second name for it here until its old folder goes, so that a kill loses nothing.
    pub(super) fn adopt(&self, from: &Path, to: &Path) -> Result<(), ExportError> {
        let to = self.path().join(to);
        make_folder_of(&to)?;
        let linked = fs::hard_link(from, &to).or_else(|_| fs::copy(from, &to).map(|_| ()));
        linked.map_err(ExportError::io("keeping", from))
    }

    /// Puts it at `place`; an old folder there goes away as a whole.
    pub(super) fn put(self, place: &Path) -> Result<(), ExportError> {
        let out = folder_of(place);
        self.sync_folders().map_err(ExportError::io("syncing", self.path()))?;
        self.swap(place).map_err(ExportError::io("putting in place", place))?;
        File::open(out).and_then(|out| out.sync_all()).map_err(ExportError::io("syncing", out))
    }

    fn sync_folders(&self) -> io::Result<()> {
        let folders = walkdir::WalkDir::new(self.path()).into_iter().flatten();
        folders.filter(|entry| entry.file_type().is_dir()).try_for_each(|folder| File::open(folder.path())?.sync_all())
    }

    fn swap(self, place: &Path) -> io::Result<()> {
        match renameat_with(CWD, self.path(), CWD, place, RenameFlags::EXCHANGE) {
            // What is dropped with the staging folder's name is now the old folder.
            Ok(()) => Ok(()),
            Err(Errno::NOENT) => self.put_first(place),
            Err(Errno::INVAL | Errno::NOSYS | Errno::XDEV) => self.put_after_moving_aside(place),
            Err(error) => Err(error.into()),
        }
    }

    fn put_first(self, place: &Path) -> io::Result<()> {
        fs::rename(self.path(), place)?;
        let _ = self.folder.keep();
        Ok(())
    }

    /// For file systems without exchange: a kill between the two steps leaves the old folder under another name.
    fn put_after_moving_aside(self, place: &Path) -> io::Result<()> {
        let aside: PathBuf = place.with_file_name(format!(".cuesmith-old-{}", std::process::id()));
        fs::rename(place, &aside)?;
        self.put_first(place)?;
        fs::remove_dir_all(aside)
    }
}

/// Removes what killed runs left behind: nobody holds its lock.
fn sweep(out: &Path) {
    for entry in fs::read_dir(out).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes());
        let Some(folder) = is_ours.then(|| File::open(entry.path()).ok()).flatten() else { continue };
        if flock(&folder, FlockOperation::NonBlockingLockExclusive).is_ok() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn make_folder_of(path: &Path) -> Result<(), ExportError> {
    let folder = path.parent().expect("paths in a staging folder have a parent");
    fs::create_dir_all(folder).map_err(ExportError::io("making folder", folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_dropped_one_leaves_nothing() {
        let out = tempfile::tempdir().unwrap();
        let staging = Staging::new(out.path()).unwrap();
        staging.write("run.json", b"{}").unwrap();
        drop(staging);
        assert_eq!(names(out.path()), Vec::<String>::new());
    }

    #[test]
    fn an_old_folder_is_swapped_out_with_and_without_exchange() {
        for put in [Staging::swap, Staging::put_after_moving_aside] {
            let out = tempfile::tempdir().unwrap();
            let place = out.path().join("clip");
            fs::create_dir(&place).unwrap();
            fs::write(place.join("old"), "old").unwrap();
            let staging = Staging::new(out.path()).unwrap();
            staging.write("new", b"new").unwrap();
            put(staging, &place).unwrap();
            assert_eq!(names(out.path()), ["clip"]);
            assert_eq!(names(&place), ["new"]);
        }
    }

    #[test]
    fn sweeping_takes_the_dead_and_leaves_the_living() {
        let out = tempfile::tempdir().unwrap();
        let living = Staging::new(out.path()).unwrap();
        let dead = out.path().join(format!("{PREFIX}dead"));
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join("half"), "x").unwrap();
        sweep(out.path());
        assert!(living.path().exists() && !dead.exists());
    }
}
