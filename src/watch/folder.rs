//! A watched folder: where files come, what is made of them, and where it goes.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use super::{Filter, Job, Mount};
use crate::report::PastRun;

#[derive(Debug)]
pub(crate) struct Folder {
    /// Tells folders apart, also after a restart.
    pub(crate) name: String,
    /// Absolute.
    pub(crate) path: Mount,
    /// Absolute.
    pub(crate) out: Mount,
    pub(crate) recipe: PathBuf,
    pub(crate) set: Vec<String>,
    pub(crate) seed: Option<u64>,
    pub(crate) filter: Filter,
    pub(crate) is_recursive: bool,
    /// Of the video; 0 and infinity take all.
    pub(crate) seconds: (f64, f64),
    /// Where broken files go; none leaves them where they are.
    pub(crate) quarantine: Option<PathBuf>,
    /// Seconds between two looks where no events are used.
    pub(crate) poll_seconds: Option<f64>,
}

impl Folder {
    /// Where a job's results could go, below `out`: folders below the watched one are kept, versions are numbered, and
    /// so are files that differ in their ending alone. `is_taken` says which places other jobs have.
    pub(crate) fn place(&self, job: &Job, is_taken: impl Fn(&Path) -> bool) -> PathBuf {
        let below = job.input.0.strip_prefix(&self.path.path).unwrap_or(&job.input.0);
        let stem = below.file_stem().unwrap_or(OsStr::new("clip"));
        let folder = below.parent().unwrap_or(Path::new(""));
        let mut name = stem.to_owned();
        if job.version > 1 {
            name.push(format!(".v{}", job.version));
        }
        let numbered = (1..).map(|number: usize| {
            let mut name = name.clone();
            if number > 1 {
                name.push(format!("-{number}"));
            }
            folder.join(name)
        });
        numbered.into_iter().find(|place| !is_taken(place)).unwrap_or_else(|| folder.join(&name))
    }
}

/// Whether something lies at `place` that is not this input's results.
pub(super) fn is_anothers(place: &Path, input: &Path) -> bool {
    match fs::symlink_metadata(place) {
        Ok(meta) if meta.is_dir() => {
            let is_empty = fs::read_dir(place).is_ok_and(|mut entries| entries.next().is_none());
            !is_empty && !PastRun::read(&place.join("run.json")).is_ok_and(|run| run.belongs_to(Some(input)))
        }
        Ok(_) => true,
        Err(_) => false,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::watch::Stamp;

    pub(crate) fn folder(path: &Path) -> Folder {
        Folder {
            name: "in".to_owned(),
            path: Mount::new(path.to_owned()),
            out: Mount::new(path.join("out")),
            recipe: "demo".into(),
            set: Vec::new(),
            seed: None,
            filter: Filter::default(),
            is_recursive: true,
            seconds: (0.0, f64::INFINITY),
            quarantine: Some(path.join("quarantine")),
            poll_seconds: None,
        }
    }

    fn job(path: &str, version: u32) -> Job {
        let mut job = Job::seen("in", Path::new(path), Stamp { bytes: 1, modified_ns: 1, inode: 1 }, 0);
        job.version = version;
        job
    }

    #[test]
    fn results_lie_as_the_files_lie() {
        let folder = folder(Path::new("/in"));
        let place = |path: &str, version, taken: &[&str]| {
            let place = folder.place(&job(path, version), |place| taken.iter().any(|taken| Path::new(taken) == place));
            place.to_str().unwrap().to_owned()
        };
        assert_eq!(place("/in/clip.mp4", 1, &[]), "clip");
        assert_eq!(place("/in/day/one/clip.mp4", 1, &[]), "day/one/clip");
        assert_eq!(place("/in/clip.mov", 1, &["clip"]), "clip-2");
        assert_eq!(place("/in/clip.mp4", 2, &["clip"]), "clip.v2");
    }
}
