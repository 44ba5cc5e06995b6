//! What begins when: notes that start together as one onset, and the strength of onsets over time.

use crate::corpus::free_note::FreeNote;

pub(super) const FRAMES_PER_SECOND: f64 = 100.0;
/// Notes of one chord are struck within this time.
const TOGETHER_SECONDS: f64 = 0.03;
const LOW_PITCH: u8 = 52;
const LOW_WEIGHT: f64 = 1.6;
/// Longer notes are no stronger.
const LONGEST_SECONDS: f64 = 1.0;
const LEAST_LENGTH: f64 = 0.4;
/// A big chord counts more than a note, but not as many times as it has notes.
const COMPRESSION: f64 = 0.6;
/// How far, in frames, an onset reaches.
const SPREAD_FRAMES: f64 = 2.0;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Onset {
    pub(super) seconds: f64,
    pub(super) strength: f64,
}

/// Onsets in order of time. Loud, long and low notes are where beats are (Dixon 2001).
pub(super) fn onsets(notes: &[FreeNote]) -> Vec<Onset> {
    let mut sorted = notes.to_vec();
    sorted.sort_by(|a, b| a.start.total_cmp(&b.start));
    let groups = sorted.chunk_by(|one, next| next.start - one.start < TOGETHER_SECONDS);
    groups.map(onset).collect()
}

fn onset(notes: &[FreeNote]) -> Onset {
    let weights: Vec<f64> = notes.iter().map(weight).collect();
    let sum: f64 = weights.iter().sum();
    let seconds = notes.iter().zip(&weights).map(|(note, weight)| note.start * weight).sum::<f64>() / sum;
    Onset { seconds, strength: sum.powf(COMPRESSION) }
}

fn weight(note: &FreeNote) -> f64 {
    let length = LEAST_LENGTH + (note.end - note.start).clamp(0.0, LONGEST_SECONDS);
    let low = if note.pitch < LOW_PITCH { LOW_WEIGHT } else { 1.0 };
    f64::from(note.velocity.max(1)) / 100.0 * length * low
}

/// Strength in each frame, from `first_seconds` on, with a mean square of 1.
pub(super) fn envelope(onsets: &[Onset], first_seconds: f64, frames: usize) -> Vec<f64> {
    let mut envelope = vec![0.0; frames];
    let reach = (3.0 * SPREAD_FRAMES) as i64;
    for onset in onsets {
        let place = (onset.seconds - first_seconds) * FRAMES_PER_SECOND;
        for frame in place.round() as i64 - reach..=place.round() as i64 + reach {
            if let Some(value) = usize::try_from(frame).ok().and_then(|frame| envelope.get_mut(frame)) {
                *value += onset.strength * (-0.5 * ((frame as f64 - place) / SPREAD_FRAMES).powi(2)).exp();
            }
        }
    }
    let mean_square = envelope.iter().map(|value| value * value).sum::<f64>() / frames.max(1) as f64;
    let scale = 1.0 / mean_square.sqrt().max(1e-9);
    envelope.into_iter().map(|value| value * scale).collect()
}
