//! How the time of a MIDI file is counted: by the beats that are written in it if notes lie on them, else by beats that are
//! found in the notes.

use super::parts::Parts;
use crate::{
    corpus::{
        free_note::{FreeNote, Pulse},
        grid::Octave,
        tracking,
    },
    music::{
        smf::{MidiFile, MidiNote},
        tempo::TempoMap,
    },
};

const LONGEST_SECONDS: f64 = 3600.0;
/// How near to a sixteenth or a third of a quarter an onset lies on it, in quarters, and how many onsets must.
const NEAR: f64 = 0.04;
const ON_GRID: f64 = 0.75;
/// Share of onsets that lie on thirds and not on sixteenths, above which the music is in triplets.
const MOST_THIRDS: f64 = 0.15;
/// Share of the music in other metres, above which it is no 4/4.
const MOST_OTHER_METRE: f64 = 0.1;

pub(super) enum Counting {
    /// Beats are quarters of the file.
    Written { tempo: TempoMap, ticks_per_quarter: f64 },
    /// Beats are those of a pulse; the tempo map says where they lie in ticks.
    Found(FoundBeats),
}

pub(super) struct FoundBeats {
    tempo: TempoMap,
    pulse: Pulse,
}

pub(super) struct Counted {
    pub(super) counting: Counting,
    pub(super) bpm: f64,
    pub(super) octave: Octave,
    /// Written bar lines, in beats.
    pub(super) downbeats: Vec<f64>,
}

impl Counting {
    pub(super) fn note(&self, note: &MidiNote) -> FreeNote {
        let free = |start, end| FreeNote { start, end, pitch: note.pitch, velocity: note.velocity };
        match self {
            Self::Written { ticks_per_quarter, .. } => {
                free(f64::from(note.start) / ticks_per_quarter, f64::from(note.end) / ticks_per_quarter)
            }
            Self::Found(FoundBeats { tempo, pulse }) => seconds(tempo, note).counted(pulse),
        }
    }

    pub(super) fn seconds(&self, beat: f64) -> f64 {
        match self {
            Self::Written { tempo, ticks_per_quarter } => tempo.seconds(beat * ticks_per_quarter),
            Self::Found(FoundBeats { pulse, .. }) => pulse.seconds(beat),
        }
    }
}

impl Counted {
    pub(super) fn of(file: &MidiFile, parts: &Parts) -> Result<Self, String> {
        let end = parts.all().map(|note| note.end).max().unwrap_or(0);
        let length = file.tempo.seconds(f64::from(end));
        if length > LONGEST_SECONDS {
            return Err(format!("too long: {length:.0} s, over the limit of {LONGEST_SECONDS} s"));
        }
        let ticks = f64::from(file.ticks_per_quarter);
        let quarters: Vec<f64> = parts.all().map(|note| f64::from(note.start) / ticks).collect();
        let share = |near: &dyn Fn(f64) -> bool| {
            quarters.iter().filter(|place| near(**place)).count() as f64 / quarters.len().max(1) as f64
        };
        let on = |place: f64, parts: f64| (place - (place * parts).round() / parts).abs() <= NEAR;
        if share(&|place| on(place, 4.0) || on(place, 3.0)) < ON_GRID {
            return Self::found(file, parts);
        }
        let thirds = share(&|place| on(place, 3.0) && !on(place, 4.0));
        if thirds > MOST_THIRDS {
            return Err(format!("triplets: {:.0} % of onsets lie on thirds of a beat", 100.0 * thirds));
        }
        Self::written(file, parts, end)
    }

