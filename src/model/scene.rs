//! What the encoder of a note model reads: features, chord and melody of each beat.

use std::ops::Range;

use tch::{Kind, Tensor};

use super::{
    Part,
    condition::{Telling, features},
    piece::Piece,
};
use crate::music::STEPS_PER_BEAT;

/// A melody's symbol of a step: the sounding pitch, with this added where a note begins.
const ONSET: i64 = 128;
const SILENCE: i64 = 256;
pub(super) const MELODY_SYMBOLS: i64 = 257;

/// Some bars of one piece, by beats.
pub(super) struct Scene {
    pub(super) features: Vec<f32>,
    pub(super) chords: Vec<i64>,
    /// Four symbols a beat.
    pub(super) melody: Vec<i64>,
}

/// Scenes of equally many beats side by side.
pub(super) struct SceneTensors {
    /// `[batch, beats, features]`
    pub(super) features: Tensor,
    /// `[batch, beats, 1]`
    pub(super) chords: Tensor,
    /// `[batch, beats, 4]`
    pub(super) melody: Tensor,
}

impl Scene {
    pub(super) fn new(part: Part, piece: &Piece, bars: Range<usize>, shift: i32, telling: Telling) -> Self {
        let steps = step_range(piece, &bars);
        let beats = steps.start / STEPS_PER_BEAT..steps.end / STEPS_PER_BEAT;
        let chord = |beat: u32| piece.chords[beat as usize / 2].transposed(shift).index() as i64;
        Self {
            features: features(part, piece, bars, shift, telling),
            chords: beats.map(chord).collect(),
            melody: melody_symbols(piece, &steps, shift),
        }
    }
}

/// Steps of a range of bars.
pub(super) fn step_range(piece: &Piece, bars: &Range<usize>) -> Range<u32> {
    let start = |bar: usize| piece.bars.get(bar).map_or_else(|| piece.end_step(), |bar| bar.first_step);
    start(bars.start)..start(bars.end)
}

fn melody_symbols(piece: &Piece, steps: &Range<u32>, shift: i32) -> Vec<i64> {
    let mut symbols = vec![SILENCE; steps.len()];
    let notes = &piece.melody;
    let first = notes.partition_point(|note| note.start + u32::from(note.duration) <= steps.start);
    for note in notes[first..].iter().take_while(|note| note.start < steps.end) {
        let pitch = i64::from((i32::from(note.pitch) + shift).clamp(0, 127));
        let end = (note.start + u32::from(note.duration)).min(steps.end);
        for step in note.start.max(steps.start)..end {
            symbols[(step - steps.start) as usize] = pitch + if step == note.start { ONSET } else { 0 };
        }
    }
    symbols
}

impl SceneTensors {
    pub(super) fn new(scenes: &[Scene]) -> Self {
        let batch = scenes.len() as i64;
        let beats = scenes.first().map_or(0, |scene| scene.chords.len()) as i64;
        let features: Vec<f32> = scenes.iter().flat_map(|scene| scene.features.iter().copied()).collect();
        let chords: Vec<i64> = scenes.iter().flat_map(|scene| scene.chords.iter().copied()).collect();
        let melody: Vec<i64> = scenes.iter().flat_map(|scene| scene.melody.iter().copied()).collect();
        Self {
            features: Tensor::from_slice(&features).view([batch, beats, -1]),
            chords: Tensor::from_slice(&chords).view([batch, beats, 1]),
            melody: Tensor::from_slice(&melody).view([batch, beats, 4]),
        }
    }

    /// The tensors in `kind` for features, on a device.
    pub(super) fn to(&self, device: tch::Device, kind: Kind) -> Self {
        Self {
            features: self.features.to_device(device).to_kind(kind),
            chords: self.chords.to_device(device),
            melody: self.melody.to_device(device),
        }
    }
}
