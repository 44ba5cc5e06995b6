//! What the front and the worker both say about trouble: exit codes and the class of a stage's failure.

use serde::{Deserialize, Serialize};

/// The exit codes of the front, as documented in the README.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    Done = 0,
    Internal = 1,
    Usage = 2,
    Media = 3,
    CheckFailed = 4,
    Interrupted = 5,
    Temporary = 75,
}

/// Who has to act when a stage failed; decides the exit code and whether a retry makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FailureClass {
    /// A parameter, recipe, script or weight file does not fit.
    Usage,
    /// The input file is broken, unsupported or over a limit.
    Media,
    /// A check refused the result.
    Check,
    /// Disk full, memory short, device busy: worth another try.
    Temporary,
    /// Our own fault.
    Internal,
}

impl From<FailureClass> for Exit {
    fn from(class: FailureClass) -> Self {
        match class {
            FailureClass::Usage => Self::Usage,
            FailureClass::Media => Self::Media,
            FailureClass::Check => Self::CheckFailed,
            FailureClass::Temporary => Self::Temporary,
            FailureClass::Internal => Self::Internal,
        }
    }
}

/// Why a stage failed, in a form that crosses the process border. One line; says the value, the limit, the next step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub(crate) struct StageError {
    pub(crate) class: FailureClass,
    pub(crate) message: String,
    /// The hit of the recipe that is to blame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hit: Option<BadHit>,
}

/// A hit that no picture lies under.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BadHit {
    /// Among the hits in order of time.
    pub(crate) number: usize,
    pub(crate) time: f64,
    pub(crate) video_seconds: f64,
}

impl StageError {
    pub(crate) fn new(class: FailureClass, message: impl Into<String>) -> Self {
        Self { class, message: message.into(), hit: None }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(FailureClass::Usage, message)
    }

    pub(crate) fn media(message: impl Into<String>) -> Self {
        Self::new(FailureClass::Media, message)
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(FailureClass::Internal, message)
    }
}

impl From<std::io::Error> for StageError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{OutOfMemory, QuotaExceeded, ResourceBusy, StorageFull};
        let class = match error.kind() {
            StorageFull | QuotaExceeded | OutOfMemory | ResourceBusy => FailureClass::Temporary,
            _ => FailureClass::Internal,
        };
        Self::new(class, error.to_string())
    }
}