    fn written(file: &MidiFile, parts: &Parts, end: u32) -> Result<Self, String> {
        let other = other_metre(file, end);
        if other > MOST_OTHER_METRE {
            return Err(format!("not plain 4/4: other metres are written for {:.0} % of it", 100.0 * other));
        }
        let first = parts.all().map(|note| note.start).min().unwrap_or(0);
        let ticks = f64::from(file.ticks_per_quarter);
        let bpm = median_tempo(file, first, end).ok_or("no tempo")?;
        let octave = Octave::choose(bpm, None)
            .ok_or_else(|| format!("no tempo octave of {bpm:.1} lies in 70..140 beats a minute"))?;
        let counting = Counting::Written { tempo: file.tempo.clone(), ticks_per_quarter: ticks };
        Ok(Self { counting, bpm, octave, downbeats: downbeats(file, end) })
    }

    /// Beats after the ear, for notes that do not lie on the written ones.
    fn found(file: &MidiFile, parts: &Parts) -> Result<Self, String> {
        let notes: Vec<FreeNote> = parts.all().map(|note| seconds(&file.tempo, note)).collect();
        let tracked = tracking::believed(&notes)?;
        let found = FoundBeats { tempo: file.tempo.clone(), pulse: tracked.pulse };
        Ok(Self { counting: Counting::Found(found), bpm: tracked.bpm, octave: Octave::Kept, downbeats: vec![] })
    }
}

fn seconds(tempo: &TempoMap, note: &MidiNote) -> FreeNote {
    let time = |ticks: u32| tempo.seconds(f64::from(ticks));
    FreeNote { start: time(note.start), end: time(note.end), pitch: note.pitch, velocity: note.velocity }
}

/// Beats a minute of the quarter in the middle of all, by length; 120 where none is written.
fn median_tempo(file: &MidiFile, first: u32, end: u32) -> Option<f64> {
    let changes: Vec<_> = file.tempo.changes().collect();
    let mut spans: Vec<(u32, u32)> = changes
        .iter()
        .enumerate()
        .map(|(index, change)| {
            let until = changes.get(index + 1).map_or(end, |next| next.ticks.min(end));
            (change.micros_per_quarter, until.saturating_sub(change.ticks.max(first)))
        })
        .filter(|(_, ticks)| *ticks > 0)
        .collect();
    spans.sort_unstable();
    let half = spans.iter().map(|(_, ticks)| u64::from(*ticks)).sum::<u64>() / 2;
    let mut passed = 0;
    let median = spans.iter().find(|(_, ticks)| {
        passed += u64::from(*ticks);
        passed > half
    });
    median.map(|(micros, _)| 60e6 / f64::from(*micros))
}

/// Each written metre with its end, in ticks: beats a bar and quarters a beat.
fn metres(file: &MidiFile, end: u32) -> impl Iterator<Item = (u32, u32, f64)> {
    let next = move |index: usize| file.meters.get(index + 1).map_or(end, |(ticks, ..)| (*ticks).min(end));
    let spans = file
        .meters
        .iter()
        .enumerate()
        .map(move |(index, (start, beats, quarters))| (*start, next(index), f64::from(*beats) * quarters));
    spans.filter(|(start, until, _)| until > start)
}

/// Share of the music in metres whose bars are not halves, wholes or doubles of four quarters, or whose beat has three parts.
fn other_metre(file: &MidiFile, end: u32) -> f64 {
    let plain = |quarters: f64| [2.0, 4.0, 8.0].iter().any(|plain| (quarters - plain).abs() < 1e-6);
    let other: u32 =
        metres(file, end).filter(|(_, _, quarters)| !plain(*quarters)).map(|(start, until, _)| until - start).sum();
    f64::from(other) / f64::from(end.max(1))
}

/// Bar lines of written metres, in quarters; a file that says nothing, or only what all files say, says nothing.
fn downbeats(file: &MidiFile, end: u32) -> Vec<f64> {
    let ticks = f64::from(file.ticks_per_quarter);
    let lines = metres(file, end).filter(|(.., quarters)| *quarters >= 2.0).flat_map(|(start, until, quarters)| {
        let (start, until) = (f64::from(start) / ticks, f64::from(until) / ticks);
        (0..).map(move |bar| start + f64::from(bar) * quarters).take_while(move |line| *line < until)
    });
    lines.collect()
}
