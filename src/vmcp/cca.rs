//! Regularised canonical correlation analysis on pooled rows: directions in which pictures and their music vary together.

use super::linear::{Matrix, dot};

pub(super) const DIRECTIONS: usize = 6;
/// No feature counts for more deviations: what is far from all that was learned must not run off the scale.
const FARTHEST: f64 = 4.0;

/// Directions of one side.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Side {
    pub(super) mean: Vec<f64>,
    pub(super) spread: Vec<f64>,
    /// `DIRECTIONS` rows.
    pub(super) directions: Vec<Vec<f64>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cca {
    pub(super) picture: Side,
    pub(super) music: Side,
}

/// Both sides' rows as deviations with their mean products: what any ridge is fitted to.
pub(super) struct Products {
    picture: Side,
    music: Side,
    pictures: Matrix,
    across: Matrix,
    musics: Matrix,
}

impl Products {
    pub(super) fn new(pictures: &[&[f64]], musics: &[&[f64]]) -> Self {
        let (picture, music) = (Side::scaling(pictures), Side::scaling(musics));
        let one: Vec<Vec<f64>> = pictures.iter().map(|row| picture.scaled(row)).collect();
        let other: Vec<Vec<f64>> = musics.iter().map(|row| music.scaled(row)).collect();
        Self {
            pictures: Matrix::products(&one, &one),
            across: Matrix::products(&one, &other),
            musics: Matrix::products(&other, &other),
            picture,
            music,
        }
    }

    /// `ridge` is added to both sides' variances, which are 1. Whitens the music, and finds the directions in which pictures
    /// tell most of it.
    pub(super) fn fit(&self, ridge: f64) -> Cca {
        let (pictures, musics) = (self.pictures.cholesky(ridge), self.musics.cholesky(ridge));
        // Rows: a direction of the whitened music; columns: the picture's features, whitened too.
        let told: Vec<Vec<f64>> = (0..self.across.columns)
            .map(|column| {
                pictures.forth(&(0..self.across.rows).map(|row| self.across.at(row, column)).collect::<Vec<_>>())
            })
            .collect();
        let width = self.across.rows;
        let mut whitened = vec![vec![0.0; width]; told.len()];
        for at in 0..width {
            let column: Vec<f64> = told.iter().map(|row| row[at]).collect();
            for (row, value) in whitened.iter_mut().zip(musics.forth(&column)) {
                row[at] = value;
            }
        }
        let mut gram = Matrix::zeros(whitened.len(), whitened.len());
        for (row, one) in whitened.iter().enumerate() {
            for (column, other) in whitened.iter().enumerate() {
                gram.values[row * whitened.len() + column] = dot(one, other);
            }
        }
        let mut cca = Cca { picture: self.picture.clone(), music: self.music.clone() };
        for (square, vector) in gram.eigen().into_iter().take(DIRECTIONS) {
            let correlation = square.max(1e-12).sqrt();
            let seen: Vec<f64> = (0..width)
                .map(|at| whitened.iter().zip(&vector).map(|(row, weight)| row[at] * weight).sum::<f64>() / correlation)
                .collect();
            cca.picture.directions.push(pictures.back(&seen));
            cca.music.directions.push(musics.back(&vector));
        }
        cca
    }
}

impl Side {
    fn scaling(rows: &[&[f64]]) -> Self {
        let (count, width) = (rows.len().max(1) as f64, rows.first().map_or(0, |row| row.len()));
        let mean: Vec<f64> = (0..width).map(|at| rows.iter().map(|row| row[at]).sum::<f64>() / count).collect();
        let spread = (0..width).map(|at| {
            let square = rows.iter().map(|row| (row[at] - mean[at]).powi(2)).sum::<f64>() / count;
            square.sqrt().max(1e-9)
        });
        Self { spread: spread.collect(), mean, directions: vec![] }
    }

    fn scaled(&self, row: &[f64]) -> Vec<f64> {
        let scaled = row.iter().zip(&self.mean).zip(&self.spread);
        scaled.map(|((value, mean), spread)| ((value - mean) / spread).clamp(-FARTHEST, FARTHEST)).collect()
    }

    /// A row along the directions, of length 1: the product of two is their cosine.
    pub(super) fn place(&self, row: &[f64]) -> Vec<f64> {
        let scaled = self.scaled(row);
        let place: Vec<f64> = self.directions.iter().map(|direction| dot(direction, &scaled)).collect();
        let length = dot(&place, &place).sqrt().max(1e-12);
        place.into_iter().map(|value| value / length).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;

    #[test]
    fn what_both_sides_share_is_found() {
        let mut rng = Seed::master(1).rng();
        let mut unit = || f64::from(rand_chacha::rand_core::Rng::next_u32(&mut rng)) / f64::from(u32::MAX) - 0.5;
        let (mut pictures, mut musics) = (vec![], vec![]);
        for _ in 0..300 {
            let shared = unit();
            pictures.push(vec![unit(), shared + 0.2 * unit(), unit(), unit(), unit(), unit()]);
            musics.push(vec![unit(), unit(), unit(), unit(), unit(), unit(), 0.2 * unit() - shared]);
        }
        let rows = |rows: &'static [Vec<f64>]| rows.iter().map(Vec::as_slice).collect::<Vec<_>>();
        let (pictures, musics) = (rows(pictures.leak()), rows(musics.leak()));
        let cca = Products::new(&pictures, &musics).fit(0.1);
        let first = |direction: &[f64]| {
            (0..direction.len()).max_by(|a, b| direction[*a].abs().total_cmp(&direction[*b].abs())).unwrap()
        };
        assert_eq!(first(&cca.picture.directions[0]), 1);
        assert_eq!(first(&cca.music.directions[0]), 6);
        assert!(cca.picture.directions[0][1] * cca.music.directions[0][6] < 0.0);
        let place = cca.music.place(musics[0]);
        assert!((dot(&place, &place) - 1.0).abs() < 1e-9);
    }
}
