//! From the scale of people's ratings to that of the knobs: what is rare in the songs lies near the ends.

use serde::Serialize;

/// Where the songs' values at 5, 50 and 95 % are brought to.
const PLACES: [f64; 3] = [-0.8, 0.0, 0.8];
const SHARES: [f64; 3] = [0.05, 0.5, 0.95];

/// Straight between the three values, goes on beyond them, ends at -1 and 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Calibration {
    /// The meter's values at 5, 50 and 95 %.
    pub(super) values: [f64; 3],
}

impl Calibration {
    /// None of nothing.
    pub(super) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        Some(Self { values: SHARES.map(|share| values[(share * last as f64).round() as usize]) })
    }

    pub(super) fn apply(self, value: f64) -> f64 {
        let [low, middle, high] = self.values;
        let (reach, place) = if value < middle { (middle - low, -PLACES[0]) } else { (high - middle, PLACES[2]) };
        // Where most songs measure the same, what differs lies at an end.
        (PLACES[1] + place * (value - middle) / reach.max(1e-9)).clamp(-1.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_reach_their_places() {
        let calibration = Calibration::of((0..=100).map(|n| f64::from(n * n)).collect()).unwrap();
        for (share, place) in [(5.0, -0.8), (50.0, 0.0), (95.0, 0.8), (100.0, 0.8 + 0.8 * 975.0 / 6525.0)] {
            assert!((calibration.apply(share * share) - place).abs() < 1e-9, "{share}");
        }
        assert!(Calibration::of(vec![]).is_none());
    }

    proptest! {
        #[test]
        fn order_stays_and_ends_hold(values in prop::collection::vec(-1.0..1.0_f64, 1..50), a in -2.0..2.0_f64, b in -2.0..2.0_f64) {
            let calibration = Calibration::of(values).unwrap();
            let (low, high) = (calibration.apply(a.min(b)), calibration.apply(a.max(b)));
            prop_assert!(low <= high && low >= -1.0 && high <= 1.0);
        }
    }
}
