//! A file as libav can open it, whatever its name.
//!
//! libav takes a name as text, reads a protocol into `a:b`, and guesses formats from endings. The number of an open
//! file has none of these traits, and stands for the same file even if it is renamed meanwhile.

use std::{
    fs::File,
    io,
    os::fd::AsRawFd,
    path::{Path, PathBuf},
};

/// Keeps the file open; `path` is good as long as this lives.
pub(crate) struct LibavPath {
    file: File,
}

impl LibavPath {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::open(path)? })
    }

    /// For a file that libav shall write: it must exist, and is emptied by libav.
    pub(crate) fn open_to_write(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::options().read(true).write(true).open(path)? })
    }

    /// Plain ASCII, without a colon and without an ending.
    pub(crate) fn path(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", self.file.as_raw_fd()))
    }
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsString, fs, os::unix::ffi::OsStringExt};

    use super::*;

    #[test]
    fn any_name_becomes_plain_text() {
        let folder = tempfile::tempdir().unwrap();
        let odd = folder.path().join(OsString::from_vec(b"http:\xff.mp4".to_vec()));
        fs::write(&odd, "content").unwrap();
        let opened = LibavPath::open(&odd).unwrap();
        assert!(opened.path().to_str().is_some_and(|text| text.is_ascii() && !text.contains(':')));
        assert_eq!(fs::read(opened.path()).unwrap(), b"content");
    }

    #[test]
    fn what_is_not_there_is_said() {
        assert_eq!(LibavPath::open(Path::new("/nowhere/clip.mp4")).err().unwrap().kind(), io::ErrorKind::NotFound);
    }
}
