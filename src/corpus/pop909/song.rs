//! One song of POP909: its files, and how they become a `Song`.

use std::{fs, path::Path};

use super::{
    Pop909Error,
    annotation::{self, AudioBeat, Beat},
    read,
};
#[cfg(test)]
use crate::corpus::free_note::FreeNote;
use crate::{
    corpus::{
        Song, Split,
        grid::{self, Grid, Octave},
        harmony,
        laid::{Head, Laid},
        phase::{self, Evidence},
        span::Span,
        template,
    },
    music::{
        Chord, Key, Note, STEPS_PER_HALF_BAR,
        smf::{MidiFile, MidiPart},
    },
};

const FEWEST_BARS: usize = 16;

/// What the files of one song say.
pub(super) struct Sources {
    melody: MidiPart,
    piano: MidiPart,
    midi: MidiFile,
    beats: Vec<Beat>,
    heard: Vec<AudioBeat>,
    chords: Vec<Span<Chord>>,
    keys: Vec<Span<Key>>,
}

impl Sources {
    pub(super) fn read(folder: &Path, id: &str) -> Result<Self, Pop909Error> {
        let path = folder.join(format!("{id}.mid"));
        let bytes = fs::read(&path).map_err(|source| Pop909Error::Unreadable { path: path.clone(), source })?;
        let midi = MidiFile::read(&bytes).map_err(|source| Pop909Error::Midi { path: path.clone(), source })?;
        let part = |track| midi.part(track).cloned().ok_or_else(|| Pop909Error::NoTrack { path: path.clone(), track });
        Ok(Self {
            melody: part("MELODY")?,
            piano: part("PIANO")?,
            beats: read(folder.join("beat_midi.txt"), annotation::beats)?,
            heard: read(folder.join("beat_audio.txt"), annotation::audio_beats)?,
            chords: read(folder.join("chord_midi.txt"), annotation::chords)?,
            keys: read(folder.join("key_audio.txt"), annotation::keys)?,
            midi,
        })
    }

    /// The song on the grid and how many of its chords had to be found in the notes, or why it is left out.
    pub(super) fn song(&self, id: &str) -> Result<(Song, usize), String> {
        let beat_seconds: Vec<f64> = self.beats.iter().map(|beat| beat.seconds).collect();
        let heard_seconds: Vec<f64> = self.heard.iter().map(|beat| beat.seconds).collect();
        let annotated_bpm = grid::median_bpm(&beat_seconds).ok_or("no beats")?;
        let octave = Octave::choose(annotated_bpm, grid::median_bpm(&heard_seconds))
            .ok_or_else(|| format!("no tempo octave of {annotated_bpm:.1} lies in 70..140 beats a minute"))?;
        let grid = self.grid(octave).ok_or("broken grid: beats lie off the MIDI quarters")?;
        let main_key = harmony::main_key(&self.keys).ok_or("no key")?;

        let laid = Laid::new(self.on_grid(&self.melody, &grid), self.on_grid(&self.piano, &grid), FEWEST_BARS)?;
        let origin = f64::from(laid.lead_in);
        let shifts = harmony::bar_shifts(main_key, &self.placed(&self.keys, &grid, origin), &laid.onsets(), laid.bars);
        let slots = 2 * laid.bars;
        let written = harmony::half_bar_chords(&self.placed(&self.chords, &grid, origin), slots);
        let sounding = template::soundings(&laid.free_notes(), slots, f64::from(STEPS_PER_HALF_BAR));
        let head = Head { id: id.to_owned(), split: split(id), mode: main_key.mode, bpm: octave.bpm(annotated_bpm) };
        let chords = template::filled(&written, &sounding);
        let found = chords.iter().zip(&written).filter(|(chord, written)| chord != written).count();
        Ok((laid.song(head, chords, &shifts), found))
    }

