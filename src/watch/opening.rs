//! Opens a file that stood still: may it be read, does somebody still write to it, what is in it?

use std::{
    fs::{self, File},
    io,
    os::fd::AsRawFd,
    path::Path,
};

use super::{Reason, Stamp, desk::Opened};
use crate::{
    error::{FailureClass, StageError},
    store::Store,
};

/// What the file is now, and what came of opening it. Reads it whole.
pub(super) fn open(store: &Store, path: &Path) -> Option<(Stamp, Opened)> {
    let before = stamp(path)?;
    let opened = match File::open(path) {
        Ok(file) if is_written_to(&file) => Opened::Busy,
        Ok(_) => match store.digest(path) {
            Ok(digest) => Opened::Ready(digest),
            Err(error) => Opened::Trouble(reason(path, &error)),
        },
        Err(error) => Opened::Trouble(reason(path, &error)),
    };
    match stamp(path)? {
        after if after == before => Some((before, opened)),
        after => Some((after, Opened::Busy)),
    }
}

/// As the watch looks at it: a link is what it links to.
pub(super) fn stamp(path: &Path) -> Option<Stamp> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|meta| Stamp::of(&meta))
}

/// Permissions may be put right, a share may come back: all of it is worth another try.
fn reason(path: &Path, error: &io::Error) -> Reason {
    let message = match StageError::from(io::Error::from(error.kind())).class {
        FailureClass::Temporary => format!("{error}"),
        _ => format!("{} can't be read: {error}", path.display()),
    };
    Reason { class: FailureClass::Temporary, message }
}

/// A read lease is refused while another process has the file open for writing. Where there are no leases (network
/// shares, files of others), nobody knows, and the time for which the file stood still has to do.
#[expect(unsafe_code, reason = "rustix has no leases; the descriptor is open as long as `file` lives")]
fn is_written_to(file: &File) -> bool {
    // SAFETY: fcntl with F_SETLEASE takes a descriptor and an integer, and touches no memory of ours.
    let set = |kind: libc::c_int| unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, kind) };
    let is_refused = set(libc::F_RDLCK) == -1 && io::Error::last_os_error().kind() == io::ErrorKind::WouldBlock;
    if !is_refused {
        set(libc::F_UNLCK);
    }
    is_refused
}

#[cfg(test)]
mod tests {
    use std::{io::Write, os::unix::fs::PermissionsExt};

    use super::*;
    use crate::digest::Digest;

    #[test]
    fn a_file_that_is_still_written_to_is_busy() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store")).unwrap();
        let path = folder.path().join("a.mp4");
        let mut writer = File::create(&path).unwrap();
        writer.write_all(b"half").unwrap();
        assert_eq!(open(&store, &path).unwrap().1, Opened::Busy);
        drop(writer);
        assert_eq!(open(&store, &path).unwrap().1, Opened::Ready(Digest::of(b"half")));
        assert_eq!(open(&store, &folder.path().join("none")), None);
    }

    #[test]
    fn what_may_not_be_read_is_trouble() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store")).unwrap();
        let path = folder.path().join("a.mp4");
        fs::write(&path, "x").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o0)).unwrap();
        // Who may read everything sees no trouble.
        match open(&store, &path).unwrap().1 {
            Opened::Trouble(reason) => assert!(reason.message.contains("Permission denied"), "{reason:?}"),
            opened => assert!(rustix::process::geteuid().is_root(), "{opened:?}"),
        }
    }
}
