//! The level between samples, by fourfold interpolation as ITU-R BS.1770 (annex 2) does it.

use super::Frame;

const TAPS: usize = 12;

/// Points between two samples.
const BETWEEN: usize = 3;

pub(super) struct Interpolator {
    filters: [[f32; TAPS]; BETWEEN],
    /// No point between samples is louder than the loudest sample times this.
    overshoot: f32,
    /// Written twice, half its length apart, so that the last `TAPS` frames always lie in one piece.
    memory: [Frame; 2 * TAPS],
    at: usize,
    /// Frames until all that was loud has left the memory.
    loud_for: usize,
}

impl Interpolator {
    /// The peak that is told lies this many frames back, between that frame and the next.
    pub(super) const DELAY: usize = TAPS / 2;

    pub(super) fn new() -> Self {
        let filters = [1, 2, 3].map(|quarter| filter(f64::from(quarter) / 4.0));
        let overshoot = filters.iter().map(|filter| filter.iter().map(|tap| tap.abs()).sum()).fold(1.0, f32::max);
        Self { filters, overshoot, memory: [[0.0; 2]; 2 * TAPS], at: 0, loud_for: 0 }
    }

    /// Takes a frame; tells the peak from the frame `DELAY` back to the one after it. Sound that cannot come over
    /// `ceiling` is not looked at closely.
    pub(super) fn peak(&mut self, frame: Frame, ceiling: f32) -> f32 {
        self.memory[self.at] = frame;
        self.memory[self.at + TAPS] = frame;
        self.at = (self.at + 1) % TAPS;
        if frame[0].abs().max(frame[1].abs()) * self.overshoot > ceiling {
            self.loud_for = TAPS;
        }
        if self.loud_for == 0 {
            return 0.0;
        }
        self.loud_for -= 1;
        self.interpolate()
    }

    fn interpolate(&self) -> f32 {
        let last = &self.memory[self.at..self.at + TAPS];
        let [a, b] = last[TAPS / 2 - 1..].first_chunk().copied().unwrap_or_default();
        let mut peak = [a, b].as_flattened().iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        for filter in &self.filters {
            let mut sum = [0.0; 2];
            for (frame, tap) in last.iter().zip(filter) {
                sum[0] += frame[0] * tap;
                sum[1] += frame[1] * tap;
            }
            peak = peak.max(sum[0].abs()).max(sum[1].abs());
        }
        peak
    }
}

/// A windowed sinc that reads `fraction` of a sample behind the middle tap.
fn filter(fraction: f64) -> [f32; TAPS] {
    let half = (TAPS / 2) as f64;
    let tap = |number: usize| {
        let distance = number as f64 - (half - 1.0) - fraction;
        let x = std::f64::consts::PI * distance;
        let window = (std::f64::consts::FRAC_PI_2 * distance / half).cos().powi(2);
        if distance.abs() < 1e-9 { 1.0 } else { x.sin() / x * window }
    };
    let taps: [f64; TAPS] = std::array::from_fn(tap);
    let sum: f64 = taps.iter().sum();
    taps.map(|tap| (tap / sum) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peak(frames: &[Frame]) -> f32 {
        let mut interpolator = Interpolator::new();
        frames.iter().map(|frame| interpolator.peak(*frame, 0.1)).fold(0.0, f32::max)
    }

    #[test]
    fn finds_the_crest_between_samples() {
        for (period, phase) in [(4.0, 0.5), (6.0, 0.5), (12.7, 0.3), (100.0, 0.25)] {
            let wave = |n: u32| ((f64::from(n) + phase) * std::f64::consts::TAU / period).sin();
            // Faded in: a tone that starts with a step has peaks of its own.
            let frames: Vec<Frame> =
                (0..400).map(|n| [(wave(n) * (f64::from(n) / 200.0).min(1.0)) as f32, 0.0]).collect();
            let found = peak(&frames);
            assert!((0.97..1.03).contains(&found), "period {period}: {found}");
        }
    }

    #[test]
    fn what_cannot_be_over_the_ceiling_is_passed_over() {
        let mut interpolator = Interpolator::new();
        assert!((0..50).all(|_| interpolator.peak([0.1, -0.1], 0.9) <= 0.0));
    }

    #[test]
    fn tells_the_peak_as_late_as_it_says() {
        let mut interpolator = Interpolator::new();
        let peaks: Vec<f32> = (0..20).map(|n| interpolator.peak([if n == 3 { 1.0 } else { 0.0 }, 0.0], 0.1)).collect();
        let loudest: Vec<usize> = (0..20).filter(|n| peaks[*n] >= 1.0).collect();
        assert_eq!(loudest, [3 + Interpolator::DELAY - 1, 3 + Interpolator::DELAY]);
    }
}
