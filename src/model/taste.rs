//! What ears mind and theory does not forbid, as gentle odds: a pitch struck over and over, an ending off the tonic.

use super::{Part, piece::Piece, token::LOWEST_PITCH};
use crate::music::{Chord, Note, STEPS_PER_HALF_BAR};

/// A pitch struck more often than this in a row is less and less wanted.
const PATIENCE: usize = 3;
const TIRED: f32 = -0.6;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{corpus::Split, model::testing};

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
}
