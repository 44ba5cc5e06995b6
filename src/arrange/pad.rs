//! The pad: chord tones held between bass and melody, led from chord to chord, common tones tied.

use std::ops::RangeInclusive;

use super::{piece::Piece, voicing::voicing};
use crate::music::{Chord, Note};

/// E3 to A4.
pub(super) const REGISTER: RangeInclusive<u8> = 52..=69;
const CENTRE: u8 = 60;
const VOICES: usize = 3;
const VELOCITY: u8 = 64;
/// A tone is struck anew after this long.
const LONGEST_TIE: u32 = 32;
/// A held tone may rub against the melody for less than this.
const PASSING_STEPS: u32 = 3;

pub(super) fn pad(piece: &Piece) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    let mut sounding: Vec<usize> = Vec::new();
    let mut voices: Vec<u8> = Vec::new();
    let last = piece.metre.span(piece.last_bar()).start;
    for span in piece.harmony.spans_by_bar(&piece.metre) {
        voices = voicing(&tones(span.chord, span.steps.start >= last), &REGISTER, CENTRE, &voices);
        let steps = span.steps.end - span.steps.start;
        let mut held = Vec::new();
        for pitch in voices.iter().copied().filter(|pitch| piece.rub(*pitch, span.steps.start, steps) < PASSING_STEPS) {
            let tied = sounding.iter().copied().find(|tied| can_go_on(notes[*tied], pitch, span.steps.start, steps));
            if let Some(tied) = tied {
                notes[tied].duration += steps as u16;
                held.push(tied);
            } else {
                held.push(notes.len());
                notes.push(Note { start: span.steps.start, pitch, duration: steps as u16, velocity: VELOCITY });
            }
        }
        sounding = held;
    }
    notes
}

fn can_go_on(note: Note, pitch: u8, step: u32, more: u32) -> bool {
    let length = u32::from(note.duration);
    note.pitch == pitch && note.start + length == step && length + more <= LONGEST_TIE
}

/// Three tones; of a chord of four the root is left to the bass, but never in the last bar.
fn tones(chord: Chord, is_last: bool) -> Vec<u8> {
    let mut tones = chord.pitch_classes();
    if tones.len() > VOICES && !is_last {
        tones.remove(0);
    }
    tones.truncate(VOICES);
    tones
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrange::testing::{Example, note};

    fn held(chords: &[&str]) -> Vec<Note> {
        let mut example = Example::plain(chords.len() / 2);
        example.melody.takes[0].clear();
        example.chords.takes[0] = chords.iter().map(|chord| chord.parse().unwrap()).collect();
        pad(&example.piece())
    }

    #[test]
    fn common_tones_are_tied_and_others_move_little() {
        let notes = held(&["C", "C", "Am", "Am", "F", "F", "C", "C"]);
        let c: Vec<&Note> = notes.iter().filter(|note| note.pitch == 60).collect();
        assert_eq!(c[0].duration, 32, "{notes:?}");
        let at = |step: u32| {
            let sounding =
                notes.iter().filter(|note| (note.start..note.start + u32::from(note.duration)).contains(&step));
            let mut pitches: Vec<u8> = sounding.map(|note| note.pitch).collect();
            pitches.sort_unstable();
            pitches
        };
        for step in (0..64).step_by(8) {
            assert_eq!(at(step).len(), 3, "step {step}");
        }
        for change in [16, 32, 48] {
            let moved: u8 = at(change - 1).iter().zip(at(change)).map(|(old, new)| old.abs_diff(new)).sum();
            assert!(moved <= 6, "{moved} semitones at step {change}");
        }
    }

    #[test]
    fn a_tone_that_rubs_against_a_long_note_is_left_out() {
        let mut example = Example::plain(4);
        example.chords.takes[0] = ["C", "C", "F", "F", "G", "G", "C", "C"].map(|chord| chord.parse().unwrap()).into();
        example.melody.takes[0] = vec![note(0, 77, 16)];
        let notes = pad(&example.piece());
        assert!(notes.iter().filter(|note| note.start < 16).all(|note| note.pitch % 12 != 4), "{notes:?}");
    }

    #[test]
    fn silence_where_there_is_no_chord() {
        let notes = held(&["N", "N", "F", "F", "G", "G", "C", "C"]);
        assert_eq!(notes[0].start, 16);
    }
}
