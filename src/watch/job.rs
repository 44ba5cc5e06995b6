//! A job: one version of the music for one file in a watched folder, from the first look at the file to its end.

use std::{fmt, path::Path, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Stamp;
use crate::{digest::Digest, error::FailureClass, run::protocol::FilePath};

/// Sixteen hexadecimal digits, made from folder, path and version: the same for the same file after a restart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct JobId(String);

impl JobId {
    pub(crate) fn new(folder: &str, input: &Path, version: u32) -> Self {
        let mut name = folder.as_bytes().to_vec();
        name.push(0);
        name.extend_from_slice(input.as_os_str().as_encoded_bytes());
        name.push(0);
        name.extend_from_slice(&version.to_le_bytes());
        Self(Digest::of(&name).to_string()[..DIGITS].to_owned())
    }
}

const DIGITS: usize = 16;

#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no job; jobs are called by {DIGITS} hexadecimal digits")]
pub(crate) struct NoJobId(String);

impl FromStr for JobId {
    type Err = NoJobId;

    fn from_str(text: &str) -> Result<Self, NoJobId> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == DIGITS && text.bytes().all(is_digit) {
            return Ok(Self(text.to_owned()));
        }
        Err(NoJobId(text.chars().take(40).collect()))
    }
}

impl TryFrom<String> for JobId {
    type Error = NoJobId;

    fn try_from(text: String) -> Result<Self, NoJobId> {
        text.parse()
    }
}

impl From<JobId> for String {
    fn from(id: JobId) -> Self {
        id.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// The file is there; it has not stood still long enough.
    Seen,
    /// For a lane, for the end of a pause, or for what `reason` says.
    Waiting,
    Running,
    Done,
    Failed,
    /// The file was moved away because it is broken.
    Quarantined,
    /// The file went away before the job was done.
    Gone,
    /// The folder does not take such a file: too short, too long.
    Ignored,
}

impl State {
    pub(crate) const ALL: [Self; 8] = [
        Self::Seen,
        Self::Waiting,
        Self::Running,
        Self::Done,
        Self::Failed,
        Self::Quarantined,
        Self::Gone,
        Self::Ignored,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Quarantined => "quarantined",
            Self::Gone => "gone",
            Self::Ignored => "ignored",
        }
    }

    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Seen | Self::Waiting | Self::Running)
    }
}

/// Why a job waits or failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reason {
    pub(crate) class: FailureClass,
    /// One line.
    pub(crate) message: String,
}

/// What a finished job came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct JobResult {
    /// Folder of the results.
    pub(crate) folder: FilePath,
    pub(crate) seconds: f64,
    /// Stages from the cache, and stages that ran.
    pub(crate) hits: usize,
    pub(crate) made: usize,
    /// What the run had to say: warnings of checks, kept files.
    pub(crate) notes: Vec<String>,
}

/// All times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) id: JobId,
    /// Name of the watched folder.
    pub(crate) folder: String,
    /// Absolute.
    pub(crate) input: FilePath,
    pub(crate) stamp: Stamp,
    /// Digest of the input, once it was read.
    #[serde(default)]
    pub(crate) content: Option<Digest>,
    pub(crate) state: State,
    /// Tries that ended in trouble since the file last changed.
    pub(crate) attempts: u32,
    #[serde(default)]
    pub(crate) reason: Option<Reason>,
    pub(crate) seen_ms: i64,
    /// Since when the file stands still as it is, as far as is known.
    pub(crate) still_ms: i64,
    /// No start before this.
    #[serde(default)]
    pub(crate) not_before_ms: i64,
    #[serde(default)]
    pub(crate) started_ms: Option<i64>,
    #[serde(default)]
    pub(crate) ended_ms: Option<i64>,
    /// Of the plan that the last try was made with.
    #[serde(default)]
    pub(crate) recipe: Option<Digest>,
    /// 1 is what the watched folder asks for; the others were ordered with other knobs.
    pub(crate) version: u32,
    /// What is laid over the recipe, as `--set` takes it.
    #[serde(default)]
    pub(crate) set: Vec<String>,
    /// Name of the folder of results below the out folder, once it was chosen.
    #[serde(default)]
    pub(crate) place: Option<FilePath>,
    #[serde(default)]
    pub(crate) result: Option<JobResult>,
    /// Where the file lies in quarantine.
    #[serde(default)]
    pub(crate) quarantined: Option<FilePath>,
}

impl Job {
    /// A file that was just seen.
    pub(crate) fn seen(folder: &str, input: &Path, stamp: Stamp, now_ms: i64) -> Self {
        Self {
            id: JobId::new(folder, input, 1),
            folder: folder.to_owned(),
            input: FilePath(input.to_owned()),
            stamp,
            content: None,
            state: State::Seen,
            attempts: 0,
            reason: None,
            seen_ms: now_ms,
            still_ms: now_ms,
            not_before_ms: 0,
            started_ms: None,
            ended_ms: None,
            recipe: None,
            version: 1,
            set: Vec::new(),
            place: None,
            result: None,
            quarantined: None,
        }
    }

    /// Name of the file, on one line.
    pub(crate) fn name(&self) -> String {
        let name = self.input.0.file_name().unwrap_or(self.input.0.as_os_str()).to_string_lossy();
        let name = name.replace(char::is_control, "?");
        if self.version > 1 { format!("{name} (version {})", self.version) } else { name }
    }

    /// How it ended, in one line.
    pub(super) fn ending(&self) -> String {
        let reason = self.reason.as_ref().map(|reason| reason.message.as_str()).unwrap_or_default();
        match (&self.result, &self.quarantined) {
            (Some(result), _) if self.state == State::Done => {
                let (all, hits) = (result.hits + result.made, result.hits);
                let folder = result.folder.0.display();
                format!(
                    "{} done: {folder} in {:.1} s, {hits} of {all} stages from the cache",
                    self.name(),
                    result.seconds
                )
            }
            (_, Some(path)) => format!("{} is broken and lies in {} now: {reason}", self.name(), path.0.display()),
            _ => {
                let tries = if self.attempts > 1 { format!(" after {} tries", self.attempts) } else { String::new() };
                format!("{} failed{tries}: {reason}", self.name())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_has_the_same_name_after_a_restart_and_another_for_each_version() {
        let id = |folder: &str, path: &str, version| JobId::new(folder, Path::new(path), version);
        assert_eq!(id("in", "/in/a.mp4", 1), id("in", "/in/a.mp4", 1));
        let others = [id("in2", "/in/a.mp4", 1), id("in", "/in/b.mp4", 1), id("in", "/in/a.mp4", 2)];
        assert!(others.iter().all(|other| *other != id("in", "/in/a.mp4", 1)));
        assert_eq!(id("in", "/in/a.mp4", 1).to_string().parse::<JobId>().unwrap(), id("in", "/in/a.mp4", 1));
    }

    #[test]
    fn what_is_no_name_of_a_job_is_refused() {
        for text in ["", "../../etc/passwd", "ABCDEF0123456789", "0123456789abcde", "0123456789abcdef0"] {
            assert!(text.parse::<JobId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_job_is_read_as_it_was_written() {
        let stamp = Stamp { bytes: 5, modified_ns: 1_764_000_000_123_456_789, inode: 9 };
        let job = Job::seen("in", Path::new("/in/a.mp4"), stamp, 7);
        let text = serde_json::to_string(&job).unwrap();
        assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job);
    }
}
