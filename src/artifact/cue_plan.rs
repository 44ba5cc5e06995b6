//! The cue plan: where bars lie in time, in which key, and where the music ends.

use serde::{Deserialize, Serialize};

use super::{Cut, Kind, json_artifact};
use crate::music::Key;

/// Bars from 0 to `end_seconds` without a hole; the last one ends with the picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CuePlan {
    /// The key that is heard; chords and notes stay in C major or A minor until they are arranged.
    pub(crate) key: Key,
    pub(crate) tempo_map: Vec<TempoMark>,
    pub(crate) bars: Vec<Bar>,
    pub(crate) sections: Vec<Section>,
    pub(crate) end_seconds: f64,
    pub(crate) cuts: Vec<Cut>,
    /// Moments that people wrote into the recipe, in order.
    #[serde(default)]
    pub(crate) hits: Vec<Hit>,
    /// What people should know of the plan: a tempo outside its range, a short bar.
    #[serde(default)]
    pub(crate) notes: Vec<String>,
}

/// A moment of the picture that the music has to meet, and how.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Hit {
    /// Seconds from the first picture.
    pub(crate) time: f64,
    pub(crate) kind: HitKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HitKind {
    /// A full chord, struck louder.
    Accent,
    /// A struck chord, then silence up to the next start or downbeat.
    Stop,
    /// Music that begins after silence.
    Start,
}

/// The tempo from `time` (seconds) on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TempoMark {
    pub(crate) time: f64,
    /// Quarter beats a minute.
    pub(crate) bpm: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bar {
    /// Seconds of the downbeat.
    pub(crate) start: f64,
    /// Quarter beats: 4, or 2 where a short bar saves a hit.
    pub(crate) beats: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Section {
    pub(crate) name: String,
    pub(crate) first_bar: usize,
    pub(crate) bars: usize,
}

impl CuePlan {
    /// For people: one tempo, or from the slowest to the fastest.
    pub(crate) fn tempo_text(&self) -> String {
        let tempi = self.tempo_map.iter().map(|mark| mark.bpm);
        let (low, high) = (tempi.clone().fold(f64::INFINITY, f64::min), tempi.fold(0.0, f64::max));
        if low < high { format!("{low:.1} to {high:.1}") } else { format!("{high:.1}") }
    }
}

json_artifact!(CuePlan, Kind::CuePlan);
