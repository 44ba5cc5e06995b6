//! What the loader measures on its way: how well onsets and chords lie on the beats that were found.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{FreeNote, Song, Span, annotation::Entry, tracking::Tracked};
use crate::{
    corpus::{
        midi::Measured,
        report::{quantiles, rounded},
    },
    music::{Chord, STEPS_PER_BEAT},
};

/// An onset this near to a sixteenth lies on it, as a hand is that exact.
const NEAR_SECONDS: f64 = 0.03;

#[derive(Default)]
pub(super) struct Figures {
    songs: Vec<SongFigures>,
    addresses: BTreeMap<String, usize>,
    other_mode: usize,
}

pub(super) struct SongFigures {
    /// Of each onset to its sixteenth.
    mean_error_seconds: f64,
    /// Share of onsets within 30 ms of a sixteenth.
    near: f64,
    steady: f64,
    /// Chord changes that are written, and those of them nearest to an even beat counted from the best phase.
    changes: usize,
    on_half_bars: usize,
    /// Share of the written chords' time that is missing.
    missing: f64,
}

impl SongFigures {
    pub(super) fn new(tracked: &Tracked, notes: &[FreeNote], chords: &[Span<Option<Chord>>]) -> Self {
        let sixteenths = f64::from(STEPS_PER_BEAT);
        let errors: Vec<f64> = notes
            .iter()
            .map(|note| {
                let place = tracked.pulse.beat(note.start) * sixteenths;
                (note.start - tracked.pulse.seconds(place.round() / sixteenths)).abs()
            })
            .collect();
        let count = errors.len().max(1) as f64;
        let changes: Vec<i64> = chords
            .windows(2)
            .filter(|pair| pair[0].label != pair[1].label)
            .map(|pair| pair[1].start.round() as i64)
            .collect();
        let on_even = changes.iter().filter(|beat| beat.rem_euclid(2) == 0).count();
        let length = |spans: &mut dyn Iterator<Item = &Span<Option<Chord>>>| -> f64 {
            spans.map(|span| span.end - span.start).sum()
        };
        let missing = length(&mut chords.iter().filter(|span| span.label.is_none()));
        Self {
            mean_error_seconds: errors.iter().sum::<f64>() / count,
            near: errors.iter().filter(|error| **error <= NEAR_SECONDS).count() as f64 / count,
            steady: tracked.steady,
            on_half_bars: on_even.max(changes.len() - on_even),
            changes: changes.len(),
            missing: missing / length(&mut chords.iter()).max(f64::MIN_POSITIVE),
        }
    }
}

impl Figures {
    pub(super) fn add(&mut self, song: &Song, entry: &Entry, of_song: SongFigures) {
        self.songs.push(of_song);
        *self.addresses.entry(entry.address.clone()).or_default() += 1;
        self.other_mode += usize::from(song.mode != entry.key.mode);
    }

    pub(super) fn values(&self) -> Measured {
        let mean = |of: fn(&SongFigures) -> f64| {
            rounded(self.songs.iter().map(of).sum::<f64>() / self.songs.len().max(1) as f64)
        };
        let sum = |of: fn(&SongFigures) -> usize| self.songs.iter().map(of).sum::<usize>();
        let errors = self.songs.iter().map(|song| song.mean_error_seconds);
        let values: [(&str, Value); 8] = [
            ("quantisation_error_seconds_mean", json!(mean(|song| song.mean_error_seconds))),
            ("quantisation_error_seconds_quantiles_5_25_50_75_95", json!(quantiles(errors))),
            ("onsets_within_30_ms_of_a_sixteenth", json!(mean(|song| song.near))),
            ("steady_beats", json!(mean(|song| song.steady))),
            (
                "written_chord_changes_on_half_bars",
                json!(rounded(sum(|song| song.on_half_bars) as f64 / sum(|song| song.changes).max(1) as f64)),
            ),
            ("chord_time_missing", json!(mean(|song| song.missing))),
            (
                "songs_whose_video_occurs_twice",
                json!(self.addresses.values().filter(|songs| **songs > 1).sum::<usize>()),
            ),
            ("songs_whose_mode_is_not_the_written_one", json!(self.other_mode)),
        ];
        values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
