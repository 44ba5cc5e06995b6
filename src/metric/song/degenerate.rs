//! Takes that are no music: stuck notes, metronome-like onsets, silence, runaway density.
//!
//! Every threshold lies beyond what any of POP909's test songs does in any stretch of 32 bars; `eval.music` says how many of the
//! real stretches that it measured are flagged.

use std::{collections::HashMap, hash::Hash};

use serde::Serialize;

use super::rhythm;
use crate::{
    corpus::Song,
    music::{Note, STEPS_PER_BAR},
};

/// What is wrong with a take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Defect {
    /// One pitch again and again, or a bar of the accompaniment that does not change.
    Stuck,
    /// The piece on one rhythm, or the melody on one note value.
    Metronome,
    Silence,
    Runaway,
}

/// Notes of one pitch in a row in the melody; 16 in a test song.
const MOST_REPEATS: usize = 20;
/// Bars in a row with the same accompaniment, note for note; 4 in a test song.
const MOST_EQUAL_BARS: usize = 8;
/// Share of the sounding bars that have the commonest rhythm in melody and accompaniment; 0.63 in a test song.
const MOST_OF_ONE_RHYTHM: f64 = 0.7;
/// Share of the commonest distance between the melody's onsets, where it has notes enough to tell; 0.89 in a test song.
const MOST_OF_ONE_VALUE: f64 = 0.93;
const NOTES_TO_TELL: usize = 16;
/// Beats in a row in which nothing sounds, and share of all; 20 and 0.16 in a test song.
const MOST_SILENT_BEATS: usize = 20;
const MOST_EMPTY_BEATS: f64 = 0.2;
/// Notes that begin in a bar, in both parts: in any bar, and on the whole; 58 and 31 in a test song.
const MOST_NOTES: usize = 60;
const MOST_NOTES_ON_THE_WHOLE: f64 = 36.0;

pub(crate) fn defects(song: &Song) -> Vec<Defect> {
    let checks = [
        (Defect::Stuck, is_stuck(song)),
        (Defect::Metronome, is_metronome(song)),
        (Defect::Silence, is_silent(song)),
        (Defect::Runaway, runs_away(song)),
    ];
    checks.into_iter().filter(|(_, found)| *found).map(|(defect, _)| defect).collect()
}

fn is_stuck(song: &Song) -> bool {
    let pitches: Vec<u8> = song.melody.iter().map(|note| note.pitch).collect();
    let bars = bars(song, &song.accompaniment);
    longest_run(&pitches, |_| true) > MOST_REPEATS || longest_run(&bars, |bar| !bar.is_empty()) > MOST_EQUAL_BARS
}

fn is_metronome(song: &Song) -> bool {
    let grooves = rhythm::grooves(song, &song.melody).into_iter().zip(rhythm::grooves(song, &song.accompaniment));
    let sounding: Vec<(u16, u16)> = grooves.filter(|groove| *groove != (0, 0)).collect();
    let distances: Vec<u32> = song.melody.windows(2).map(|pair| pair[1].start - pair[0].start).collect();
    let on_one_value = distances.len() >= NOTES_TO_TELL && share_of_commonest(&distances) > MOST_OF_ONE_VALUE;
    share_of_commonest(&sounding) > MOST_OF_ONE_RHYTHM || on_one_value
}

fn share_of_commonest<T: Eq + Hash>(items: &[T]) -> f64 {
    let mut counts: HashMap<&T, usize> = HashMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts.values().max().map_or(0.0, |most| *most as f64 / items.len() as f64)
}

fn is_silent(song: &Song) -> bool {
    let sounding = rhythm::sounding_beats(song);
    let empty = sounding.iter().filter(|sounds| !**sounds).count() as f64;
    longest_run(&sounding, |sounds| !sounds) > MOST_SILENT_BEATS || empty > MOST_EMPTY_BEATS * sounding.len() as f64
}

fn runs_away(song: &Song) -> bool {
    let (melody, accompaniment) = (bars(song, &song.melody), bars(song, &song.accompaniment));
    let counts: Vec<usize> = melody.iter().zip(&accompaniment).map(|(one, other)| one.len() + other.len()).collect();
    let mean = counts.iter().sum::<usize>() as f64 / song.bars.max(1) as f64;
    counts.iter().any(|count| *count > MOST_NOTES) || mean > MOST_NOTES_ON_THE_WHOLE
}

fn bars(song: &Song, notes: &[Note]) -> Vec<Vec<(u32, u8)>> {
    let mut bars = vec![vec![]; song.bars];
    for note in notes {
        if let Some(bar) = bars.get_mut((note.start / STEPS_PER_BAR) as usize) {
            bar.push((note.start % STEPS_PER_BAR, note.pitch));
        }
    }
    bars
}

/// The longest run of equal items for which `counts` holds.
fn longest_run<T: PartialEq>(items: &[T], counts: impl Fn(&T) -> bool) -> usize {
    items.chunk_by(|a, b| a == b).filter(|run| counts(&run[0])).map(<[T]>::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{corpus::Split, model::testing};

    /// The made song with a rhythm of its own in each bar.
    fn song() -> Song {
        let mut song = testing::song("1", 32, Split::Test);
        song.accompaniment.retain(|note| (note.start / 16 * 3 + note.start % 16 / 2) % 5 != 0);
        song
    }

    #[test]
    fn a_plain_song_has_no_defect() {
        assert_eq!(defects(&song()), []);
    }

    #[test]
    fn every_defect_is_found() {
        let mut stuck = song();
        stuck.melody.iter_mut().for_each(|note| note.pitch = 72);
        assert_eq!(defects(&stuck), [Defect::Stuck]);
        assert_eq!(defects(&testing::song("1", 32, Split::Test)), [Defect::Metronome]);
        let mut silent = song();
        silent.melody.retain(|note| !(64..160).contains(&note.start));
        silent.accompaniment.retain(|note| !(64..160).contains(&note.start));
        assert_eq!(defects(&silent), [Defect::Silence]);
        let mut runaway = song();
        runaway.accompaniment.extend((0..80).map(|number| Note {
            start: 16 + number % 16,
            pitch: 30 + number as u8,
            duration: 1,
            velocity: 70,
        }));
        assert_eq!(defects(&runaway), [Defect::Runaway]);
        let empty = Song { melody: vec![], accompaniment: vec![], ..song() };
        assert_eq!(defects(&empty), [Defect::Silence]);
    }
}
