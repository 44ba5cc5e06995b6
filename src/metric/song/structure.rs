//! What comes back: how alike bars are that lie 4, 8 or 16 apart.
//!
//! The question of Wu & Yang's structureness indicators (2020: does the piece repeat itself at short, middle and long range),
//! asked of notes instead of sound, as the self-similarity at a lag.

use std::collections::HashSet;

use crate::{
    corpus::Song,
    music::{Note, STEPS_PER_BAR},
};

pub(super) fn of_4_bars(song: &Song) -> Option<f64> {
    at_lag(song, 4)
}

pub(super) fn of_8_bars(song: &Song) -> Option<f64> {
    at_lag(song, 8)
}

pub(super) fn of_16_bars(song: &Song) -> Option<f64> {
    at_lag(song, 16)
}

fn at_lag(song: &Song, lag: usize) -> Option<f64> {
    let parts = [bars(song, &song.melody), bars(song, &song.accompaniment)];
    let likeness = |bar: usize| {
        let alike = parts.iter().filter_map(|bars| dice(&bars[bar], &bars[bar + lag]));
        let alike: Vec<f64> = alike.collect();
        (!alike.is_empty()).then(|| alike.iter().sum::<f64>() / alike.len() as f64)
    };
    let all: Vec<f64> = (0..song.bars.saturating_sub(lag)).filter_map(likeness).collect();
    (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
}

/// Onsets and pitches of each bar.
fn bars(song: &Song, notes: &[Note]) -> Vec<HashSet<(u32, u8)>> {
    let mut bars = vec![HashSet::new(); song.bars];
    for note in notes {
        if let Some(bar) = bars.get_mut((note.start / STEPS_PER_BAR) as usize) {
            bar.insert((note.start % STEPS_PER_BAR, note.pitch));
        }
    }
    bars
}

/// Notes of both in both; none where both are silent.
fn dice(one: &HashSet<(u32, u8)>, other: &HashSet<(u32, u8)>) -> Option<f64> {
    let all = one.len() + other.len();
    (all > 0).then(|| 2.0 * one.intersection(other).count() as f64 / all as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{corpus::Split, model::testing};

    #[test]
    fn a_loop_of_four_bars_is_alike_at_four_and_eight() {
        let song = testing::song("1", 24, Split::Test);
        for lag in [4, 8, 16] {
            assert_eq!(at_lag(&song, lag), Some(1.0));
        }
        assert!(at_lag(&song, 1).unwrap() < 0.5);
        assert_eq!(at_lag(&song, 24), None);
    }

    #[test]
    fn half_of_the_notes_changed_is_half_alike() {
        let mut song = testing::song("1", 8, Split::Test);
        song.melody.clear();
        song.accompaniment
            .iter_mut()
            .filter(|note| note.start >= 64 && note.start % 4 == 0)
            .for_each(|note| note.pitch += 1);
        assert_eq!(of_4_bars(&song), Some(0.5));
    }
}
