//! The melody in the range of the instrument that plays it.

use std::ops::RangeInclusive;

use super::piece::Piece;
use crate::music::Note;

/// A line that lies lower on the whole would drown in the accompaniment and the pad.
const LOWEST_MEAN: i32 = 62;

/// The whole line by the octaves that bring most of it into the range, then single notes that still lie outside. A line
/// keeps its octave where it can.
pub(super) fn lead(piece: &Piece, range: &RangeInclusive<u8>) -> Vec<Note> {
    let shift = octaves(&piece.melody, range);
    piece.melody.iter().map(|note| Note { pitch: folded(i32::from(note.pitch) + shift, range), ..*note }).collect()
}

fn octaves(notes: &[Note], range: &RangeInclusive<u8>) -> i32 {
    let outside = |shift: i32| {
        let pitches = notes.iter().map(|note| i32::from(note.pitch) + shift);
        pitches.filter(|pitch| !(i32::from(*range.start())..=i32::from(*range.end())).contains(pitch)).count()
    };
    let mean = notes.iter().map(|note| i32::from(note.pitch)).sum::<i32>() / notes.len().max(1) as i32;
    let drowned = |shift: i32| if mean + shift < LOWEST_MEAN { notes.len() } else { 0 };
    let cost = |shift: i32| (outside(shift) + drowned(shift), shift.abs());
    [0, 12, -12, 24, -24].into_iter().min_by_key(|shift| cost(*shift)).unwrap_or(0)
}

fn folded(mut pitch: i32, range: &RangeInclusive<u8>) -> u8 {
    while pitch < i32::from(*range.start()) {
        pitch += 12;
    }
    while pitch > i32::from(*range.end()) {
        pitch -= 12;
    }
    pitch.clamp(0, 127) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrange::testing::{Example, note};

    #[test]
    fn the_line_moves_as_a_whole() {
        let mut example = Example::plain(4);
        example.melody.takes[0] = (0..12).map(|n| note(4 * n, 50 + n as u8, 4)).collect();
        let piece = example.piece();
        let low = lead(&piece, &(60..=96));
        assert!(low.iter().zip(&piece.melody).all(|(up, as_was)| up.pitch == as_was.pitch + 12));
        assert!(lead(&piece, &(45..=83)).iter().all(|note| note.pitch >= 62), "up, though the range begins lower");
        example.melody.takes[0].iter_mut().for_each(|note| note.pitch += 14);
        let piece = example.piece();
        assert_eq!(lead(&piece, &(45..=83)), piece.melody);
    }

    #[test]
    fn stray_notes_are_folded() {
        assert_eq!([40, 59, 60, 96, 97, 130].map(|pitch| folded(pitch, &(60..=96))), [64, 71, 60, 96, 85, 94]);
    }
}
