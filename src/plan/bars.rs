//! Whole bars at one tempo, so that the last bar ends exactly with the picture: what is planned where no moment of the
//! picture asks for more, and what `align` is measured against.
//!
//! Lengths are counted in half bars: an even count is bars of 4/4, an odd one has a single 2/4 bar before the last bar.

use super::TempoRange;
use crate::artifact::{Bar, TempoMark};

/// Bars that fill a time without a hole.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BarFit {
    /// What tempi are measured against.
    pub(super) base_bpm: f64,
    pub(super) tempo_map: Vec<TempoMark>,
    pub(super) bars: Vec<Bar>,
    pub(super) phrase_bars: usize,
    /// What people should know: a tempo outside the range, a short bar.
    pub(super) note: Option<String>,
}

/// The shortest phrase.
pub(super) const SHORT_PHRASE_BARS: usize = 4;
/// From this many bars on, phrases have 8 bars.
const BARS_FOR_LONG_PHRASES: f64 = 40.0;
const BEATS_PER_HALF_BAR: f64 = 2.0;
/// How much tempo (as a logarithm) a piece may leave its target for whole phrases of four bars, or at least of two.
const UNEVEN_PHRASE_COST: f64 = 0.03;
const ODD_BARS_COST: f64 = 0.03;

/// The bars of a piece of `seconds` whose tempo lies in `range`, near `target_bpm`.
pub(super) fn fit_bars(seconds: f64, range: TempoRange, target_bpm: f64) -> BarFit {
    let half_bars = whole_bars(seconds, range, target_bpm)
        .or_else(|| with_short_bar(seconds, range, target_bpm))
        .unwrap_or_else(|| nearest_to_range(seconds, range));
    let bpm = bpm_of(half_bars, seconds);
    let bars = lay_bars(half_bars, seconds);
    BarFit {
        base_bpm: bpm,
        tempo_map: vec![TempoMark { time: 0.0, bpm }],
        phrase_bars: phrase_bars(bars.len() as f64),
        bars,
        note: note(half_bars, bpm, range),
    }
}

/// How many bars a phrase has in a piece of so many.
pub(super) fn phrase_bars(bars: f64) -> usize {
    if bars >= BARS_FOR_LONG_PHRASES { 2 * SHORT_PHRASE_BARS } else { SHORT_PHRASE_BARS }
}

fn bpm_of(half_bars: u32, seconds: f64) -> f64 {
    f64::from(half_bars) * BEATS_PER_HALF_BAR * 60.0 / seconds
}

/// Half bars that fit at a tempo, not rounded.
fn half_bars_at(bpm: f64, seconds: f64) -> f64 {
    bpm * seconds / 60.0 / BEATS_PER_HALF_BAR
}

/// All counts of half bars whose tempo is in the range.
fn counts_in_range(seconds: f64, range: TempoRange) -> impl Iterator<Item = u32> {
    let first = half_bars_at(range.min, seconds).floor() as u32;
    let last = half_bars_at(range.max, seconds).ceil() as u32;
    (first.max(1)..=last).filter(move |count| range.contains(bpm_of(*count, seconds)))
}

fn whole_bars(seconds: f64, range: TempoRange, target_bpm: f64) -> Option<u32> {
    let cost = |half_bars: u32| {
        let uneven = if half_bars.is_multiple_of(8) { 0.0 } else { UNEVEN_PHRASE_COST };
        let odd = if half_bars.is_multiple_of(4) { 0.0 } else { ODD_BARS_COST };
        (bpm_of(half_bars, seconds) / target_bpm).ln().abs() + uneven + odd
    };
    counts_in_range(seconds, range).filter(|count| count.is_multiple_of(2)).min_by(|a, b| cost(*a).total_cmp(&cost(*b)))
}

fn with_short_bar(seconds: f64, range: TempoRange, target_bpm: f64) -> Option<u32> {
    let cost = |half_bars: u32| (bpm_of(half_bars, seconds) / target_bpm).ln().abs();
    counts_in_range(seconds, range).min_by(|a, b| cost(*a).total_cmp(&cost(*b)))
}

