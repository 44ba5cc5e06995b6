//! Test support: songs that are drawn, so that they share nothing but by chance, and passages of them.

use std::ops::Range;

use rand_chacha::rand_core::Rng;

use crate::{
    corpus::{Corpus, Song},
    model,
    music::{Note, STEPS_PER_BAR},
    seed::Seed,
};

/// Songs as `model::testing::corpus` has them, with notes of their own.
pub(crate) fn corpus(songs: usize) -> Corpus {
    let mut corpus = model::testing::corpus(songs);
    for song in &mut corpus.songs {
        let Song { id, bars, .. } = song;
        let seed = Seed::master(1).derive(id);
        song.melody = drawn(seed.derive("melody"), *bars);
        song.accompaniment = drawn(seed.derive("accompaniment"), *bars);
    }
    corpus
}

/// One or two onsets a beat, one or two notes an onset.
pub(crate) fn drawn(seed: Seed, bars: usize) -> Vec<Note> {
    let mut rng = seed.rng();
    let mut notes = Vec::new();
    for beat in 0..4 * bars as u32 {
        let halves = [Some(0), rng.next_u32().is_multiple_of(2).then_some(2)];
        for start in halves.into_iter().flatten().map(|half| 4 * beat + half) {
            let pitch = 50 + (rng.next_u32() % 24) as u8;
            let note = Note { start, pitch, duration: 2, velocity: 80 };
            notes.push(note);
            if rng.next_u32().is_multiple_of(2) {
                notes.push(Note { pitch: pitch + 7, ..note });
            }
        }
    }
    notes
}

/// The notes of some bars, put to another bar and another key.
pub(crate) fn phrase(notes: &[Note], bars: Range<u32>, to_bar: u32, semitones: i8) -> Vec<Note> {
    let inside = notes.iter().filter(|note| bars.contains(&(note.start / STEPS_PER_BAR)));
    let moved = |note: &Note| Note {
        start: note.start - bars.start * STEPS_PER_BAR + to_bar * STEPS_PER_BAR,
        pitch: note.pitch.saturating_add_signed(semitones),
        ..*note
    };
    inside.map(moved).collect()
}