    /// All that is played, in seconds, and where the beats of 70 to 140 a minute are.
    #[cfg(test)]
    pub(super) fn timed(&self, id: &str) -> Option<super::Timed> {
        let annotated: Vec<f64> = self.beats.iter().map(|beat| beat.seconds).collect();
        let heard: Vec<f64> = self.heard.iter().map(|beat| beat.seconds).collect();
        let octave = Octave::choose(grid::median_bpm(&annotated)?, grid::median_bpm(&heard))?;
        let grid = self.grid(octave)?;
        let ticks = f64::from(self.midi.ticks_per_quarter);
        let seconds = |quarters: f64| self.midi.tempo.seconds(quarters * ticks);
        let notes: Vec<FreeNote> = self
            .midi
            .parts
            .iter()
            .flat_map(|part| &part.notes)
            .map(|note| FreeNote {
                start: self.midi.tempo.seconds(f64::from(note.start)),
                end: self.midi.tempo.seconds(f64::from(note.end)),
                pitch: note.pitch,
                velocity: note.velocity,
            })
            .collect();
        let every = |steps: u32| grid.times(steps).into_iter().map(seconds).collect();
        Some(super::Timed { id: id.to_owned(), notes, beats: every(4), downbeats: every(16) })
    }

    /// Quarters from the first beat or note to the last, with bar lines where they most likely are.
    fn grid(&self, octave: Octave) -> Option<Grid> {
        let beats: Vec<f64> = self.beats.iter().map(|beat| self.quarters(beat.seconds)).collect();
        let phase = grid::quarter_phase(&beats)?;
        let notes = || self.melody.notes.iter().chain(&self.piano.notes);
        let first = notes().map(|note| self.quarters_of(note.start)).chain(beats.first().copied()).reduce(f64::min)?;
        let last = notes().map(|note| self.quarters_of(note.end)).chain(beats.last().copied()).reduce(f64::max)?;
        let origin = (first - phase).floor() + phase;
        let evidence = self.evidence(origin, (last - origin).ceil() as usize + 1, octave);
        Some(Grid::new(origin, octave, &phase::places(&evidence, octave.quarters_per_bar())))
    }

    fn evidence(&self, origin: f64, quarters: usize, octave: Octave) -> Vec<Evidence> {
        let mut evidence = vec![Evidence::default(); quarters];
        let index = |seconds: f64| ((self.quarters(seconds) - origin).round().max(0.0) as usize).min(quarters - 1);
        if let (Some(first), Some(last)) = (self.chords.first(), self.chords.last()) {
            for beat in &mut evidence[index(first.start)..index(last.end)] {
                beat.change = Some(false);
            }
        }
        for pair in self.chords.windows(2).filter(|pair| pair[0].label != pair[1].label) {
            evidence[index(pair[1].start)].change = Some(true);
        }
        let two_a_bar = octave.quarters_per_bar() == 2;
        for beat in self.beats.iter().filter(|beat| if two_a_bar { beat.group } else { beat.bar }) {
            evidence[index(beat.seconds)].flag = true;
        }
        for beat in self.heard.iter().filter(|beat| beat.order == 1) {
            evidence[index(beat.seconds)].heard = true;
        }
        evidence
    }

    fn quarters(&self, seconds: f64) -> f64 {
        self.midi.tempo.ticks(seconds) / f64::from(self.midi.ticks_per_quarter)
    }

    fn quarters_of(&self, ticks: u32) -> f64 {
        f64::from(ticks) / f64::from(self.midi.ticks_per_quarter)
    }

    fn on_grid(&self, part: &MidiPart, grid: &Grid) -> Vec<Note> {
        let note = |note: &crate::music::smf::MidiNote| {
            let start = grid.step(self.quarters_of(note.start));
            let steps = grid.step(self.quarters_of(note.end)).saturating_sub(start).clamp(1, u32::from(u16::MAX));
            Note { start, pitch: note.pitch, duration: steps as u16, velocity: note.velocity }
        };
        part.notes.iter().map(note).collect()
    }

    /// Spans in steps after `origin`.
    fn placed<T: Copy>(&self, spans: &[Span<T>], grid: &Grid, origin: f64) -> Vec<Span<T>> {
        let place = |seconds: f64| (grid.place(self.quarters(seconds)) - origin).max(0.0);
        spans.iter().map(|span| Span { start: place(span.start), end: place(span.end), label: span.label }).collect()
    }
}

/// Numbers that end in 0 are test, in 9 validation, all others train.
fn split(id: &str) -> Split {
    match id.as_bytes().last() {
        Some(b'0') => Split::Test,
        Some(b'9') => Split::Validation,
        _ => Split::Train,
    }
}
