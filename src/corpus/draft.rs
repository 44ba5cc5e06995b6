//! Music that is counted in beats but knows no bars, chords or key yet, and the song that it becomes.

use super::{
    Song, Split,
    free_note::FreeNote,
    grid::{Grid, Octave},
    key_path,
    laid::{Head, Laid},
    phase::{self, Evidence},
    span::Span,
    template, voices,
};
use crate::music::{Chord, Key, Note, STEPS_PER_BAR, STEPS_PER_HALF_BAR};

/// How much a chord that is written for all of a half bar adds to its score; a chord whose tones are all that sounds has 10.
const WRITTEN: f64 = 5.0;
/// How much a written key adds to each bar's score, in nats: a fifth of a borrowed note.
const WRITTEN_KEY: f64 = 0.5;

/// All times in beats.
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) split: Split,
    /// Beats a minute as they are counted.
    pub(super) bpm: f64,
    /// What brings them to 70..140.
    pub(super) octave: Octave,
    /// The melody where a track says so; else the top line is taken.
    pub(super) lead: Vec<FreeNote>,
    pub(super) others: Vec<FreeNote>,
    pub(super) written: Written,
    pub(super) fewest_bars: usize,
}

/// What is written beside the notes.
#[derive(Default)]
pub(super) struct Written {
    pub(super) downbeats: Vec<f64>,
    /// None for chords that are known to be missing: those on these roots.
    pub(super) chords: Vec<Span<Option<Chord>>>,
    pub(super) missing_roots: Vec<u8>,
    pub(super) key: Option<Key>,
}

/// A song, and the beat that each of its bars begins at; one more for the end.
pub(super) struct Built {
    pub(super) song: Song,
    pub(super) bars: Vec<f64>,
}

impl Draft {
    /// The song, or why it is left out.
    pub(super) fn build(self) -> Result<Built, String> {
        let grid = self.grid()?;
        let on_grid = |notes: &[FreeNote]| notes.iter().map(|note| step(note, &grid)).collect::<Vec<Note>>();
        let (melody, accompaniment) = if self.lead.is_empty() {
            voices::top_line(on_grid(&self.others))
        } else {
            voices::lead(&on_grid(&self.lead), on_grid(&self.others))
        };
        let laid = Laid::new(melody, accompaniment, self.fewest_bars)?;
        let lean = |shift: i32| {
            if self.written.key.is_some_and(|key| key.shift_to_neutral() == shift) { WRITTEN_KEY } else { 0.0 }
        };
        let shifts = key_path::shifts(&laid.onsets(), laid.bars, lean);
        let chords = self.chords(&laid, &grid);
        let neutral = |note: &Note| {
            let shift = shifts[(note.start / STEPS_PER_BAR) as usize];
            ((i32::from(note.pitch) + shift).rem_euclid(12) as u8, f64::from(note.duration))
        };
        let shifted: Vec<Chord> =
            chords.iter().enumerate().map(|(slot, chord)| chord.transposed(shifts[slot / 2])).collect();
        let mode = match self.written.key {
            Some(key) if shifts.iter().any(|shift| *shift == key.shift_to_neutral()) => key.mode,
            _ => key_path::mode(laid.notes().map(neutral), &shifted),
        };
        let first_bar = laid.lead_in / STEPS_PER_BAR;
        let bars = (0..=laid.bars as u32).map(|bar| grid.quarter_of((first_bar + bar) * STEPS_PER_BAR)).collect();
        let head = Head { id: self.id, split: self.split, mode, bpm: self.octave.bpm(self.bpm) };
        Ok(Built { song: laid.song(head, chords, &shifts), bars })
    }

    fn notes(&self) -> impl Iterator<Item = &FreeNote> {
        self.lead.iter().chain(&self.others)
    }

    /// From the beat of the first note to that of the last, with bar lines where they most likely are.
    fn grid(&self) -> Result<Grid, String> {
        let first = self.notes().map(|note| note.start).reduce(f64::min).ok_or("no notes")?;
        let last = self.notes().map(|note| note.end).reduce(f64::max).ok_or("no notes")?;
        // A note that was struck a little early belongs to the beat after it.
        let origin = (first + 0.125).floor().min(first.round());
        let evidence = self.evidence(origin, (last - origin).ceil().max(1.0) as usize + 1);
        let quarters_per_bar = self.octave.quarters_per_bar();
        if phase::in_threes(&evidence, quarters_per_bar) {
            return Err("not plain 4/4: chords change every third beat".to_owned());
        }
        Ok(Grid::new(origin, self.octave, &phase::places(&evidence, quarters_per_bar)))
    }

    fn evidence(&self, origin: f64, beats: usize) -> Vec<Evidence> {
        let notes: Vec<FreeNote> =
            self.notes().map(|note| FreeNote { start: note.start - origin, end: note.end - origin, ..*note }).collect();
        let sounding = template::soundings(&notes, beats, 1.0);
        let chords = template::chords(&sounding, |_, _| 0.0);
        let change = |beat: usize| (!sounding[beat].is_silent()).then(|| beat == 0 || chords[beat] != chords[beat - 1]);
        let mut evidence: Vec<Evidence> =
            (0..beats).map(|beat| Evidence { change: change(beat), ..Evidence::default() }).collect();
        let index = |place: f64| ((place - origin).round().max(0.0) as usize).min(beats - 1);
        for downbeat in &self.written.downbeats {
            evidence[index(*downbeat)].flag = true;
        }
        for pair in self.written.chords.windows(2).filter(|pair| pair[0].label != pair[1].label) {
            evidence[index(pair[1].start)].heard = true;
        }
        evidence
    }

    /// The likeliest chords after notes and what is written.
    fn chords(&self, laid: &Laid, grid: &Grid) -> Vec<Chord> {
        let slots = 2 * laid.bars;
        let sounding = template::soundings(&laid.free_notes(), slots, f64::from(STEPS_PER_HALF_BAR));
        let mut written: Vec<Vec<(Option<Chord>, f64)>> = vec![Vec::new(); slots];
        let length = f64::from(STEPS_PER_HALF_BAR);
        for span in &self.written.chords {
            let place = |beat: f64| (grid.place(beat) - f64::from(laid.lead_in)) / length;
            let (start, end) = (place(span.start).max(0.0), place(span.end).min(slots as f64));
            for (slot, labels) in written.iter_mut().enumerate().take(end.max(0.0).ceil() as usize).skip(start as usize)
            {
                labels.push((span.label, end.min(slot as f64 + 1.0) - start.max(slot as f64)));
            }
        }
        template::chords(&sounding, |slot, chord| {
            let fits = |label: &Option<Chord>| match label {
                Some(label) => *label == chord,
                None => chord.root().is_some_and(|root| self.written.missing_roots.contains(&root)),
            };
            written[slot].iter().filter(|(label, _)| fits(label)).map(|(_, share)| WRITTEN * share).sum()
        })
    }
}

fn step(note: &FreeNote, grid: &Grid) -> Note {
    let start = grid.step(note.start);
    let steps = grid.step(note.end).saturating_sub(start).clamp(1, u32::from(u16::MAX));
    Note { start, pitch: note.pitch, duration: steps as u16, velocity: note.velocity.max(1) }
}
