//! The step grid of a song: MIDI ticks to sixteenths of bars that begin where its bars begin.
//!
//! Beats lie on the MIDI quarters (give or take one offset), so the grid runs on quarters: gaps and ends of the annotation
//! do not matter. Every tempo is brought into 70..140 beats a minute by halving or doubling quarters.

use crate::music::{STEPS_PER_BAR, STEPS_PER_BEAT};

pub(super) const SLOWEST_BPM: f64 = 70.0;
pub(super) const FASTEST_BPM: f64 = 140.0;
/// How far, in quarters, an annotated beat may lie from a MIDI quarter, and how many of them must not.
const BEAT_TOLERANCE: f64 = 0.02;
const BEATS_ON_GRID: f64 = 0.9;

/// How an annotated beat becomes beats of 70..140 a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Octave {
    /// Two beats become one.
    Halved,
    Kept,
    /// One beat becomes two.
    Doubled,
}

impl Octave {
    /// The octave that brings `bpm` into the range; where two do, the one nearer to the tempo of the recording's beats.
    pub(super) fn choose(bpm: f64, heard_bpm: Option<f64>) -> Option<Self> {
        let distance = |octave: &Self| heard_bpm.map_or(0.0, |heard| (octave.bpm(bpm) / heard).ln().abs());
        [Self::Kept, Self::Doubled, Self::Halved]
            .into_iter()
            .filter(|octave| (SLOWEST_BPM..=FASTEST_BPM).contains(&octave.bpm(bpm)))
            .min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }

    pub(super) fn bpm(self, annotated: f64) -> f64 {
        annotated * f64::from(self.steps_per_quarter()) / f64::from(STEPS_PER_BEAT)
    }

    pub(super) fn steps_per_quarter(self) -> u32 {
        match self {
            Self::Halved => STEPS_PER_BEAT / 2,
            Self::Kept => STEPS_PER_BEAT,
            Self::Doubled => STEPS_PER_BEAT * 2,
        }
    }

    /// Annotated beats in a bar of ours.
    pub(super) fn quarters_per_bar(self) -> usize {
        (STEPS_PER_BAR / self.steps_per_quarter()) as usize
    }
}

/// Beats a minute after the median beat.
pub(super) fn median_bpm(seconds: &[f64]) -> Option<f64> {
    let mut lengths: Vec<f64> = seconds.windows(2).map(|pair| pair[1] - pair[0]).collect();
    lengths.sort_by(f64::total_cmp);
    lengths.get(lengths.len() / 2).filter(|length| **length > 0.0).map(|length| 60.0 / length)
}

/// The phase 0..1 of the quarter grid that most beats (in quarters) lie on; none if too many lie off every one.
pub(super) fn quarter_phase(beats: &[f64]) -> Option<f64> {
    const TRIED: usize = 32;
    let on_grid = |phase: f64| beats.iter().filter(|beat| off_quarter(**beat - phase).abs() <= BEAT_TOLERANCE).count();
    let phase = beats.iter().take(TRIED).copied().max_by_key(|phase| on_grid(*phase))?.rem_euclid(1.0);
    (on_grid(phase) as f64 >= BEATS_ON_GRID * beats.len() as f64).then_some(phase)
}

/// Distance to the nearest whole number, -0.5..0.5.
fn off_quarter(quarters: f64) -> f64 {
    quarters - quarters.round()
}

/// Where each quarter lies on the steps.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grid {
    /// In quarters of the MIDI file, where quarter 0 of the grid begins.
    origin: f64,
    steps_per_quarter: u32,
    /// Step at which each quarter begins; a bar that is cut short leaves a hole up to the next bar.
    starts: Vec<u32>,
}

impl Grid {
    /// `places[i]` is the place in its bar of quarter `i`, the first of which begins `origin` MIDI quarters in.
    pub(super) fn new(origin: f64, octave: Octave, places: &[usize]) -> Self {
        let steps_per_quarter = octave.steps_per_quarter();
        let mut starts: Vec<u32> = Vec::with_capacity(places.len());
        for place in places {
            let in_bar = *place as u32 * steps_per_quarter;
            let earliest = starts.last().map_or(0, |start| start + steps_per_quarter);
            starts.push(earliest + (in_bar + STEPS_PER_BAR - earliest % STEPS_PER_BAR) % STEPS_PER_BAR);
        }
        Self { origin, steps_per_quarter, starts }
    }

    /// The place of a time in MIDI quarters, in steps; times outside the grid come to its ends.
    pub(super) fn place(&self, quarters: f64) -> f64 {
        let since = quarters - self.origin;
        if since < 0.0 || self.starts.is_empty() {
            return 0.0;
        }
        let last = self.starts.len() - 1;
        let quarter = (since as usize).min(last);
        let steps = (since - quarter as f64).min(1.0) * f64::from(self.steps_per_quarter);
        f64::from(self.starts[quarter]) + steps
    }

