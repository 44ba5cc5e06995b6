//! What people ask of a running watch.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::JobId;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wish {
    /// Do a failed, gone or done job again, from its first try on.
    Retry(JobId),
    /// Bring a file back from quarantine and do its job again.
    Release(JobId),
    /// Stop a waiting or running job; it counts as failed.
    Cancel(JobId),
    /// Another version of the music for the same file, with other knobs: `set` as `--set` takes it.
    Version { of: JobId, set: Vec<String> },
}

impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retry(id) => write!(f, "{id} again"),
            Self::Release(id) => write!(f, "{id} out of quarantine"),
            Self::Cancel(id) => write!(f, "an end of {id}"),
            Self::Version { of, set } => write!(f, "another version of {of} with {}", set.join(" ")),
        }
    }
}
