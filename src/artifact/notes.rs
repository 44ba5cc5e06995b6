//! Notes of one part (melody or accompaniment), for each take.

use serde::{Deserialize, Serialize};

use super::{Kind, json_artifact};
use crate::music::Note;

/// In C major or A minor, on the grid; sorted by start, then pitch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Notes {
    pub(crate) takes: Vec<Vec<Note>>,
}

json_artifact!(Notes, Kind::Notes);
