//! What products of curves count for, as a few mixtures of each side's curves: a singular value decomposition, cut short.

use super::{
    alignment::{likeness, mix},
    linear::{Matrix, dot},
};

/// Mixtures of each side. Codes of music ship as the reference pool, and the music learned from must not: three learned
/// mixtures of eight curves do not say what the eight were.
pub(super) const RANK: usize = 3;

/// How curves are mixed; the likeness of two codes is the sum of their mixtures' mean products.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mixing {
    /// A row for each curve of the picture, `RANK` columns.
    pub(super) picture: Vec<Vec<f64>>,
    /// A row for each curve of the music, `RANK` columns, each of length 1.
    pub(super) music: Vec<Vec<f64>>,
}

impl Mixing {
    /// The nearest of this rank to a weight for each picture curve (row) and music curve, by squares (Eckart and Young, 1936).
    pub(super) fn of(weights: &[Vec<f64>]) -> Self {
        let vectors: Vec<Vec<f64>> = Matrix::products(weights, weights)
            .eigen()
            .into_iter()
            .take(RANK)
            .map(|(_, vector)| signed(vector))
            .collect();
        let along = |row: &Vec<f64>| vectors.iter().map(|vector| dot(row, vector)).collect();
        let curves = vectors.first().map_or(0, Vec::len);
        Self {
            picture: weights.iter().map(along).collect(),
            music: (0..curves).map(|curve| vectors.iter().map(|vector| vector[curve]).collect()).collect(),
        }
    }

    pub(super) fn of_picture(&self, curves: &[Vec<f32>]) -> Vec<Vec<f32>> {
        mix(curves, &self.picture)
    }

    pub(super) fn of_music(&self, curves: &[Vec<f32>]) -> Vec<Vec<f32>> {
        mix(curves, &self.music)
    }

    /// Likeness of each picture (row) and each piece of music by their curves.
    pub(super) fn scores(&self, pictures: &[&[Vec<f32>]], musics: &[&[Vec<f32>]]) -> Vec<Vec<f64>> {
        let musics: Vec<_> = musics.iter().map(|curves| self.of_music(curves)).collect();
        let row = |curves: &&[Vec<f32>]| {
            let picture = self.of_picture(curves);
            musics.iter().map(|music| likeness(&picture, music)).collect()
        };
        pictures.iter().map(row).collect()
    }
}

/// A direction is as good turned round; the largest part is above nothing, so that there is one.
fn signed(mut vector: Vec<f64>) -> Vec<f64> {
    let largest =
        vector.iter().copied().fold(0.0_f64, |most, value| if value.abs() > most.abs() { value } else { most });
    if largest < 0.0 {
        for value in &mut vector {
            *value = -*value;
        }
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outer(one: &[f64], other: &[f64], scale: f64) -> Vec<Vec<f64>> {
        one.iter().map(|a| other.iter().map(|b| scale * a * b).collect()).collect()
    }

    #[test]
    fn three_parts_come_back_and_a_weak_fourth_does_not() {
        let pictures = [
            [0.6, 0.8, 0.0, 0.0, 0.0],
            [0.8, -0.6, 0.0, 0.0, 0.0],
            [0.0, 0.0, 1.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 1.0, 0.0],
        ];
        let musics = [[0.0, -0.8, 0.6, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.6, 0.8, 0.0], [0.0, 0.0, 0.0, 1.0]];
        let parts = |scales: &[f64]| {
            let mut sum = vec![vec![0.0; 4]; 5];
            for ((one, other), scale) in pictures.iter().zip(&musics).zip(scales) {
                for (sums, row) in sum.iter_mut().zip(outer(one, other, *scale)) {
                    sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
                }
            }
            sum
        };
        let mixing = Mixing::of(&parts(&[4.0, 3.0, 2.0, 0.5]));
        assert_eq!(mixing.music[0].len(), RANK);
        let wanted = parts(&[4.0, 3.0, 2.0]);
        for (row, wanted) in mixing.picture.iter().zip(&wanted) {
            for (column, wanted) in mixing.music.iter().zip(wanted) {
                let back: f64 = row.iter().zip(column).map(|(a, b)| a * b).sum();
                assert!((back - wanted).abs() < 1e-9, "{back} {wanted}");
            }
        }
        assert!((mixing.music[1][0] - 0.8).abs() < 1e-9, "the largest part is positive: {mixing:?}");
    }
}
