//! Reads a bar that has been written beside what was asked of it. Of several drafts the nearest stays: all of them are the
//! model's own, so that what is asked is met without bending its odds far.

use super::{
    Part,
    piece::Piece,
    steering::{DENSITY, DYNAMICS, MELODY_DENSITY, REGISTER},
};
use crate::music::{Note, STEPS_PER_BEAT};

/// An error that is not worth another draft.
pub(super) const GOOD_ENOUGH: f32 = 0.7;
/// What counts 1: some notes and a share of those that are asked for, units of velocity, semitones.
const OFF_NOTES: f32 = 0.8;
const OFF_SHARE: f32 = 0.03;
const OFF_VELOCITY: f32 = 4.0;
const OFF_SEMITONES: f32 = 0.8;
/// How much of what bars still owe is asked of the next.
const OWED: f32 = 0.6;

/// Places of what is measured.
const NOTES: usize = 0;
const VELOCITY: usize = 1;

/// One take's editor.
#[derive(Clone, Debug)]
pub(super) struct Editor {
    part: Part,
    /// What the last bars were short of: notes, units of velocity, semitones.
    owed: [f32; 3],
}

impl Editor {
    pub(super) fn new(part: Part) -> Self {
        Self { part, owed: [0.0; 3] }
    }

    /// How far a bar is from what is asked of it and what is owed: squares of what is off, summed up.
    pub(super) fn error(&self, piece: &Piece, bar: usize, notes: &[Note]) -> f32 {
        self.off(piece, bar, notes).map(|off| off.powi(2)).iter().sum()
    }

    /// What of that is the velocities'.
    pub(super) fn velocity_error(&self, piece: &Piece, bar: usize, notes: &[Note]) -> f32 {
        self.off(piece, bar, notes)[VELOCITY].powi(2)
    }

    /// What of that a bar that is not full yet cannot lose: notes that are too many.
    pub(super) fn least_error(&self, piece: &Piece, bar: usize, notes: &[Note]) -> f32 {
        self.off(piece, bar, notes)[NOTES].min(0.0).powi(2)
    }

    /// Notes, velocity and pitch that are short of what is asked and owed, in widths; 0 where nothing is asked.
    fn off(&self, piece: &Piece, bar: usize, notes: &[Note]) -> [f32; 3] {
        let asked = self.asked(piece, bar);
        let widths = [OFF_NOTES + OFF_SHARE * asked[NOTES].unwrap_or(0.0), OFF_VELOCITY, OFF_SEMITONES];
        let short = short(asked, piece, bar, notes);
        std::array::from_fn(|channel| {
            asked[channel].map_or(0.0, |_| (short[channel] + self.owed[channel]) / widths[channel])
        })
    }

    /// Takes a bar as it is; what it is short of is owed by the next ones. Says how many notes are.
    pub(super) fn settle(&mut self, piece: &Piece, bar: usize, notes: &[Note]) -> f32 {
        let short = short(self.asked(piece, bar), piece, bar, notes);
        for (owed, short) in self.owed.iter_mut().zip(short) {
            *owed = OWED * (*owed + short);
        }
        self.owed[NOTES]
    }

    /// Notes of this bar, their velocity and their pitch, in the mean; dynamics and register are the accompaniment's.
    fn asked(&self, piece: &Piece, bar: usize) -> [Option<f32>; 3] {
        let bar = &piece.bars[bar];
        let share = bar.beats as f32 / 4.0;
        match self.part {
            Part::Melody => [bar.asked[MELODY_DENSITY].map(|asked| asked * share), None, None],
            _ => [bar.asked[DENSITY].map(|asked| asked * share), bar.asked[DYNAMICS], bar.asked[REGISTER]],
        }
    }
}

/// Asked less written; 0 where nothing is asked or nothing can be measured.
fn short(asked: [Option<f32>; 3], piece: &Piece, bar: usize, notes: &[Note]) -> [f32; 3] {
    let first = piece.bars[bar].first_step;
    let end = first + piece.bars[bar].beats * STEPS_PER_BEAT;
    let notes =
        &notes[notes.partition_point(|note| note.start < first)..notes.partition_point(|note| note.start < end)];
    let mean = |value: fn(&Note) -> u8| {
        let sum: f32 = notes.iter().map(|note| f32::from(value(note))).sum();
        (!notes.is_empty()).then(|| sum / notes.len() as f32)
    };
    let written = [Some(notes.len() as f32), mean(|note| note.velocity), mean(|note| note.pitch)];
    std::array::from_fn(|channel| asked[channel].zip(written[channel]).map_or(0.0, |(asked, written)| asked - written))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{corpus::Split, model::testing};

    /// Bars of eight notes, the first at velocity 60, each a little louder.
    fn piece() -> Piece {
        Piece::of_song(&testing::song("1", 8, Split::Test))
    }

    #[test]
    fn what_was_asked_is_no_error_and_what_was_not_is() {
        let piece = piece();
        let notes = piece.accompaniment.clone();
        let editor = Editor::new(Part::Accompaniment);
        assert!(editor.error(&piece, 2, &notes) < 1e-6);
        let error = |change: fn(&mut Note)| {
            let mut notes = notes.clone();
            notes.iter_mut().for_each(change);
            editor.error(&piece, 2, &notes)
        };
        assert!(error(|note| note.velocity += 3) < GOOD_ENOUGH && error(|note| note.velocity += 12) > GOOD_ENOUGH);
        assert!(error(|note| note.velocity -= 3) < GOOD_ENOUGH && error(|note| note.pitch -= 3) > GOOD_ENOUGH);
        let fewer: Vec<Note> = notes.iter().filter(|note| note.start % 4 == 0).copied().collect();
        assert!(editor.error(&piece, 2, &fewer) > GOOD_ENOUGH);
    }

    #[test]
    fn what_a_bar_is_short_of_the_next_one_owes() {
        let piece = piece();
        let mut editor = Editor::new(Part::Accompaniment);
        let lower: Vec<Note> = piece.accompaniment.iter().map(|note| Note { pitch: note.pitch - 2, ..*note }).collect();
        let higher: Vec<Note> =
            piece.accompaniment.iter().map(|note| Note { pitch: note.pitch + 1, ..*note }).collect();
        editor.settle(&piece, 0, &lower);
        assert!(editor.error(&piece, 1, &higher) < editor.error(&piece, 1, &piece.accompaniment));
    }

    #[test]
    fn a_melody_is_asked_only_for_its_number_of_notes() {
        let piece = piece();
        let louder: Vec<Note> =
            piece.melody.iter().map(|note| Note { velocity: 127, pitch: note.pitch + 9, ..*note }).collect();
        assert!(Editor::new(Part::Melody).error(&piece, 1, &louder) < 1e-6);
        assert!(Editor::new(Part::Melody).error(&piece, 1, &[]) > GOOD_ENOUGH);
    }
}
