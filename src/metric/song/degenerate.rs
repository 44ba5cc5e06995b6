//! Takes that are no music: stuck notes, metronome-like onsets, silence, runaway density.
//!
//! Every threshold lies beyond what any of the corpus' real songs does in any stretch of 32 bars; `eval.music` says how many of
//! the real ones it measured are flagged.

use serde::Serialize;

use super::{pitches::notes, rhythm};
use crate::{
    corpus::Song,
    music::{Note, STEPS_PER_BAR},
};

/// What is wrong with a take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Defect {
    /// One pitch again and again, or a bar of the accompaniment that never changes.
    Stuck,
    /// The whole piece on one rhythm.
    Metronome,
    Silence,
    Runaway,
}

/// Notes of one pitch in a row in the melody.
const MOST_REPEATS: usize = 24;
/// Bars in a row with the same accompaniment, note for note.
const MOST_EQUAL_BARS: usize = 12;
/// Share of sounding bars with the commonest rhythm of both parts.
const MOST_OF_ONE_RHYTHM: f64 = 0.85;
/// Bars in a row in which nothing begins.
const MOST_SILENT_BARS: usize = 4;
const MOST_EMPTY_BEATS: f64 = 0.35;
/// Notes that begin in a bar, in both parts: in any bar, and on the whole.
const MOST_NOTES: usize = 72;
const MOST_NOTES_ON_THE_WHOLE: f64 = 40.0;

pub(crate) fn defects(song: &Song) -> Vec<Defect> {
    let checks = [
        (Defect::Stuck, is_stuck(song)),
        (Defect::Metronome, of_one_rhythm(song) > MOST_OF_ONE_RHYTHM),
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

fn of_one_rhythm(song: &Song) -> f64 {
    let grooves: Vec<u16> = rhythm::grooves(song).into_iter().filter(|groove| *groove != 0).collect();
    let most = grooves.iter().map(|one| grooves.iter().filter(|other| *other == one).count()).max().unwrap_or(0);
    most as f64 / grooves.len().max(1) as f64
}

fn is_silent(song: &Song) -> bool {
    let empty = rhythm::empty_beat_rate(song).is_none_or(|rate| rate > MOST_EMPTY_BEATS);
    empty || longest_run(&rhythm::grooves(song), |groove| *groove == 0) > MOST_SILENT_BARS
}

fn runs_away(song: &Song) -> bool {
    let mut counts = vec![0_usize; song.bars];
    for note in notes(song) {
        if let Some(count) = counts.get_mut((note.start / STEPS_PER_BAR) as usize) {
            *count += 1;
        }
    }
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
        song.accompaniment.retain(|note| (note.start / 16 * 7 + note.start * 3) % 5 != 0);
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
        let mut metronome = testing::song("1", 32, Split::Test);
        metronome.melody.clear();
        assert_eq!(defects(&metronome), [Defect::Metronome]);
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
