//! From a picture to decibels.

use super::features::{WINDOWS_SECONDS, features};

/// Motion as it is, motion and cuts over each window, the place and its square.
pub(super) const FEATURES: usize = PICTURE_FEATURES + 2;
/// Those that are no place.
pub(super) const PICTURE_FEATURES: usize = 1 + 2 * WINDOWS_SECONDS.len();

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dynamics {
    /// Decibels a unit of each feature.
    pub(super) weights: [f64; FEATURES],
    /// By how much what motion and cuts tell has to be spread so that all together spreads as the loudness of real music does:
    /// a model that knows little of single videos is timid. How songs rise and fall in the mean it knows well.
    pub(super) spread: f64,
}

impl Dynamics {
    /// Loudness of each second against the mean of all, in decibels, spread as in real music. `motion` and `cuts` have a
    /// value a second.
    pub(crate) fn decibels(&self, motion: &[f32], cuts: &[f32]) -> Vec<f32> {
        let told = |row: &[f64; FEATURES]| {
            let [picture, place] = self.told(row);
            self.spread * picture + place
        };
        let told: Vec<f64> = features(motion, cuts).iter().map(told).collect();
        centred(&told).into_iter().map(|value| value as f32).collect()
    }

    /// What motion and cuts tell, and what the place does, in decibels up to a constant.
    pub(super) fn told(&self, row: &[f64; FEATURES]) -> [f64; 2] {
        let part = |features: std::ops::Range<usize>| {
            row[features.clone()].iter().zip(&self.weights[features]).map(|(value, weight)| value * weight).sum()
        };
        [part(0..PICTURE_FEATURES), part(PICTURE_FEATURES..FEATURES)]
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
        let mut weights = [0.0; FEATURES];
        weights[PICTURE_FEATURES] = 2.0;
        let placed = Dynamics { weights, spread: 3.0 }.decibels(&[5.0; 4], &[0.0; 4]);
        assert!((placed[3] - placed[0] - 1.5).abs() < 1e-6, "the place is not spread: {placed:?}");
        assert!(dynamics.decibels(&[], &[]).is_empty());
    }
}
