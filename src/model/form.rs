//! Where sections of a song probably begin: at the edges of stretches that come back, and where the melody enters or stops.
//! Songs carry no section marks; cue plans do, and the models should know what a mark means.

use super::affect::notes_by_bar;
use crate::{corpus::Song, music::STEPS_PER_BAR};

const SHORTEST_SECTION: usize = 4;
/// A stretch comes back when its bars are this alike, one by one.
const ALIKE: f32 = 0.6;
/// Longer stretches count no more than this many bars.
const MOST_BARS: usize = 16;
/// What the melody's entry or end after two bars of its absence counts, in bars of a stretch that comes back.
const ENTRY_WEIGHT: usize = 8;
const LEAST_WEIGHT: usize = 8;

/// First bars of sections, in order; bar 0 is one.
pub(crate) fn boundaries(song: &Song) -> Vec<usize> {
    let weights = weights(song);
    let mut order: Vec<usize> = (1..song.bars).filter(|bar| weights[*bar] >= LEAST_WEIGHT).collect();
    order.sort_by_key(|bar| (std::cmp::Reverse(weights[*bar]), *bar));
    let mut chosen = vec![0_usize];
    for bar in order {
        if chosen.iter().all(|other| other.abs_diff(bar) >= SHORTEST_SECTION) {
            chosen.push(bar);
        }
    }
    chosen.sort_unstable();
    chosen
}

fn weights(song: &Song) -> Vec<usize> {
    let melody = rhythms(song);
    let mut weights = vec![0; song.bars + 1];
    for lag in SHORTEST_SECTION..song.bars {
        let mut run = 0;
        for bar in 0..=song.bars - lag {
            if bar + lag < song.bars && likeness(song, &melody, bar, bar + lag) >= ALIKE {
                run += 1;
                continue;
            }
            if run >= SHORTEST_SECTION {
                let start = bar - run;
                for edge in [start, start + lag, bar, bar + lag] {
                    weights[edge] += run.min(MOST_BARS);
                }
            }
            run = 0;
        }
    }
    for (bar, weight) in weights.iter_mut().enumerate().take(song.bars).skip(2) {
        *weight += if turns(&melody, bar) { ENTRY_WEIGHT } else { 0 };
    }
    weights
}

/// Whether the melody enters after two bars without it, or is gone from here on for two bars.
fn turns(melody: &[u16], bar: usize) -> bool {
    let silent = |bar: usize| melody.get(bar).is_none_or(|onsets| *onsets == 0);
    let enters = silent(bar - 2) && silent(bar - 1) && !silent(bar);
    let stops = !silent(bar - 1) && silent(bar) && silent(bar + 1);
    enters || stops
}

/// The melody's onsets in each bar, a bit a step.
fn rhythms(song: &Song) -> Vec<u16> {
    let bit = |start: u32| 1_u16 << (start % STEPS_PER_BAR);
    let bars = notes_by_bar(&song.melody, song.bars);
    bars.into_iter().map(|notes| notes.iter().fold(0, |bits, note| bits | bit(note.start))).collect()
}

/// 0..1: half from chords, half from the melody's rhythm.
fn likeness(song: &Song, rhythms: &[u16], one: usize, other: usize) -> f32 {
    let same = (0..2).filter(|half| song.chords[2 * one + half] == song.chords[2 * other + half]).count();
    let (a, b) = (rhythms[one], rhythms[other]);
    let shared = match (a | b).count_ones() {
        0 => 1.0,
        either => (a & b).count_ones() as f32 / either as f32,
    };
    0.25 * same as f32 + 0.5 * shared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        corpus::Split,
        model::testing,
        music::{Chord, Note, Quality},
    };

    /// A song whose bars have these materials: a chord and a rhythm of their own each, or silence.
    fn song(materials: &str) -> Song {
        let mut song = testing::song("1", materials.len(), Split::Train);
        song.melody.clear();
        for (bar, material) in materials.bytes().enumerate() {
            let root = material % 12;
            song.chords[2 * bar..2 * bar + 2].fill(Chord::new(root, Quality::Major));
            if material != b'.' {
                let onsets = (0..16).filter(|step| ((material as u32 * 40_503) >> step) & 1 == 1);
                let note = |step| Note { start: 16 * bar as u32 + step, pitch: 72, duration: 1, velocity: 80 };
                song.melody.extend(onsets.map(note));
            }
        }
        song
    }

    #[test]
    fn edges_of_what_comes_back_are_boundaries() {
        assert_eq!(boundaries(&song("abcdefghijklmnopabcdefgh")), [0, 8, 16]);
    }

    #[test]
    fn the_melody_enters_and_stops_at_boundaries() {
        assert_eq!(boundaries(&song("....abcdefghij....")), [0, 4, 14]);
    }

    #[test]
    fn without_anything_that_returns_there_is_one_section() {
        assert_eq!(boundaries(&song("abcdefghijkl")), [0]);
    }

    #[test]
    fn sections_have_four_bars_at_least() {
        for materials in ["abcdabcdabcdabcd", "aaaaaaaaaaaaaaaa", "abababababababab", "a..b..c..d..e..f"] {
            let found = boundaries(&song(materials));
            assert!(found.windows(2).all(|pair| pair[1] - pair[0] >= 4), "{materials}: {found:?}");
        }
    }
}
