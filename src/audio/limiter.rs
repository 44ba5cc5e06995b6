//! A limiter that sees 5 ms ahead and looks between samples.
//!
//! The gain that each point needs is held over the look-ahead, released slowly and smoothed by a mean as long as the
//! look-ahead: it is down in time, without a step, and equal on both sides.

use std::collections::VecDeque;

use super::{Frame, RATE, true_peak::Interpolator};

/// How long the gain takes to go down.
const LOOKAHEAD: usize = RATE as usize / 200;

/// How fast the gain comes back: about 63 % of the way in this time.
const RELEASE_SECONDS: f64 = 0.12;

pub(super) struct Limiter {
    ceiling: f32,
    interpolator: Interpolator,
    wanted: SlidingMinimum,
    released: f32,
    release_step: f32,
    mean: SlidingMean,
    delayed: VecDeque<Frame>,
}

impl Limiter {
    /// Frames come out this much later than they went in.
    pub(super) const DELAY: usize = LOOKAHEAD + Interpolator::DELAY;

    pub(super) fn new(ceiling: f32) -> Self {
        Self {
            ceiling,
            interpolator: Interpolator::new(),
            wanted: SlidingMinimum::new(LOOKAHEAD + 2),
            released: 1.0,
            release_step: 1.0 - (-1.0 / (RELEASE_SECONDS * f64::from(RATE))).exp() as f32,
            mean: SlidingMean::new(LOOKAHEAD),
            delayed: VecDeque::from(vec![[0.0; 2]; Self::DELAY]),
        }
    }

    pub(super) fn play(&mut self, block: &mut [Frame]) {
        for frame in block {
            let peak = self.interpolator.peak(*frame, self.ceiling);
            let wanted = self.wanted.push(if peak > self.ceiling { self.ceiling / peak } else { 1.0 });
            self.released = wanted.min(self.released + (1.0 - self.released) * self.release_step);
            let gain = self.mean.push(self.released);
            self.delayed.push_back(*frame);
            let now = self.delayed.pop_front().unwrap_or_default();
            *frame = now.map(|sample| sample * gain);
        }
    }
}

/// The least of the last values.
struct SlidingMinimum {
    length: u64,
    count: u64,
    /// Rising from front to back; each is the least of all that came after the one before it.
    candidates: VecDeque<(u64, f32)>,
}

impl SlidingMinimum {
    fn new(length: usize) -> Self {
        Self { length: length as u64, count: 0, candidates: VecDeque::new() }
    }

    fn push(&mut self, value: f32) -> f32 {
        while self.candidates.back().is_some_and(|(_, last)| *last >= value) {
            self.candidates.pop_back();
        }
        self.candidates.push_back((self.count, value));
        self.count += 1;
        if self.candidates.front().is_some_and(|(at, _)| at + self.length < self.count) {
            self.candidates.pop_front();
        }
        self.candidates.front().map_or(value, |(_, least)| *least)
    }
}

/// The mean of the last gains.
struct SlidingMean {
    values: VecDeque<f32>,
    sum: f64,
}

impl SlidingMean {
    fn new(length: usize) -> Self {
        Self { values: VecDeque::from(vec![1.0; length]), sum: length as f64 }
    }

    fn push(&mut self, value: f32) -> f32 {
        let old = self.values.pop_front().unwrap_or(1.0);
        self.values.push_back(value);
        self.sum += f64::from(value) - f64::from(old);
        (self.sum / self.values.len() as f64) as f32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::audio::{Meter, decibels, testing::sine};

    fn limited(frames: &[Frame], ceiling: f32) -> Vec<Frame> {
        let mut frames = frames.to_vec();
        frames.extend([[0.0; 2]; Limiter::DELAY]);
        let mut limiter = Limiter::new(ceiling);
        frames.chunks_mut(999).for_each(|block| limiter.play(block));
        frames.split_off(Limiter::DELAY)
    }

    fn true_peak(frames: &[Frame]) -> f64 {
        let mut meter = Meter::full().unwrap();
        meter.add(frames).unwrap();
        meter.levels().unwrap().true_peak_dbtp
    }

    #[test]
    fn what_is_under_the_ceiling_stays_as_it_is() {
        let frames = sine(440.0, 0.5, 0.2);
        assert_eq!(limited(&frames, 0.8), frames);
    }

    #[test]
    fn a_loud_tone_is_held_and_not_bent() {
        let frames = limited(&sine(440.0, 2.0, 1.0), 0.5);
        assert!(true_peak(&frames) < decibels(0.5) + 0.05);
        // After the attack a steady tone stays a sine: gain hardly moves within a period.
        let settled = &frames[24_000..24_000 + 109];
        let peak = settled.iter().map(|frame| frame[0].abs()).fold(0.0, f32::max);
        assert!((0.45..=0.5).contains(&peak), "{peak}");
    }

    #[test]
    fn the_gain_comes_back() {
        let mut frames = sine(440.0, 0.4, 3.0);
        frames[48_000] = [4.0, -4.0];
        let held = limited(&frames, 0.5);
        let late = 120_000;
        assert!((held[late][0] - frames[late][0]).abs() < 1e-3);
        assert!(held[48_000][0].abs() <= 0.5);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn the_least_is_the_least(values in prop::collection::vec(0.0_f32..1.0, 1..60), length in 1_usize..9) {
            let mut sliding = SlidingMinimum::new(length);
            for (at, value) in values.iter().enumerate() {
                let expected = values[at.saturating_sub(length - 1)..=at].iter().copied().fold(f32::MAX, f32::min);
                prop_assert!((sliding.push(*value) - expected).abs() <= 0.0);
            }
        }

        #[test]
        fn no_click_goes_through(at in 0_usize..2000, level in 0.6_f32..20.0, run in 1_usize..40) {
            let mut frames = vec![[0.0; 2]; 2200];
            for (number, frame) in frames[at..at + run].iter_mut().enumerate() {
                *frame = [if number % 3 == 0 { -level } else { level }, level];
            }
            prop_assert!(true_peak(&limited(&frames, 0.5)) < decibels(0.5) + 0.4);
        }
    }
}
