//! The score: tracks with instruments, in ticks, in the key that is heard. What `score.mid` says, in our own types.

use serde::{Deserialize, Serialize};

use super::{Kind, TempoMark, json_artifact};
use crate::music::Key;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Score {
    pub(crate) key: Key,
    /// Exact tempo of each mark; `time` in seconds. The first is at 0.
    pub(crate) tempo_map: Vec<TempoMark>,
    /// Quarter beats of each bar, in order.
    pub(crate) bar_beats: Vec<u8>,
    pub(crate) tracks: Vec<ScoreTrack>,
    pub(crate) markers: Vec<Marker>,
    pub(crate) end_seconds: f64,
    /// The end in ticks at `TICKS_PER_QUARTER`.
    pub(crate) end_ticks: u32,
    /// What people should know: what a script did to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    Melody,
    Accompaniment,
    Bass,
    Pad,
    Drums,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ScoreTrack {
    /// Lower-case name; also the stem's file name.
    pub(crate) name: String,
    pub(crate) role: Role,
    /// MIDI channel 0..15; 9 is drums.
    pub(crate) channel: u8,
    /// General MIDI program 0..127.
    pub(crate) program: u8,
    pub(crate) gain_db: f32,
    /// -1 left .. 1 right.
    pub(crate) pan: f32,
    /// Room send 0..1.
    pub(crate) room: f32,
    pub(crate) notes: Vec<ScoreNote>,
    pub(crate) controls: Vec<Control>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct ScoreNote {
    pub(crate) start_ticks: u32,
    pub(crate) pitch: u8,
    pub(crate) duration_ticks: u32,
    pub(crate) velocity: u8,
}

/// A control change, for example 64 (sustain pedal).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Control {
    pub(crate) ticks: u32,
    pub(crate) controller: u8,
    pub(crate) value: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Marker {
    pub(crate) ticks: u32,
    pub(crate) text: String,
}

json_artifact!(Score, Kind::Score);
