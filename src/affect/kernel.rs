//! Kernel ridge regression: what people rated votes, the nearer the more (Gaussian of the distance between features).

use super::{cholesky::Matrix, ridge::centred, scaling::Scaling};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Kernel {
    pub(super) scaling: Scaling,
    /// Scaled features of the rated pieces and of windows of them.
    pub(super) pieces: Vec<Vec<f64>>,
    /// Valence and arousal: a vote each.
    pub(super) votes: [Vec<f64>; 2],
    pub(super) offset: [f64; 2],
    /// How fast votes fade with the squared distance a feature.
    pub(super) fading: f64,
}

impl Kernel {
    /// `widths`: of the groups of features that are scaled together.
    pub(super) fn fit(rows: &[&[f64]], ratings: &[[f64; 2]], widths: &[usize], pull: f64, fading: f64) -> Self {
        let scaling = Scaling::of_groups(rows, widths);
        let pieces: Vec<Vec<f64>> = rows.iter().map(|row| scaling.apply(row)).collect();
        let (offset, sides) = centred(ratings);
        let matrix = Matrix::symmetric(pieces.len(), |a, b| nearness(&pieces[a], &pieces[b], fading));
        let mut votes = matrix.solve(pull, &sides).into_iter();
        let mut next = || votes.next().unwrap_or_default();
        Self { scaling, votes: [next(), next()], pieces, offset, fading }
    }

    pub(super) fn measure(&self, row: &[f64]) -> [f64; 2] {
        let row = self.scaling.apply(row);
        let near: Vec<f64> = self.pieces.iter().map(|piece| nearness(piece, &row, self.fading)).collect();
        std::array::from_fn(|side| {
            self.offset[side] + near.iter().zip(&self.votes[side]).map(|(near, vote)| near * vote).sum::<f64>()
        })
    }
}

fn nearness(one: &[f64], other: &[f64], fading: f64) -> f64 {
    let distance: f64 = one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum();
    (-fading * distance / one.len() as f64).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_followed() {
        let rows: Vec<[f64; 1]> = (0..60).map(|n| [f64::from(n) / 10.0]).collect();
        let ratings: Vec<[f64; 2]> = rows.iter().map(|row| [row[0].sin(), row[0].cos()]).collect();
        let rows: Vec<&[f64]> = rows.iter().map(<[f64; 1]>::as_slice).collect();
        let kernel = Kernel::fit(&rows, &ratings, &[1], 1e-3, 2.0);
        let measured = kernel.measure(&[2.05]);
        assert!((measured[0] - 2.05_f64.sin()).abs() < 0.02 && (measured[1] - 2.05_f64.cos()).abs() < 0.02);
        assert!(kernel.measure(&[1e9])[0].is_finite());
    }
}
