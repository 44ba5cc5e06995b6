//! What all processes of ours that another one starts have in common: workers, and the hosts of scripts.

mod last_words;

use std::{
    env, io,
    path::{Path, PathBuf},
};

use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};

pub(crate) use self::last_words::LastWords;

/// A program of ours: it lies beside the one that runs. Tests lie in a folder below.
pub(crate) fn program(name: &str) -> io::Result<PathBuf> {
    let own = env::current_exe()?;
    let beside = own.with_file_name(name);
    match own.parent().and_then(Path::parent) {
        Some(above) if cfg!(test) && !beside.exists() => Ok(above.join(name)),
        _ => Ok(beside),
    }
}

/// The kernel kills this process when its parent dies. A parent that died before this call is not noticed by it.
pub(crate) fn die_with(parent: i32) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    if getppid().map(Pid::as_raw_pid) == Some(parent) {
        Ok(())
    } else {
        Err(io::Error::other(format!("process {parent}, which started this one, is gone")))
    }
}
