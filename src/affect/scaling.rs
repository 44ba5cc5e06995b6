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
}
