//! Notes of one part (melody or accompaniment), for each take.

use serde::{Deserialize, Serialize};

use super::{Kind, json_artifact};
use crate::music::Note;

/// In C major or A minor, on the grid; sorted by start, then pitch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Notes {
    pub(crate) takes: Vec<Vec<Note>>,
    /// Sections that were composed anew since, in order: parts that are composed over these notes do the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) rolls: Vec<Roll>,
}

/// A section that was composed anew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Roll {
    pub(crate) rolled: Rolled,
    /// The takes before.
    pub(crate) was: Vec<Vec<Note>>,
}

/// Which bars, and which roll of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rolled {
    pub(crate) first_bar: usize,
    pub(crate) bars: usize,
    pub(crate) number: u32,
}

impl Notes {
    pub(crate) fn new(takes: Vec<Vec<Note>>) -> Self {
        Self { takes, rolls: vec![] }
    }
}

json_artifact!(Notes, Kind::Notes);