    /// The nearest step. A time that rounds up into the hole after a cut bar belongs to the next quarter.
    pub(super) fn step(&self, quarters: f64) -> u32 {
        let step = self.place(quarters).round() as u32;
        let next = self.starts.partition_point(|start| *start <= step);
        let into = next.checked_sub(1).map_or(0, |quarter| step - self.starts[quarter]);
        if into < self.steps_per_quarter { step } else { self.starts.get(next).copied().unwrap_or(step) }
    }

    #[cfg(test)]
    /// Where the steps that are whole multiples of `every` lie, in quarters; those in holes lie nowhere.
    pub(super) fn times(&self, every: u32) -> Vec<f64> {
        let steps = self.starts.iter().enumerate().flat_map(|(quarter, start)| {
            let into = (0..self.steps_per_quarter).filter(move |step| (start + step).is_multiple_of(every));
            into.map(move |step| (quarter, step))
        });
        let quarter = |step: u32| f64::from(step) / f64::from(self.steps_per_quarter);
        steps.map(|(index, step)| self.origin + index as f64 + quarter(step)).collect()
    }

    /// The quarter that a step begins in; a bar line in a hole is where the next quarter begins.
    pub(super) fn quarter_of(&self, step: u32) -> f64 {
        let next = self.starts.partition_point(|start| *start <= step);
        let Some(last) = next.checked_sub(1) else { return self.origin };
        let into = f64::from(step - self.starts[last]) / f64::from(self.steps_per_quarter);
        let held = if next < self.starts.len() { into.min(1.0) } else { into };
        self.origin + last as f64 + held
    }

    #[cfg(test)]
    /// How many bars are cut short or filled up.
    pub(super) fn holes(&self) -> usize {
        self.starts.windows(2).filter(|pair| pair[1] - pair[0] != self.steps_per_quarter).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octaves_end_in_the_range() {
        assert_eq!(Octave::choose(66.0, Some(66.0)), Some(Octave::Doubled));
        assert_eq!(Octave::choose(90.0, Some(180.0)), Some(Octave::Kept));
        assert_eq!(Octave::choose(197.0, None), Some(Octave::Halved));
        assert_eq!(Octave::choose(70.0, Some(139.0)), Some(Octave::Doubled));
        assert_eq!(Octave::choose(70.0, Some(70.0)), Some(Octave::Kept));
        assert_eq!(Octave::choose(17.0, None), None);
        for tenth in 350..2800 {
            let bpm = f64::from(tenth) / 10.0;
            let octave = Octave::choose(bpm, None).unwrap();
            assert!((SLOWEST_BPM..=FASTEST_BPM).contains(&octave.bpm(bpm)), "{bpm}");
        }
    }

    #[test]
    fn median_tempo() {
        assert_eq!(median_bpm(&[0.0, 0.5, 1.0, 3.0]), Some(120.0));
        assert_eq!(median_bpm(&[1.0]), None);
        assert_eq!(median_bpm(&[1.0, 1.0]), None);
    }

    #[test]
    fn phase_of_the_quarters() {
        let beats = [0.251, 1.249, 2.25, 3.25, 6.25];
        assert!((quarter_phase(&beats).unwrap() - 0.25).abs() < 0.01);
        assert_eq!(quarter_phase(&[0.0, 1.3, 2.6, 3.9]), None);
        assert_eq!(quarter_phase(&[]), None);
    }

    #[test]
    fn plain_bars() {
        let grid = Grid::new(0.5, Octave::Kept, &[2, 3, 0, 1, 2, 3]);
        assert_eq!(grid.starts, [8, 12, 16, 20, 24, 28]);
        assert_eq!(grid.step(0.5), 8);
        assert_eq!(grid.step(2.74), 17);
        assert_eq!(grid.holes(), 0);
        assert!((grid.place(3.0) - 18.0).abs() < 1e-12);
        assert!((grid.place(100.0) - 32.0).abs() < 1e-12 && grid.place(0.0) < 1e-12);
    }

    #[test]
    fn steps_know_their_quarters() {
        let grid = Grid::new(0.0, Octave::Kept, &[0, 1, 0, 1, 2, 3]);
        for (step, quarter) in [(0, 0.0), (6, 1.5), (8, 2.0), (12, 2.0), (16, 2.0), (28, 5.0), (32, 6.0)] {
            assert!((grid.quarter_of(step) - quarter).abs() < 1e-12, "{step}");
        }
        assert_eq!(grid.times(16), [0.0, 2.0]);
    }

    #[test]
    fn halved_and_doubled_bars() {
        assert_eq!(Grid::new(0.0, Octave::Doubled, &[0, 1, 0, 1]).starts, [0, 8, 16, 24]);
        assert_eq!(Grid::new(0.0, Octave::Halved, &[0, 1, 2, 3, 4]).starts, [0, 2, 4, 6, 8]);
    }

    #[test]
    fn a_short_bar_is_filled_up_and_nothing_starts_in_the_hole() {
        let grid = Grid::new(0.0, Octave::Kept, &[0, 1, 0, 1, 2, 3]);
        assert_eq!(grid.starts, [0, 4, 16, 20, 24, 28]);
        assert_eq!(grid.holes(), 1);
        assert_eq!(grid.step(1.6), 6);
        assert_eq!(grid.step(1.95), 16);
    }
}
