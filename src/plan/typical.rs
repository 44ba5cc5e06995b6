//! What is typical: quantiles of measured data, and levels between them.
//!
//! A level runs from -1 (the 5 % quantile) over 0 (the median) to 1 (the 95 % quantile), so that a quiet clip and a quiet
//! song meet at the same level though one is measured in pixel differences and the other in notes.

/// Values at 5, 25, 50, 75 and 95 % of some data, rising.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quantiles(pub(super) [f32; 5]);

/// Mean absolute RGB difference of neighbouring frames, 0..255: 190,423 seconds of 748 music videos (MuVi-Sync). The
/// low end is lowered to what a still picture with grain has.
pub(super) const MOTION: Quantiles = Quantiles([0.3, 2.1, 4.8, 9.9, 26.7]);
/// Cuts a minute. Music videos have 6 to 18 (MuVi-Sync, 748 videos); other clips fewer, so the low half is stretched to 0.
pub(super) const CUTS_A_MINUTE: Quantiles = Quantiles([0.0, 5.0, 10.0, 15.0, 20.0]);
/// 0.69 brightness + 0.22 saturation + spread of saturation: 802 rated photographs (OASIS).
pub(super) const PLEASANT_COLOR: Quantiles = Quantiles([0.344, 0.501, 0.600, 0.694, 0.825]);
/// 0.60 saturation - 0.31 brightness + spread of brightness: the same photographs.
pub(super) const STIRRING_COLOR: Quantiles = Quantiles([0.001, 0.140, 0.227, 0.339, 0.504]);
/// Notes of the accompaniment a bar.
pub(super) const DENSITY: Quantiles = Quantiles([4.0, 8.0, 12.0, 16.0, 22.0]);
/// Mean velocity of the accompaniment in a bar.
pub(super) const DYNAMICS: Quantiles = Quantiles([48.0, 60.0, 70.0, 80.0, 95.0]);
/// Mean pitch of the accompaniment in a bar.
pub(super) const REGISTER: Quantiles = Quantiles([48.0, 53.0, 57.0, 61.0, 66.0]);
/// Notes of the melody a bar.
pub(super) const MELODY_DENSITY: Quantiles = Quantiles([1.0, 4.0, 6.0, 8.0, 12.0]);

impl Quantiles {
    /// The level of a value, -1..1.
    pub(super) fn level(self, value: f32) -> f32 {
        let place = self.0.windows(2).position(|pair| value < pair[1]).unwrap_or(3);
        let (low, high) = (self.0[place], self.0[place + 1]);
        let level = 0.5 * (place as f32 + (value - low) / (high - low)) - 1.0;
        level.clamp(-1.0, 1.0)
    }

    /// The value at a level; levels outside -1..1 are taken as the ends.
    pub(super) fn value(self, level: f32) -> f32 {
        let position = (level.clamp(-1.0, 1.0) + 1.0) * 2.0;
        let place = (position as usize).min(3);
        self.0[place] + (position - place as f32) * (self.0[place + 1] - self.0[place])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENS: Quantiles = Quantiles([10.0, 20.0, 30.0, 50.0, 90.0]);

    #[test]
    fn quantiles_have_round_levels() {
        for (value, level) in [(10.0, -1.0), (20.0, -0.5), (30.0, 0.0), (50.0, 0.5), (90.0, 1.0)] {
            assert!((TENS.level(value) - level).abs() < 1e-6, "{value}");
        }
    }

    #[test]
    fn values_outside_are_the_ends() {
        assert!((TENS.level(-5.0) + 1.0).abs() < 1e-6);
        assert!((TENS.level(500.0) - 1.0).abs() < 1e-6);
        assert!((TENS.value(3.0) - 90.0).abs() < 1e-6);
    }

    #[test]
    fn level_and_value_are_inverse() {
        for step in 0..=20 {
            let level = step as f32 / 10.0 - 1.0;
            assert!((TENS.level(TENS.value(level)) - level).abs() < 1e-5);
        }
        assert!((TENS.value(0.75) - 70.0).abs() < 1e-4);
    }
}
