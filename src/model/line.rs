//! One window of notes laid out for the note model: what the decoder hears before each token, where that was, what comes.

use std::ops::Range;

use super::{
    Part,
    note_network::{IGNORED, longest},
    piece::Piece,
    scene::step_range,
    token::{PITCHES, STEPS, Token, VELOCITIES, encode, speakable},
};
use crate::music::{Note, STEPS_PER_BEAT};

/// Columns of equal length, one entry a token.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Line {
    pub(super) inputs: Vec<[i64; 5]>,
    /// When the token before began, in steps since the window's start.
    pub(super) steps: Vec<i64>,
    pub(super) beats: Vec<[i64; 2]>,
    pub(super) places: Vec<i64>,
    pub(super) targets: Vec<[i64; 4]>,
}

/// The part's notes of a piece, heard `shift` semitones higher, as its model can say them.
pub(super) fn voice(part: Part, piece: &Piece, steps: &Range<u32>, shift: i32) -> Vec<Note> {
    let notes = if part == Part::Melody { &piece.melody } else { &piece.accompaniment };
    let first = notes.partition_point(|note| note.start < steps.start);
    let heard = |note: &Note| {
        let pitch = (i32::from(note.pitch) + shift).clamp(0, 127) as u8;
        speakable(Note { pitch, ..*note }, longest(part))
    };
    let mut notes: Vec<Note> = notes[first..].iter().take_while(|note| note.start < steps.end).map(heard).collect();
    notes.sort_unstable();
    notes.dedup_by_key(|note| (note.start, note.pitch));
    notes
}

/// The window's tokens; the last one says so when the piece ends with it.
pub(super) fn tokens(part: Part, piece: &Piece, bars: &Range<usize>, shift: i32) -> Vec<Token> {
    let steps = step_range(piece, bars);
    let mut tokens = encode(&voice(part, piece, &steps, shift), steps.start);
    if bars.end == piece.bars.len() {
        tokens.push(Token::END);
    }
    tokens
}

/// What the decoder hears before the first token.
pub(super) fn opening(part: Part, place: u32) -> [i64; 5] {
    [STEPS as i64, PITCHES as i64, i64::from(longest(part)), VELOCITIES as i64, i64::from(place)]
}

/// What the decoder hears of a token.
pub(super) fn heard(part: Part, token: Token, place: u32) -> [i64; 5] {
    let mut input = opening(part, place);
    input[0] = i64::from(token.step);
    if token.is_note() {
        input[1..4].copy_from_slice(&[token.pitch, token.duration, token.velocity].map(i64::from));
    }
    input
}

impl Line {
    pub(super) fn new(part: Part, piece: &Piece, bars: &Range<usize>, shift: i32) -> Self {
        let steps = step_range(piece, bars);
        let beats = i64::from(steps.end - steps.start) / i64::from(STEPS_PER_BEAT);
        let beat = |at: u32| (i64::from(at - steps.start) / i64::from(STEPS_PER_BEAT)).min(beats - 1);
        let mut line = Self::default();
        let mut before = opening(part, piece.place_in_bar(steps.start));
        let mut at = steps.start;
        for token in tokens(part, piece, bars, shift) {
            let next = at + token.distance();
            let place = piece.place_in_bar(next);
            line.inputs.push(before);
            line.steps.push(i64::from(at - steps.start));
            line.beats.push([beat(at), beat(next)]);
            line.places.push(i64::from(place));
            line.targets.push(target(token));
            before = heard(part, token, place);
            at = next;
        }
        line
    }

    pub(super) fn len(&self) -> usize {
        self.inputs.len()
    }

    /// Fills up to `length` with tokens that cost nothing.
    pub(super) fn pad(&mut self, part: Part, length: usize) {
        self.inputs.resize(length, opening(part, 0));
        self.steps.resize(length, 0);
        self.beats.resize(length, [0; 2]);
        self.places.resize(length, 0);
        self.targets.resize(length, [IGNORED; 4]);
    }
}

fn target(token: Token) -> [i64; 4] {
    let mut target = token.factors().map(i64::from);
    if !token.is_note() {
        target[1..].fill(IGNORED);
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{corpus::Split, model::testing};

    fn piece() -> Piece {
        Piece::of_song(&testing::song("1", 20, Split::Train))
    }

    #[test]
    fn a_window_says_its_notes_and_where_they_are() {
        let (piece, bars) = (piece(), 4..8);
        let line = Line::new(Part::Melody, &piece, &bars, 0);
        let notes = voice(Part::Melody, &piece, &step_range(&piece, &bars), 0);
        assert_eq!((line.len(), notes.len()), (12, 12), "three bars of quarters");
        let onsets: Vec<u32> = line.beats.iter().map(|beats| beats[1] as u32).collect();
        assert_eq!(onsets, notes.iter().map(|note| note.start / 4 - 16).collect::<Vec<_>>());
        assert_eq!(line.places[..5], [0, 4, 8, 12, 0]);
        assert_eq!(line.inputs[0], opening(Part::Melody, 0));
        for token in 1..line.len() {
            assert_eq!(line.inputs[token][..4], line.targets[token - 1], "each is heard after it was asked for");
            assert_eq!(line.inputs[token][4], line.places[token - 1]);
            assert_eq!(line.beats[token][0], line.beats[token - 1][1]);
        }
    }

    #[test]
    fn only_the_last_window_ends() {
        let ends = |bars: Range<usize>| {
            Line::new(Part::Accompaniment, &piece(), &bars, 0).targets.last().unwrap()[..2] == [33, IGNORED]
        };
        assert!(ends(16..20) && !ends(12..16));
    }

    #[test]
    fn another_key_is_the_same_music_higher_or_lower() {
        let pitches =
            |shift: i32| Line::new(Part::Melody, &piece(), &(0..4), shift).targets.iter().map(|t| t[1]).collect();
        let (neutral, higher): (Vec<i64>, Vec<i64>) = (pitches(0), pitches(3));
        assert!(neutral.iter().zip(&higher).all(|(low, high)| high - low == 3));
    }

    #[test]
    fn padding_costs_nothing() {
        let mut line = Line::new(Part::Melody, &piece(), &(0..2), 0);
        let length = line.len();
        line.pad(Part::Melody, 30);
        assert!(line.len() == 30 && line.targets[length..].iter().all(|target| *target == [IGNORED; 4]));
    }
}
