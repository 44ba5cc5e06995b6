//! The piano: the composed accompaniment, alone or above a bass.

use super::{bass, piece::Piece};
use crate::music::Note;

/// Where a bass plays, the left hand stays above this: two instruments down there are mud.
const LOWEST_ABOVE_BASS: u8 = 48;

/// As composed.
pub(super) fn alone(piece: &Piece) -> Vec<Note> {
    piece.accompaniment.clone()
}

/// Without what the bass plays: low notes go up by octaves, unless the tone is struck there anyway.
pub(super) fn above_bass(piece: &Piece) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    for note in &piece.accompaniment {
        let mut note = *note;
        if bass::plays(piece, piece.metre.bar_at(note.start)) {
            while note.pitch < LOWEST_ABOVE_BASS {
                note.pitch += 12;
            }
        }
        notes.push(note);
    }
    notes.sort_by_key(|note| (note.start, note.pitch, std::cmp::Reverse(note.duration)));
    notes.dedup_by_key(|note| (note.start, note.pitch));
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrange::testing::{Example, note};

    #[test]
    fn low_notes_make_room_for_the_bass() {
        let mut example = Example::plain(4);
        example.accompaniment.takes[0] = vec![note(0, 36, 8), note(0, 48, 4), note(0, 64, 4), note(8, 43, 4)];
        let piece = example.piece();
        assert_eq!(above_bass(&piece)[..3], [note(0, 48, 8), note(0, 64, 4), note(8, 55, 4)]);
        assert_eq!(alone(&piece)[..2], [note(0, 36, 8), note(0, 48, 4)]);
    }

    #[test]
    fn an_intro_keeps_its_left_hand() {
        let mut example = Example::plain(8);
        example.sections(&[("intro", 4), ("a", 4)]);
        example.accompaniment.takes[0] = vec![note(0, 36, 8), note(64, 36, 8)];
        let pitches: Vec<u8> = above_bass(&example.piece()).iter().take(2).map(|note| note.pitch).collect();
        assert_eq!(pitches, [36, 48]);
    }
}