fn nearest_to_range(seconds: f64, range: TempoRange) -> u32 {
    let below = (half_bars_at(range.min, seconds).floor() as u32).max(1);
    let distance = |half_bars: u32| range.distance(bpm_of(half_bars, seconds));
    [below, below + 1].into_iter().min_by(|a, b| distance(*a).total_cmp(&distance(*b))).unwrap_or(below)
}

/// Each start is computed from the whole, so that no rounding adds up over hours.
fn lay_bars(half_bars: u32, seconds: f64) -> Vec<Bar> {
    let mut bars = Vec::new();
    let mut at = 0;
    while at < half_bars {
        let left = half_bars - at;
        let short = left == 1 || left == 3;
        bars.push(Bar { start: seconds * f64::from(at) / f64::from(half_bars), beats: if short { 2 } else { 4 } });
        at += if short { 1 } else { 2 };
    }
    bars
}

fn note(half_bars: u32, bpm: f64, range: TempoRange) -> Option<String> {
    if !range.contains(bpm) {
        return Some(format!(
            "no number of bars fits between {} and {} beats a minute; the tempo is {bpm:.1} so that the music ends with the picture",
            range.min, range.max
        ));
    }
    (!half_bars.is_multiple_of(2)).then(|| "one bar has two beats so that the tempo stays in its range".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fit(seconds: f64, min: f64, max: f64, target: f64) -> BarFit {
        fit_bars(seconds, TempoRange { min, max }, target)
    }

    #[test]
    fn half_a_minute_at_a_hundred_becomes_twelve_bars() {
        let fit = fit(30.0, 76.0, 124.0, 100.0);
        assert_eq!(fit.bars.len(), 12);
        assert!((fit.base_bpm - 96.0).abs() < 1e-9);
        assert_eq!(fit.bars[1], Bar { start: 2.5, beats: 4 });
        assert_eq!(fit.note, None);
    }

    #[test]
    fn a_fixed_tempo_gets_a_short_bar_before_the_last() {
        let fit = fit(30.0, 100.0, 100.0, 100.0);
        let beats: Vec<u8> = fit.bars.iter().map(|bar| bar.beats).collect();
        assert_eq!(beats, [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 2, 4]);
        assert!((fit.base_bpm - 100.0).abs() < 1e-9);
        assert!(fit.note.unwrap().contains("two beats"));
    }

    #[test]
    fn a_tempo_that_cannot_be_met_is_said() {
        let fit = fit(31.0, 100.0, 100.0, 100.0);
        assert!((fit.base_bpm - 100.645).abs() < 1e-3, "{}", fit.base_bpm);
        assert!(fit.note.unwrap().contains("100.6"));
    }

    #[test]
    fn a_second_is_one_short_bar_or_one_bar() {
        assert_eq!(fit(1.0, 76.0, 124.0, 100.0).bars, [Bar { start: 0.0, beats: 2 }]);
        assert_eq!(fit(2.4, 76.0, 124.0, 100.0).bars, [Bar { start: 0.0, beats: 4 }]);
        assert_eq!(fit(0.2, 76.0, 124.0, 100.0).bars.len(), 1);
    }

    proptest! {
        #[test]
        fn bars_fill_the_time_exactly(
            seconds in 0.1_f64..14_400.0, min in 50.0_f64..180.0, width in 0.0_f64..80.0, place in 0.0_f64..1.0,
        ) {
            let range = TempoRange { min, max: min + width };
            let fit = fit_bars(seconds, range, min + place * width);
            let mut end = 0.0;
            for bar in &fit.bars {
                prop_assert!((bar.start - end).abs() < 1e-6, "{} starts at {}", end, bar.start);
                end = bar.start + f64::from(bar.beats) * 60.0 / fit.base_bpm;
            }
            prop_assert!((end - seconds).abs() < 1e-6);
            prop_assert!(fit.bars.iter().filter(|bar| bar.beats != 4).count() <= 1);
            prop_assert_eq!(fit.note.is_none(), range.contains(fit.base_bpm) && fit.bars.iter().all(|bar| bar.beats == 4));
        }

        #[test]
        fn a_wide_range_is_always_kept(seconds in 2.0_f64..3600.0) {
            let range = TempoRange { min: 76.0, max: 124.0 };
            let bpm = fit_bars(seconds, range, 100.0).base_bpm;
            prop_assert!(seconds < 4.9 || range.contains(bpm), "{} at {}", seconds, bpm);
        }
    }
}
