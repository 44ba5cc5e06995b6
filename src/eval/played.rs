//! A composed piece as people get it: arranged for piano, written as MIDI and read back. What was asked is looked for here.

use super::Take;
use crate::{
    arrange::{self, ArrangeError, StyleName},
    artifact::{Chords, Notes, Score},
    music::{
        STEPS_PER_BAR, TICKS_PER_QUARTER,
        smf::{MidiFile, MidiNote, SmfError},
    },
    seed::Seed,
};

const TICKS_PER_BAR: u32 = TICKS_PER_QUARTER * STEPS_PER_BAR / 4;
/// Players are early by less than half a step: such a note belongs to the bar that it was written in.
const EARLY_TICKS: u32 = TICKS_PER_QUARTER / 8;
const ACCOMPANIMENT: &str = "piano";

#[derive(Debug, thiserror::Error)]
pub(crate) enum PlayedError {
    #[error(transparent)]
    Arrange(#[from] ArrangeError),
    #[error(transparent)]
    Midi(#[from] SmfError),
}

pub(super) struct Played {
    pub(super) score: Score,
    pub(super) bytes: Vec<u8>,
    pub(super) file: MidiFile,
}

/// What the accompaniment does in a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BarPlayed {
    pub(super) density: f64,
    /// None where nothing is struck.
    pub(super) dynamics: Option<f64>,
    pub(super) register: Option<f64>,
}

impl Played {
    pub(super) fn new(take: &Take, seed: Seed) -> Result<Self, PlayedError> {
        let Take { brief, song } = take;
        let score = arrange::arrange(
            &arrange::Take {
                plan: &brief.plan,
                conditions: &brief.conditions,
                chords: &Chords { takes: vec![song.chords.clone()] },
                melody: &Notes { takes: vec![song.melody.clone()] },
                accompaniment: &Notes { takes: vec![song.accompaniment.clone()] },
                number: 1,
            },
            StyleName::Piano,
            seed,
        )?;
        let bytes = arrange::to_midi(&score);
        let file = MidiFile::read(&bytes)?;
        Ok(Self { score, bytes, file })
    }

    /// Bars of 4/4.
    pub(super) fn bars(&self) -> Vec<BarPlayed> {
        let bars = (self.file.end_ticks / TICKS_PER_BAR) as usize;
        let mut struck: Vec<Vec<MidiNote>> = vec![vec![]; bars];
        let notes = self.file.part(ACCOMPANIMENT).map_or(&[][..], |part| &part.notes);
        for note in notes {
            let bar = ((note.start + EARLY_TICKS) / TICKS_PER_BAR) as usize;
            struck[bar.min(bars - 1)].push(*note);
        }
        struck.iter().map(|notes| BarPlayed::of(notes)).collect()
    }

    /// All notes.
    pub(super) fn notes(&self) -> impl Iterator<Item = &MidiNote> {
        self.file.parts.iter().flat_map(|part| &part.notes)
    }
}

impl BarPlayed {
    fn of(notes: &[MidiNote]) -> Self {
        let mean = |value: fn(&MidiNote) -> u8| {
            let sum: f64 = notes.iter().map(|note| f64::from(value(note))).sum();
            (!notes.is_empty()).then(|| sum / notes.len() as f64)
        };
        Self { density: notes.len() as f64, dynamics: mean(|note| note.velocity), register: mean(|note| note.pitch) }
    }
}
