//! What ears mind and theory does not forbid, as gentle odds: a melody that rubs against its chord on a strong beat, a pitch
//! struck over and over, an ending off the tonic.

use super::{
    Part,
    piece::Piece,
    token::LOWEST_PITCH,
};
use crate::music::{Chord, Note, STEPS_PER_HALF_BAR};

/// Logits of a pitch that lies a semitone beside a chord tone on beat 1 or 3.
const RUB: f32 = -1.0;
/// A pitch struck more often than this in a row is less and less wanted.
const PATIENCE: usize = 4;
const TIRED: f32 = -0.4;
/// Of the tonic, in the last bar.
const HOME: f32 = 1.5;

/// Leans on the pitches of a melody's note that begins at `start`.
pub(super) fn lean(part: Part, piece: &Piece, start: u32, notes: &[Note], logits: &mut [f32]) {
    if part != Part::Melody {
        return;
    }
    let chord = piece.chords.get((start / STEPS_PER_HALF_BAR) as usize).copied().unwrap_or(Chord::None);
    let is_strong = piece.place_in_bar(start).is_multiple_of(STEPS_PER_HALF_BAR);
    let closes = piece.bars.last().is_some_and(|last| start >= last.first_step);
    let last = notes.last().map(|note| note.pitch);
    let struck = notes.iter().rev().take_while(|note| Some(note.pitch) == last).count();
    for (key, logit) in logits.iter_mut().enumerate() {
        let pitch = LOWEST_PITCH + key as u8;
        if is_strong && rubs(chord, pitch) {
            *logit += RUB;
        }
        if closes && chord.root() == Some(pitch % 12) {
            *logit += HOME;
        }
        if struck > PATIENCE && last == Some(pitch) {
            *logit += TIRED * (struck - PATIENCE) as f32;
        }
    }
}

/// Whether a pitch is no tone of the chord and a semitone beside one.
pub(super) fn rubs(chord: Chord, pitch: u8) -> bool {
    !chord.contains(pitch) && (chord.contains(pitch + 1) || chord.contains(pitch + 11))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_chord_tones_rub() {
        let chord: Chord = "C".parse().unwrap();
        let rubbing: Vec<u8> = (60..72).filter(|pitch| rubs(chord, *pitch)).collect();
        assert_eq!(rubbing, [61, 63, 65, 66, 68, 71]);
        assert!(!(0..127).any(|pitch| rubs(Chord::None, pitch)));
        let seventh: Chord = "Cmaj7".parse().unwrap();
        assert!(!rubs(seventh, 71) && rubs(seventh, 70));
    }
}
