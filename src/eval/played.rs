//! A composed piece as people get it: arranged for piano, written as MIDI and read back. What was asked is looked for here.

use super::Take;
use crate::{
    affect::{Affect, Meter},
    arrange::{self, ArrangeError, StyleName},
    artifact::{Chords, Notes, Score},
    music::{
        STEPS_PER_BAR, Sound, TICKS_PER_QUARTER,
        smf::{MidiFile, MidiNote, SmfError},
    },
    seed::Seed,
};

const TICKS_PER_BAR: u32 = TICKS_PER_QUARTER * STEPS_PER_BAR / 4;
/// Players are early by less than half a step: such a note belongs to the bar that it was written in.
const EARLY_TICKS: u32 = TICKS_PER_QUARTER / 8;
const MELODY: &str = "melody";
const ACCOMPANIMENT: &str = "piano";
/// Moods are measured over so many bars before a downbeat and as many from it on, as training songs are labelled.
const HALF_WINDOW_BARS: usize = 4;

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

/// What is heard of what can be asked of a bar; none where nothing is struck.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Heard {
    pub(super) density: Option<f64>,
    pub(super) dynamics: Option<f64>,
    pub(super) register: Option<f64>,
    pub(super) melody_density: Option<f64>,
    /// Of the bars around, by the meter.
    pub(super) valence: Option<f64>,
    pub(super) arousal: Option<f64>,
}

impl Played {
    pub(super) fn new(take: &Take, seed: Seed) -> Result<Self, PlayedError> {
        let Take { brief, song } = take;
        let score = arrange::arrange(
            &arrange::Take {
                plan: &brief.plan,
                conditions: &brief.conditions,
                chords: &Chords { takes: vec![song.chords.clone()], notes: vec![] },
                melody: &Notes::new(vec![song.melody.clone()]),
                accompaniment: &Notes::new(vec![song.accompaniment.clone()]),
                number: 1,
            },
            StyleName::Piano,
            seed,
        )?;
        let bytes = arrange::to_midi(&score);
        let file = MidiFile::read(&bytes)?;
        Ok(Self { score, bytes, file })
    }

    /// Bar by bar, without the last: that one is the arranger's, a long chord whatever was asked.
    pub(super) fn heard(&self, meter: &Meter) -> Vec<Heard> {
        let (melody, accompaniment) = (self.struck(MELODY), self.struck(ACCOMPANIMENT));
        let bars = accompaniment.len().saturating_sub(1);
        let heard = |bar: usize| {
            let notes = &accompaniment[bar];
            let mean = |value: fn(&MidiNote) -> u8| {
                let sum: f64 = notes.iter().map(|note| f64::from(value(note))).sum();
                (!notes.is_empty()).then(|| sum / notes.len() as f64)
            };
            let mood = self.mood(bar, meter);
            Heard {
                density: Some(notes.len() as f64),
                dynamics: mean(|note| note.velocity),
                register: mean(|note| note.pitch),
                melody_density: Some(melody[bar].len() as f64),
                valence: Some(mood.valence),
                arousal: Some(mood.arousal),
            }
        };
        (0..bars).map(heard).collect()
    }

    /// A part's notes by bars of 4/4.
    fn struck(&self, part: &str) -> Vec<Vec<MidiNote>> {
        let bars = (self.file.end_ticks / TICKS_PER_BAR) as usize;
        let mut struck: Vec<Vec<MidiNote>> = vec![vec![]; bars];
        for note in self.file.part(part).map_or(&[][..], |part| &part.notes) {
            if let Some(bar) = struck.get_mut(((note.start + EARLY_TICKS) / TICKS_PER_BAR) as usize) {
                bar.push(*note);
            }
        }
        struck
    }

    fn mood(&self, bar: usize, meter: &Meter) -> Affect {
        let first = bar.saturating_sub(HALF_WINDOW_BARS) as u32 * TICKS_PER_BAR;
        let end = ((bar + HALF_WINDOW_BARS) as u32 * TICKS_PER_BAR).min(self.file.end_ticks);
        let seconds = |ticks: u32| self.file.tempo.seconds(f64::from(ticks));
        let inside = self.notes().filter(|note| (first..end).contains(&(note.start + EARLY_TICKS)));
        let sound = |note: &MidiNote| Sound {
            start_seconds: (seconds(note.start) - seconds(first)).max(0.0),
            seconds: seconds(note.end.min(end)) - seconds(note.start),
            pitch: note.pitch,
            velocity: note.velocity,
        };
        let bpm = self.score.tempo_map.first().map_or(120.0, |mark| mark.bpm);
        let mut sounds: Vec<Sound> = inside.map(sound).filter(|sound| sound.seconds > 0.0).collect();
        sounds.sort_by(|a, b| a.start_seconds.total_cmp(&b.start_seconds).then(a.pitch.cmp(&b.pitch)));
        meter.measure(&sounds, bpm)
    }

    /// All notes.
    pub(super) fn notes(&self) -> impl Iterator<Item = &MidiNote> {
        self.file.parts.iter().flat_map(|part| &part.notes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        corpus::{Song, Split},
        eval::{Brief, Excerpt},
        model::testing,
    };

    const METER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/store/models/music_affect_check.safetensors");

    fn heard(take: &Take) -> Vec<Heard> {
        let meter = Meter::load(std::path::Path::new(METER)).unwrap();
        Played::new(take, Seed::master(1)).unwrap().heard(&meter)
    }

    #[test]
    fn what_a_song_is_is_heard_in_every_bar() {
        let song = testing::song("1", 16, Split::Test);
        let excerpt = Excerpt { song: &song, first_bar: 0, bars: 16 };
        let take = Take { brief: Brief::of(&excerpt, 2), song: excerpt.song() };
        let heard = heard(&take);
        assert_eq!(heard.len(), 15);
        for (bar, asked) in heard.iter().zip(&take.brief.conditions.bars).take(14) {
            assert_eq!(bar.density, Some(f64::from(asked.density)));
            assert_eq!(bar.melody_density, Some(f64::from(asked.melody_density)));
            assert!((bar.register.unwrap() - f64::from(asked.register)).abs() < 1e-3, "in the key that is heard");
            assert!((bar.dynamics.unwrap() - f64::from(asked.dynamics)).abs() < 12.0);
        }
    }

    #[test]
    fn faster_and_louder_is_heard_as_more_excited() {
        let song = testing::song("1", 16, Split::Test);
        let arousal = |bpm: f64, louder: u8| {
            let mut song = Song { bpm, ..song.clone() };
            song.accompaniment.iter_mut().chain(&mut song.melody).for_each(|note| note.velocity += louder);
            let excerpt = Excerpt { song: &song, first_bar: 0, bars: 16 };
            let heard = heard(&Take { brief: Brief::of(&excerpt, 0), song: excerpt.song() });
            heard.iter().filter_map(|bar| bar.arousal).sum::<f64>()
        };
        assert!(arousal(135.0, 25) > arousal(75.0, 0));
    }
}
