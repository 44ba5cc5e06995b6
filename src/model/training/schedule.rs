//! The learning rate over the steps: a straight warm-up, then half a cosine down to nothing.

/// Share of the steps that warm up, and the most it may be.
const WARM_UP: f64 = 0.05;
const WARM_UP_AT_MOST: usize = 200;

/// The rate of step `step` (the first is 0) of `steps`.
pub(super) fn learning_rate(step: usize, steps: usize, highest: f64) -> f64 {
    let warm = ((steps as f64 * WARM_UP) as usize).clamp(1, WARM_UP_AT_MOST);
    if step < warm {
        return highest * (step + 1) as f64 / warm as f64;
    }
    let done = (step - warm) as f64 / (steps - warm).max(1) as f64;
    highest * 0.5 * (1.0 + (std::f64::consts::PI * done.min(1.0)).cos())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rises_to_the_top_and_falls_along_a_cosine() {
        let rate = |step| learning_rate(step, 1000, 0.5);
        assert!((rate(0) - 0.01).abs() < 1e-12);
        assert!((rate(49) - 0.5).abs() < 1e-12);
        assert!((rate(50) - 0.5).abs() < 1e-12);
        assert!((rate(525) - 0.25).abs() < 1e-3, "half way down: {}", rate(525));
        assert!(rate(999) < 1e-5 && rate(999) > 0.0);
    }

    proptest! {
        #[test]
        fn stays_in_bounds_and_has_one_peak(steps in 1_usize..3000) {
            let rates: Vec<f64> = (0..steps).map(|step| learning_rate(step, steps, 1.0)).collect();
            prop_assert!(rates.iter().all(|rate| (0.0..=1.0).contains(rate)));
            let peak = rates.iter().position(|&rate| rate >= 1.0).unwrap();
            prop_assert!(rates[..peak].is_sorted() && rates[peak..].is_sorted_by(|a, b| a >= b));
        }
    }
}
