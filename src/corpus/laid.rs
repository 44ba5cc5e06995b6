//! Notes laid on the grid, from the bar that the first of them begins in: what all loaders end with.

use super::{Song, Split, free_note::FreeNote, voices};
use crate::music::{Chord, Mode, Note, STEPS_PER_BAR};

pub(super) struct Laid {
    melody: Vec<Note>,
    accompaniment: Vec<Note>,
    pub(super) bars: usize,
    /// Steps before the first bar that sounds, which are left out.
    pub(super) lead_in: u32,
}

/// What a song is beside its notes and chords.
pub(super) struct Head {
    pub(super) id: String,
    pub(super) split: Split,
    pub(super) mode: Mode,
    pub(super) bpm: f64,
}

impl Laid {
    /// Notes in steps from a downbeat on; too few bars are a reason to leave the song out.
    pub(super) fn new(melody: Vec<Note>, accompaniment: Vec<Note>, fewest_bars: usize) -> Result<Self, String> {
        let both = || melody.iter().chain(&accompaniment);
        let first = both().map(|note| note.start).min().unwrap_or(0);
        let end = both().map(|note| note.start + u32::from(note.duration)).max().unwrap_or(0);
        let lead_in = first / STEPS_PER_BAR * STEPS_PER_BAR;
        let bars = (end - lead_in).div_ceil(STEPS_PER_BAR) as usize;
        if bars < fewest_bars {
            return Err(format!("too short: only {bars} bars, fewer than {fewest_bars}"));
        }
        let moved = |notes: Vec<Note>| -> Vec<Note> {
            notes.into_iter().map(|note| Note { start: note.start - lead_in, ..note }).collect()
        };
        Ok(Self { bars, lead_in, melody: moved(melody), accompaniment: moved(accompaniment) })
    }

    pub(super) fn notes(&self) -> impl Iterator<Item = &Note> {
        self.melody.iter().chain(&self.accompaniment)
    }

    /// Step and pitch of each note.
    pub(super) fn onsets(&self) -> Vec<(u32, u8)> {
        self.notes().map(|note| (note.start, note.pitch)).collect()
    }

    /// In steps.
    pub(super) fn free_notes(&self) -> Vec<FreeNote> {
        self.notes().copied().map(FreeNote::of).collect()
    }

    /// The song, every bar brought to the neutral key by its own shift.
    pub(super) fn song(self, head: Head, mut chords: Vec<Chord>, shifts: &[i32]) -> Song {
        for (slot, chord) in chords.iter_mut().enumerate() {
            *chord = chord.transposed(shifts[slot / 2]);
        }
        let Head { id, split, mode, bpm } = head;
        let melody = voices::one_voice(transposed(self.melody, shifts));
        let accompaniment = voices::without_doubles(transposed(self.accompaniment, shifts));
        Song { id, split, mode, bpm, bars: self.bars, chords, melody, accompaniment, affect: vec![], picture: vec![] }
    }
}

/// Each note by the shift of the bar it starts in; what leaves the MIDI range comes back by an octave.
fn transposed(notes: Vec<Note>, bar_shifts: &[i32]) -> Vec<Note> {
    let pitch = |note: &Note| match i32::from(note.pitch) + bar_shifts[(note.start / STEPS_PER_BAR) as usize] {
        low if low < 0 => low + 12,
        high if high > 127 => high - 12,
        pitch => pitch,
    };
    notes.into_iter().map(|note| Note { pitch: pitch(&note) as u8, ..note }).collect()
}
