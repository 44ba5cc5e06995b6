//! What is asked of the music, bar by bar.

use serde::{Deserialize, Serialize};

use super::{Kind, json_artifact};

/// One row a bar of the cue plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Conditions {
    pub(crate) bars: Vec<BarConditions>,
    /// Whether a melody is wanted at all.
    pub(crate) melody: bool,
    /// What each bar's picture shows; heard only by models that were trained on pairs of video and music.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) picture: Vec<BarPicture>,
    /// What people should know: what a script did to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<String>,
}

/// The picture over one bar. All nothing where it is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct BarPicture {
    /// Twelve hues weighted by saturation, then saturation and value with their spreads, as `feature.color` has them.
    pub(crate) color: [f32; 16],
    /// Mean and peak of the motion, 0..1 from a still picture to one that is all new, by its logarithm.
    pub(crate) motion: [f32; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BarConditions {
    /// Sad to glad, -1..1.
    pub(crate) valence: f32,
    /// Calm to excited, -1..1.
    pub(crate) arousal: f32,
    /// Accompaniment notes a bar.
    pub(crate) density: f32,
    /// Mean velocity of the accompaniment, 1..127.
    pub(crate) dynamics: f32,
    /// Mean pitch of the accompaniment, MIDI number.
    pub(crate) register: f32,
    /// Melody notes a bar.
    pub(crate) melody_density: f32,
}

json_artifact!(Conditions, Kind::Conditions);
