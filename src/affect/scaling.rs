//! Features as deviations from the rated pieces' mean.

/// No feature counts for more: music far from the rated pieces must not run off the scale.
const FARTHEST: f64 = 3.0;
/// Spread of what never varied: finite, since files hold it.
const NEVER: f64 = 1e30;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scaling {
    pub(super) mean: Vec<f64>,
    pub(super) spread: Vec<f64>,
}

impl Scaling {
    /// As `of`, but the columns of a group (`widths` tells how many each has) share their mean spread: what is rare in a
    /// histogram then counts as little as it varies.
    pub(super) fn of_groups(rows: &[&[f64]], widths: &[usize]) -> Self {
        let mut scaling = Self::of(rows);
        let mut rest = scaling.spread.as_mut_slice();
        for width in widths {
            let (group, others) = rest.split_at_mut(*width);
            let varying = group.iter().filter(|spread| **spread < NEVER);
            let square = varying.map(|spread| spread * spread).sum::<f64>() / *width as f64;
            group.fill(if square > 0.0 { square.sqrt() } else { NEVER });
            rest = others;
        }
        scaling
    }

    /// Of rows of equal width; there is at least one.
    pub(super) fn of(rows: &[&[f64]]) -> Self {
        let count = rows.len() as f64;
        let column = |place: usize| rows.iter().map(move |row| row[place]);
        let width = rows.first().map_or(0, |row| row.len());
        let mean: Vec<f64> = (0..width).map(|place| column(place).sum::<f64>() / count).collect();
        let spread = (0..width).map(|place| {
            let square = column(place).map(|value| (value - mean[place]).powi(2)).sum::<f64>() / count;
            // A feature that never varies tells nothing.
            if square > 1e-18 { square.sqrt() } else { NEVER }
        });
        Self { spread: spread.collect(), mean }
    }

    pub(super) fn apply(&self, row: &[f64]) -> Vec<f64> {
        let scaled = |((value, mean), spread): ((&f64, &f64), &f64)| (value - mean) / spread;
        let sides = row.iter().zip(&self.mean).zip(&self.spread);
        sides.map(|side| scaled(side).clamp(-FARTHEST, FARTHEST)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_deviations() {
        let rows: [&[f64]; 2] = [&[1.0, 5.0], &[3.0, 5.0]];
        let scaling = Scaling::of(&rows);
        assert_eq!(scaling.apply(&[3.0, 5.0]), [1.0, 0.0]);
        let far = scaling.apply(&[-90.0, 70.0]);
        assert!((far[0] + 3.0).abs() < 1e-12 && far[1].abs() < 1e-12, "no further than three deviations: {far:?}");
    }

    #[test]
    fn a_group_has_one_spread() {
        let rows: [&[f64]; 2] = [&[1.0, 5.0, 0.0, 7.0], &[3.0, 5.0, 4.0, 7.0]];
        let spread = Scaling::of_groups(&rows, &[2, 1, 1]).spread;
        assert!((spread[0] - 0.5_f64.sqrt()).abs() < 1e-12 && spread[0].to_bits() == spread[1].to_bits(), "{spread:?}");
        assert!((spread[2] - 2.0).abs() < 1e-12 && spread[3] > 1e29, "{spread:?}");
    }
}
