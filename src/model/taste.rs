//! What ears mind and theory does not forbid, as gentle odds: a pitch struck over and over, a tune that ticks like a
//! metronome, an ending off the tonic.

use super::{Part, piece::Piece, token::LOWEST_PITCH};
use crate::music::{Chord, Note, STEPS_PER_HALF_BAR};

/// A pitch struck more often than this in a row is less and less wanted.
const PATIENCE: usize = 3;
const TIRED: f32 = -0.6;
/// A tune whose last distances are one and the same in more than this share of so many is tired of it. Real tunes of 32 bars
/// have up to 0.89 of one distance, but seldom at a stretch.
const REMEMBERED: usize = 24;
const EVEN_SHARE: f32 = 0.85;
const TICKING: f32 = -1.0;
/// A pitch that is less likely than this share of the likeliest is a slip: thousands of notes draw many of them, and they are
/// what makes a piece reach higher and lower than songs do.
const SLIP_SHARE: f32 = 0.003;
const FORGOTTEN: f32 = -30.0;
/// Of the tonic, in the last bar.
const HOME: f32 = 1.5;

/// Leans on the pitches of a melody's note that begins at `start`.
pub(super) fn lean(part: Part, piece: &Piece, start: u32, notes: &[Note], logits: &mut [f32]) {
    if part != Part::Melody {
        return;
    }
    let chord = piece.chords.get((start / STEPS_PER_HALF_BAR) as usize).copied().unwrap_or(Chord::None);
    let closes = piece.bars.last().is_some_and(|last| start >= last.first_step);
    let last = notes.last().map(|note| note.pitch);
    let struck = notes.iter().rev().take_while(|note| Some(note.pitch) == last).count();
    for (key, logit) in logits.iter_mut().enumerate() {
        let pitch = LOWEST_PITCH + key as u8;
        if closes && chord.root() == Some(pitch % 12) {
            *logit += HOME;
        }
        if struck >= PATIENCE && last == Some(pitch) {
            *logit += TIRED * (struck + 1 - PATIENCE) as f32;
        }
    }
}

/// Puts pitches out of reach that are hardly likely, as long as others are allowed.
pub(super) fn forget_slips(logits: &mut [f32]) {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let slips = logits.iter_mut().filter(|logit| **logit < highest + SLIP_SHARE.ln());
    slips.for_each(|logit| *logit += FORGOTTEN);
}

/// Leans on the steps to a melody's next note.
pub(super) fn lean_on_steps(part: Part, notes: &[Note], logits: &mut [f32]) {
    let recent = &notes[notes.len().saturating_sub(REMEMBERED + 1)..];
    if part != Part::Melody || recent.len() <= REMEMBERED {
        return;
    }
    let distances: Vec<usize> = recent.windows(2).map(|pair| (pair[1].start - pair[0].start) as usize).collect();
    for (distance, logit) in logits.iter_mut().enumerate() {
        let share = distances.iter().filter(|other| **other == distance).count() as f32 / REMEMBERED as f32;
        if share > EVEN_SHARE {
            *logit += TICKING;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{corpus::Split, model::testing};

    #[test]
    fn what_is_hardly_likely_is_forgotten_and_the_rest_stays() {
        let mut logits = [2.0, 0.0, -5.0];
        forget_slips(&mut logits);
        assert!(logits[0] > 1.9 && logits[1].abs() < 1e-6 && logits[2] < -30.0, "{logits:?}");
    }

    #[test]
    fn a_pitch_that_is_struck_over_and_over_tires_and_the_tonic_is_home() {
        let piece = Piece::of_song(&testing::song("1", 8, Split::Test));
        let note = |start, pitch| Note { start, pitch, duration: 2, velocity: 70 };
        let leant = |part: Part, start: u32, notes: &[Note]| {
            let mut logits = [0.0; 88];
            lean(part, &piece, start, notes, &mut logits);
            logits
        };
        let twice = [note(0, 64), note(2, 67), note(4, 67)];
        assert!(leant(Part::Melody, 6, &twice).iter().all(|logit| *logit == 0.0));
        let often: Vec<Note> = (0..5).map(|index| note(2 * index, 67)).collect();
        let tired = leant(Part::Melody, 10, &often);
        assert!(tired[67 - 21] < -1.0 && tired[66 - 21] == 0.0);
        assert!(leant(Part::Accompaniment, 10, &often).iter().all(|logit| *logit == 0.0));
        let root = piece.chords[14].root().unwrap();
        let close = leant(Part::Melody, 112, &twice);
        assert!((0..88).all(|key| (close[key] > 0.0) == ((key as u8 + 21) % 12 == root)));
    }

    #[test]
    fn a_tune_that_ticks_is_tired_of_its_distance_and_one_that_does_not_is_left_alone() {
        let leant = |part: Part, distance: fn(u32) -> u32| {
            let mut start = 0;
            let note = |index: u32| {
                start += distance(index);
                Note { start, pitch: 60, duration: 2, velocity: 70 }
            };
            let notes: Vec<Note> = (0..30).map(note).collect();
            let mut logits = [0.0; 34];
            lean_on_steps(part, &notes, &mut logits);
            logits
        };
        let ticking = leant(Part::Melody, |_| 2);
        assert!(ticking[2] < -0.5 && ticking[3] == 0.0);
        let calm = |logits: [f32; 34]| logits.iter().all(|logit| *logit == 0.0);
        assert!(calm(leant(Part::Melody, |index| 2 + index % 2)));
        assert!(calm(leant(Part::Accompaniment, |_| 2)));
    }
}
