//! Ridge regression: a weight a feature, pulled to nothing as far as the ratings do not hold it.

use super::{cholesky::Matrix, scaling::Scaling};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ridge {
    pub(super) scaling: Scaling,
    /// Valence and arousal: a weight a feature.
    pub(super) weights: [Vec<f64>; 2],
    pub(super) offset: [f64; 2],
}

impl Ridge {
    pub(super) fn fit(rows: &[&[f64]], ratings: &[[f64; 2]], pull: f64) -> Self {
        let scaling = Scaling::of(rows);
        let rows: Vec<Vec<f64>> = rows.iter().map(|row| scaling.apply(row)).collect();
        let (offset, [valence, arousal]) = centred(ratings);
        let width = scaling.mean.len();
        let gram = Matrix::symmetric(width, |a, b| rows.iter().map(|row| row[a] * row[b]).sum());
        let towards =
            |ratings: &[f64]| (0..width).map(|a| rows.iter().zip(ratings).map(|(row, y)| row[a] * y).sum()).collect();
        let mut weights = gram.solve(pull, &[towards(&valence), towards(&arousal)]).into_iter();
        let mut next = || weights.next().unwrap_or_default();
        Self { scaling, weights: [next(), next()], offset }
    }

    pub(super) fn measure(&self, row: &[f64]) -> [f64; 2] {
        let row = self.scaling.apply(row);
        std::array::from_fn(|side| self.offset[side] + dot(&row, &self.weights[side]))
    }
}

/// Means of valence and arousal, and what is left without them.
pub(super) fn centred(ratings: &[[f64; 2]]) -> ([f64; 2], [Vec<f64>; 2]) {
    let mean: [f64; 2] =
        std::array::from_fn(|side| ratings.iter().map(|rating| rating[side]).sum::<f64>() / ratings.len() as f64);
    (mean, std::array::from_fn(|side| ratings.iter().map(|rating| rating[side] - mean[side]).collect()))
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_again() {
        let rows: Vec<[f64; 2]> = (0..40).map(|n| [f64::from(n), f64::from((n * 7) % 11)]).collect();
        let ratings: Vec<[f64; 2]> = rows.iter().map(|row| [0.02 * row[0] - 0.3, -0.05 * row[1] + 0.1]).collect();
        let rows: Vec<&[f64]> = rows.iter().map(<[f64; 2]>::as_slice).collect();
        let exact = Ridge::fit(&rows, &ratings, 1e-9);
        for (row, rating) in rows.iter().zip(&ratings) {
            let measured = exact.measure(row);
            assert!((measured[0] - rating[0]).abs() < 1e-6 && (measured[1] - rating[1]).abs() < 1e-6);
        }
        let pulled = Ridge::fit(&rows, &ratings, 40.0);
        assert!(pulled.weights[0][0] < 0.6 * exact.weights[0][0] && pulled.weights[0][0] > 0.0);
    }
}
