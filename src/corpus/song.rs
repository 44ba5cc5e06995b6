//! A training song on the grid, in C major or A minor.

use serde::{Deserialize, Serialize};

use crate::{
    artifact::{BarPicture, Kind, json_artifact},
    music::{Chord, Mode, Note},
};

/// A data set: songs and a report of what was left out and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Corpus {
    pub(crate) name: String,
    pub(crate) licence: String,
    pub(crate) songs: Vec<Song>,
    /// `song id: reason`, in order of id.
    pub(crate) left_out: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Split {
    Train,
    Validation,
    Test,
}

/// Plain 4/4, 16 steps a bar; step 0 is the first downbeat, the tempo lies in 70..140 beats a minute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Song {
    pub(crate) id: String,
    pub(crate) split: Split,
    /// Transposed to C major (major) or A minor (minor).
    pub(crate) mode: Mode,
    pub(crate) bpm: f64,
    pub(crate) bars: usize,
    /// Two a bar: `2 * bars`.
    pub(crate) chords: Vec<Chord>,
    /// One voice: sorted, no overlaps.
    pub(crate) melody: Vec<Note>,
    /// Sorted by start, then pitch.
    pub(crate) accompaniment: Vec<Note>,
    /// Valence and arousal of each bar, -1..1, where a meter has measured them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) affect: Vec<[f32; 2]>,
    /// What the video shows in each bar, for songs that come with one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) picture: Vec<BarPicture>,
}

impl Corpus {
    /// Whether any of its songs comes with a video.
    pub(crate) fn has_pictures(&self) -> bool {
        self.songs.iter().any(|song| !song.picture.is_empty())
    }
}

json_artifact!(Corpus, Kind::Dataset);
