//! The lock of a store: one writer at a time. The kernel lets go of it when its holder dies, however it dies.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{Seek, Write},
    path::Path,
    process, thread,
    time::{Duration, Instant},
};

use rustix::{
    fs::{FlockOperation, flock},
    io::Errno,
};
use serde::{Deserialize, Serialize};

use super::StoreError;

const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(50);

/// Held as long as it lives.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Who holds the lock, in its own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holder {
    pub(crate) pid: u32,
    pub(crate) command: String,
    pub(crate) since_ms: i64,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} ({})", self.pid, self.command)
    }
}

impl Lock {
    /// Tries for two seconds, then says who holds it.
    pub(super) fn take(store: &Path, cache: &Path) -> Result<Self, StoreError> {
        let path = cache.join("lock");
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = open.map_err(StoreError::io("opening lock", &path))?;
        let start = Instant::now();
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => break,
                Err(Errno::WOULDBLOCK) if start.elapsed() < PATIENCE => thread::sleep(PAUSE),
                Err(Errno::WOULDBLOCK) => {
                    return Err(StoreError::Locked { store: store.to_path_buf(), holder: holder(&path) });
                }
                Err(error) => return Err(StoreError::io("locking", &path)(error.into())),
            }
        }
        sign(&mut file).map_err(StoreError::io("writing lock", &path))?;
        Ok(Self { _file: file })
    }

    /// Who writes to the store now. Takes nothing away from a writer but a moment of its patience.
    pub(super) fn holder(cache: &Path) -> Option<Holder> {
        let path = cache.join("lock");
        let file = File::open(&path).ok()?;
        match flock(&file, FlockOperation::NonBlockingLockShared) {
            Err(Errno::WOULDBLOCK) => Some(holder(&path)),
            _ => None,
        }
    }
}

fn sign(file: &mut File) -> std::io::Result<()> {
    let command: Vec<_> = std::env::args_os().map(|part| part.to_string_lossy().into_owned()).collect();
    let since_ms = jiff::Timestamp::now().as_millisecond();
    let holder = Holder { pid: process::id(), command: command.join(" "), since_ms };
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(&serde_json::to_vec(&holder)?)
}

fn holder(path: &Path) -> Holder {
    let unknown = || Holder { pid: 0, command: "unknown".to_owned(), since_ms: 0 };
    fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_one_is_told_who_the_first_is() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Lock::holder(folder.path()), None);
        let first = Lock::take(folder.path(), folder.path()).unwrap();
        let error = Lock::take(folder.path(), folder.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("process {}", process::id())), "{error}");
        assert_eq!(Lock::holder(folder.path()).map(|holder| holder.pid), Some(process::id()));
        drop(first);
        assert_eq!(Lock::holder(folder.path()), None);
        Lock::take(folder.path(), folder.path()).unwrap();
    }
}
