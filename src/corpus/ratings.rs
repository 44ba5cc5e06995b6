//! Pieces of music that people rated.

use serde::{Deserialize, Serialize};

use crate::{
    artifact::{Kind, json_artifact},
    music::Sound,
};

/// Rated pieces and a report of what was left out and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ratings {
    pub(crate) name: String,
    /// Under which terms the data may be used; cards repeat it.
    pub(crate) terms: String,
    pub(crate) pieces: Vec<RatedPiece>,
    /// `piece: reason`, in order.
    pub(crate) left_out: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RatedPiece {
    pub(crate) id: String,
    /// Pieces of one group (of one game) are alike beyond what they feel like.
    pub(crate) group: String,
    /// Mean over the piece, beats a minute.
    pub(crate) bpm: f64,
    /// People's mean, -1..1: sad to glad.
    pub(crate) valence: f64,
    /// People's mean, -1..1: calm to excited.
    pub(crate) arousal: f64,
    /// Valence and arousal as people followed them, at even distances over the piece; may be empty.
    pub(crate) curve: Vec<[f64; 2]>,
    /// In real time, without drums; sorted by start, then pitch.
    pub(crate) sounds: Vec<Sound>,
}

json_artifact!(Ratings, Kind::Ratings);
