//! Test support: a small corpus that is made, not found, and networks small enough to run in milliseconds.

use super::Config;
use crate::{
    corpus::{Corpus, Song, Split},
    music::{Chord, Mode, Note, Quality},
    seed::Seed,
};

pub(crate) const SMALL: Config = Config { layers: 3, width: 64, dropout: 0.0, condition_dropout: 0.1, sees: false };

/// Tests run side by side already: threads of libtorch would only wait for each other.
pub(crate) fn alone() {
    tch::set_num_threads(1);
}

/// Songs of 20, 21, 22 ... bars, two in three of them for training.
pub(crate) fn corpus(songs: usize) -> Corpus {
    let split = |index: usize| [Split::Train, Split::Validation, Split::Train][index % 3];
    let songs = (0..songs).map(|index| song(&format!("{index:03}"), 20 + index, split(index))).collect();
    Corpus { name: "made".to_owned(), licence: "none".to_owned(), songs, left_out: vec![] }
}

/// Four chords that return, arpeggios under them, a melody of quarters that rests every fourth bar.
pub(crate) fn song(id: &str, bars: usize, split: Split) -> Song {
    let loop_of = [(0, Quality::Major), (7, Quality::Major), (9, Quality::Minor), (5, Quality::Major)];
    let chord = |bar: usize| Chord::new(loop_of[bar % 4].0, loop_of[bar % 4].1);
    let tones = |bar: usize| chord(bar).pitch_classes();
    let mut melody = Vec::new();
    let mut accompaniment = Vec::new();
    for bar in 0..bars {
        let start = 16 * bar as u32;
        for beat in (0..4).filter(|_| bar % 4 != 3) {
            let pitch = 72 + tones(bar)[beat as usize % 3];
            melody.push(Note { start: start + 4 * beat, pitch, duration: 4, velocity: 92 });
        }
        for eighth in 0..8 {
            let pitch = 48 + tones(bar)[eighth as usize % 3];
            accompaniment.push(Note { start: start + 2 * eighth, pitch, duration: 2, velocity: 60 + bar as u8 % 40 });
        }
    }
    let chords = (0..2 * bars).map(|half| chord(half / 2)).collect();
    Song {
        id: id.to_owned(),
        split,
        mode: Mode::Major,
        bpm: 100.0,
        bars,
        chords,
        melody,
        accompaniment,
        affect: vec![],
        picture: vec![],
    }
}

/// How tests compose: with all that is likely and unlikely.
pub(crate) fn how(kind: tch::Kind) -> super::Composing {
    let sampling = super::Sampling { temperature: 1.0, top_p: 1.0 };
    let shaping = super::Shaping::default();
    super::Composing {
        sampling,
        variety: 0.0,
        guidance: 1.0,
        seed: Seed::master(1),
        device: tch::Device::Cpu,
        kind,
        shaping,
    }
}
