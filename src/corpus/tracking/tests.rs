//! The tracker on songs whose beats are known: POP909 played in real time, with the unsteady hands of a transcription.

use std::path::Path;

use rand_chacha::rand_core::Rng;

use super::*;
use crate::{
    corpus::{
        Split,
        draft::{Draft, Written},
        grid::Octave,
        pop909::{self, Timed},
    },
    seed::Seed,
    testing,
};

/// As (Davies, Degara, Plumbley 2009) count a beat that is hit.
const HIT_SECONDS: f64 = 0.07;
/// Standard deviation of onsets in a transcription.
const UNSTEADY_SECONDS: f64 = 0.02;

struct Judged {
    id: String,
    tracked: Tracked,
    beats: f64,
    /// None where no song comes of it.
    downbeats: Option<f64>,
}

fn judged(folder: &Path, every: usize, unsteady: f64) -> impl Iterator<Item = Judged> {
    let mut rng = Seed::master(1).rng();
    let mut uniform = move || (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    // Twelve uniform numbers have a variance of 1.
    let mut normal = move || (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
    pop909::timed(folder, every).into_iter().filter_map(move |Timed { id, notes, beats, downbeats }| {
        let shake = |note: &FreeNote| {
            let shift = unsteady * normal();
            FreeNote { start: note.start + shift, end: note.end + shift, ..*note }
        };
        let notes: Vec<FreeNote> = notes.iter().map(shake).collect();
        let tracked = track(&notes)?;
        let bars = bars(&tracked, &notes);
        let downbeats = bars.map(|bars| f_measure(&bars, &downbeats));
        Some(Judged { beats: f_measure(tracked.pulse.beats(), &beats), downbeats, tracked, id })
    })
}

/// Seconds of the bar lines of the song that comes of it.
fn bars(tracked: &Tracked, notes: &[FreeNote]) -> Option<Vec<f64>> {
    let draft = Draft {
        id: String::new(),
        split: Split::Train,
        bpm: tracked.bpm,
        octave: Octave::Kept,
        lead: vec![],
        others: notes.iter().map(|note| note.counted(&tracked.pulse)).collect(),
        written: Written::default(),
        fewest_bars: 16,
    };
    Some(draft.build().ok()?.bars.into_iter().map(|beat| tracked.pulse.seconds(beat)).collect())
}

fn f_measure(found: &[f64], known: &[f64]) -> f64 {
    let mut hits = 0;
    let mut next = 0;
    for beat in known {
        while next < found.len() && found[next] < beat - HIT_SECONDS {
            next += 1;
        }
        if next < found.len() && found[next] <= beat + HIT_SECONDS {
            hits += 1;
            next += 1;
        }
    }
    2.0 * f64::from(hits) / (found.len() + known.len()).max(1) as f64
}

#[test]
fn beats_of_real_songs_are_found() {
    let Some(data) = testing::data() else { return };
    let found: Vec<f64> = judged(&data.join("pop909"), 100, UNSTEADY_SECONDS).map(|judged| judged.beats).collect();
    assert!(found.len() > 7 && found.iter().sum::<f64>() / found.len() as f64 > 0.85, "{found:?}");
}

#[test]
fn noise_has_no_beat_and_too_few_notes_neither() {
    let mut rng = Seed::master(5).rng();
    let mut below = |most: u64| rng.next_u64() % most;
    let notes: Vec<FreeNote> = (0..600)
        .map(|_| {
            let start = below(120_000) as f64 / 1000.0;
            FreeNote { start, end: start + 0.3, pitch: 40 + below(40) as u8, velocity: 80 }
        })
        .collect();
    assert!(believed(&notes).unwrap_err().starts_with("unstable beat"));
    assert_eq!(believed(&notes[..10]).unwrap_err(), "too few notes: no beat can be found");
    assert!(believed(&[]).is_err());
}

#[test]
#[ignore = "a measurement"]
#[expect(clippy::print_stderr, reason = "it prints what it measures")]
fn figures_on_pop909() {
    let Some(data) = testing::data() else { return };
    for unsteady in [0.0, UNSTEADY_SECONDS] {
        let (mut beats, mut downbeats, mut good, mut songs, mut built) = (0.0, 0.0, 0, 0, 0);
        for judged in judged(&data.join("pop909"), 3, unsteady) {
            if judged.beats < 0.9 {
                let Tracked { bpm, off_sixteenths, steady, .. } = judged.tracked;
                eprintln!(
                    "{} F {:.3} bpm {bpm:.1} off {off_sixteenths:.3} steady {steady:.2}",
                    judged.id, judged.beats
                );
            }
            (beats, songs) = (beats + judged.beats, songs + 1);
            good += usize::from(judged.beats >= 0.9);
            (downbeats, built) =
                (downbeats + judged.downbeats.unwrap_or(0.0), built + usize::from(judged.downbeats.is_some()));
        }
        let mean = |sum: f64, count: usize| sum / count as f64;
        eprintln!(
            "onsets {unsteady} s off: {songs} songs, beats F {:.3}, {good} of them 0.9 or more; {built} built, downbeats F {:.3}",
            mean(beats, songs),
            mean(downbeats, built)
        );
    }
}
