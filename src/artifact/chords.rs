//! Chords, two a bar, for each take.

use serde::{Deserialize, Serialize};

use super::{Kind, json_artifact};
use crate::music::Chord;

/// In C major or A minor. `takes[t][i]` is the chord of half bar `i` (a 2/4 bar has one) in take `t`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Chords {
    pub(crate) takes: Vec<Vec<Chord>>,
    /// What people should know: what a script did to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<String>,
}

json_artifact!(Chords, Kind::Chords);
