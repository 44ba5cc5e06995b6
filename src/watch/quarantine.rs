//! Moves broken files out of the way, with a text beside each that says why, and brings them back.

use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::{Folder, Job};
use crate::store::write_atomically;

const REASON: &str = ".reason.txt";

/// Gives where the file is now. An earlier one of its name there stays.
pub(crate) fn put_away(folder: &Folder, job: &Job) -> Result<PathBuf, String> {
    let quarantine = folder.quarantine.as_deref().ok_or("this folder has no quarantine")?;
    fs::create_dir_all(quarantine).map_err(|error| format!("making {}: {error}", quarantine.display()))?;
    let name = job.input.0.file_name().ok_or("it has no name")?;
    let to = move_to_free_name(&job.input.0, quarantine, name)?;
    let reason = job.reason.as_ref().map(|reason| reason.message.as_str()).unwrap_or_default();
    let text = format!(
        "{reason}\n\nIt came as {}. Put it right and move it back, or `cuesmith jobs release {}` brings it back as it is.\n",
        job.input.0.display(),
        job.id,
    );
    // The file is away already; a text that can't be written must not bring it back.
    let _ = write_atomically(&with_ending(&to), text.as_bytes());
    Ok(to)
}

/// Gives where the file is again: where it came from.
pub(crate) fn bring_back(job: &Job) -> Result<PathBuf, String> {
    let from = &job.quarantined.as_ref().ok_or("it is in no quarantine")?.0;
    let to = &job.input.0;
    if let Some(above) = to.parent() {
        fs::create_dir_all(above).map_err(|error| format!("making {}: {error}", above.display()))?;
    }
    rename(from, to).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => format!("another file is at {} now", to.display()),
        _ => format!("moving {} to {}: {error}", from.display(), to.display()),
    })?;
    let _ = fs::remove_file(with_ending(from));
    Ok(to.clone())
}

fn with_ending(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(REASON);
    name.into()
}

/// `a.mp4`, or `a-2.mp4` and so on.
fn move_to_free_name(from: &Path, folder: &Path, name: &std::ffi::OsStr) -> Result<PathBuf, String> {
    let path = Path::new(name);
    for number in 1..10_000 {
        let mut numbered: OsString = path.file_stem().unwrap_or(name).to_owned();
        if number > 1 {
            numbered.push(format!("-{number}"));
        }
        if let Some(ending) = path.extension() {
            numbered.push(".");
            numbered.push(ending);
        }
        let to = folder.join(numbered);
        match rename(from, &to) {
            Ok(()) => return Ok(to),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(format!("moving it to {}: {error}", folder.display())),
        }
    }
    Err(format!("{} holds too many files of this name", folder.display()))
}

/// Never over another file; a quarantine on another disk gets a copy that is whole before the file goes.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::XDEV | rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => copy(from, to),
        Err(error) => Err(error.into()),
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let above = to.parent().unwrap_or(Path::new("."));
    let mut copy = tempfile::NamedTempFile::new_in(above)?;
    io::copy(&mut File::open(from)?, copy.as_file_mut())?;
    copy.as_file().sync_all()?;
    copy.persist_noclobber(to).map_err(|error| error.error)?;
    File::open(above)?.sync_all()?;
    fs::remove_file(from)
}

#[cfg(test)]
mod tests {
    use super::{super::folder::tests::folder, *};
    use crate::{
        error::FailureClass,
        run::protocol::FilePath,
        watch::{Reason, Stamp},
    };

    fn job(path: &Path) -> Job {
        let mut job = Job::seen("in", path, Stamp { bytes: 1, modified_ns: 1, inode: 1 }, 0);
        job.reason = Some(Reason { class: FailureClass::Media, message: "no picture in it".into() });
        job
    }

    #[test]
    fn a_broken_file_goes_with_its_reason_and_comes_back_without() {
        let root = tempfile::tempdir().unwrap();
        let folder = folder(root.path());
        let path = root.path().join("a.mp4");
        let put = |content: &str| {
            fs::write(&path, content).unwrap();
            put_away(&folder, &job(&path)).unwrap()
        };
        assert_eq!(put("one"), root.path().join("quarantine/a.mp4"));
        assert_eq!(put("two"), root.path().join("quarantine/a-2.mp4"));
        assert_eq!(fs::read_to_string(root.path().join("quarantine/a.mp4")).unwrap(), "one");
        let reason = fs::read_to_string(root.path().join("quarantine/a-2.mp4.reason.txt")).unwrap();
        assert!(reason.starts_with("no picture in it\n"), "{reason}");
        assert!(!path.exists());

        let mut away = job(&path);
        away.quarantined = Some(FilePath(root.path().join("quarantine/a-2.mp4")));
        assert_eq!(bring_back(&away).unwrap(), path);
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert!(!root.path().join("quarantine/a-2.mp4.reason.txt").exists());
        away.quarantined = Some(FilePath(root.path().join("quarantine/a.mp4")));
        assert!(bring_back(&away).unwrap_err().starts_with("another file is at "));
    }

    #[test]
    fn a_copy_stands_in_where_nothing_can_be_renamed() {
        let root = tempfile::tempdir().unwrap();
        let (from, to) = (root.path().join("a"), root.path().join("b"));
        fs::write(&from, "x").unwrap();
        copy(&from, &to).unwrap();
        assert!(!from.exists() && fs::read_to_string(&to).unwrap() == "x");
        fs::write(&from, "y").unwrap();
        assert_eq!(copy(&from, &to).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert!(from.exists());
    }
}
