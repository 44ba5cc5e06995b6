//! A place that may be a mounted disk or share, and is an empty folder when it is not.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

#[derive(Debug)]
pub(crate) struct Mount {
    pub(crate) path: PathBuf,
    /// It was a mount point when it was looked at.
    was_mounted: AtomicBool,
}

impl Mount {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, was_mounted: AtomicBool::new(false) }
    }

    /// Whether it can be read, or why not. What was a mount point and is none now is an empty place where a share should
    /// be: its files are not gone.
    pub(crate) fn check(&self) -> Result<(), String> {
        fs::read_dir(&self.path).map_err(|error| says(&self.path, &error))?;
        self.check_mounted()
    }

    /// As `check`, for a place that need not be there yet.
    pub(crate) fn check_mounted(&self) -> Result<(), String> {
        let is_mounted = is_mount_point(&self.path);
        if self.was_mounted.fetch_or(is_mounted, Ordering::Relaxed) && !is_mounted {
            return Err(format!("nothing is mounted at {}", self.path.display()));
        }
        Ok(())
    }
}

fn says(path: &Path, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotADirectory => format!("{} is no folder", path.display()),
        _ => format!("{} can't be read: {error}", path.display()),
    }
}

fn is_mount_point(path: &Path) -> bool {
    let device = |path: &Path| fs::metadata(path).map(|meta| meta.dev()).ok();
    let above = path.parent().and_then(device);
    above.is_some_and(|above| device(path).is_some_and(|device| device != above))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(Mount::new(root.path().to_owned()).check(), Ok(()));
        let none = Mount::new(root.path().join("none"));
        assert!(none.check().unwrap_err().ends_with("none can't be read: No such file or directory (os error 2)"));
        assert_eq!(none.check_mounted(), Ok(()), "what is not there yet is made");
        fs::write(root.path().join("file"), "x").unwrap();
        assert!(Mount::new(root.path().join("file")).check().unwrap_err().ends_with("file is no folder"));
    }

    #[test]
    fn an_unmounted_place_is_not_an_empty_folder() {
        let root = tempfile::tempdir().unwrap();
        let place = Mount::new(root.path().to_owned());
        place.was_mounted.store(true, Ordering::Relaxed);
        assert!(place.check().unwrap_err().starts_with("nothing is mounted at "));
    }

    #[test]
    fn a_mount_point_is_known() {
        assert!(is_mount_point(Path::new("/proc")) && !is_mount_point(Path::new("/proc/self")));
    }
}
