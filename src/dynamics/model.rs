//! From a picture to decibels.

use super::features::{WINDOWS_SECONDS, features};

/// Motion as it is, motion and cuts over each window, the place and its square.
pub(super) const FEATURES: usize = 1 + 2 * WINDOWS_SECONDS.len() + 2;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dynamics {
    /// Decibels a unit of each feature.
    pub(super) weights: [f64; FEATURES],
    /// By how much what is told has to be spread so that it spreads as the loudness of real music does: a model that knows
    /// little is timid.
    pub(super) spread: f64,
}

impl Dynamics {
    /// Loudness of each second against the mean of all, in decibels, spread as in real music. `motion` and `cuts` have a
    /// value a second.
    pub(crate) fn decibels(&self, motion: &[f32], cuts: &[f32]) -> Vec<f32> {
        centred(&self.told(motion, cuts)).into_iter().map(|value| (self.spread * value) as f32).collect()
    }

    /// As the line has it, up to a constant.
    pub(super) fn told(&self, motion: &[f32], cuts: &[f32]) -> Vec<f64> {
        let row = |row: &[f64; FEATURES]| row.iter().zip(&self.weights).map(|(value, weight)| value * weight).sum();
        features(motion, cuts).iter().map(row).collect()
    }
}

pub(super) fn centred(values: &[f64]) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    values.iter().map(|value| value - mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_more_is_louder_and_a_still_picture_is_level() {
        let mut weights = [0.0; FEATURES];
        weights[0] = 2.0;
        let dynamics = Dynamics { weights, spread: 3.0 };
        let told = dynamics.decibels(&[1.0, 1.0, 8.0, 8.0], &[0.0; 4]);
        let step = 3.0 * 2.0 * (9.0_f32 / 2.0).ln();
        assert!((told[2] - told[1] - step).abs() < 1e-4 && told.iter().sum::<f32>().abs() < 1e-4, "{told:?}");
        assert!(dynamics.decibels(&[5.0; 3], &[0.0; 3]).iter().all(|value| value.abs() < 1e-6));
        assert!(dynamics.decibels(&[], &[]).is_empty());
    }
}
