//! What of picture and music rises and falls together, learned from pairs: Fisher's linear discriminant between the products
//! of curves of true pairs and of others.

use rand_chacha::rand_core::Rng;

use super::{
    features::Side,
    linear::{Matrix, dot},
    mixing::Mixing,
};
use crate::seed::Seed;

/// Pieces of other music that each picture is compared with.
const OTHERS: usize = 10;

/// Means and covariance of pairs: what any ridge is fitted to.
pub(super) struct Pairs {
    difference: Vec<f64>,
    covariance: Matrix,
    music_curves: usize,
}

impl Pairs {
    /// `pictures[i]` and `musics[i]` belong together; there are at least two.
    pub(super) fn new(pictures: &[&Side], musics: &[&Side], seed: Seed) -> Self {
        let mut rng = seed.derive("others").rng();
        let count = pictures.len();
        let own: Vec<Vec<f64>> = pictures.iter().zip(musics).map(|(picture, music)| products(picture, music)).collect();
        let mut others = Vec::with_capacity(count * OTHERS);
        for (at, picture) in pictures.iter().enumerate() {
            for _ in 0..OTHERS {
                let other = (at + 1 + rng.next_u32() as usize % (count - 1)) % count;
                others.push(products(picture, musics[other]));
            }
        }
        let (own_mean, mean) = (mean(&own), mean(&others));
        for row in &mut others {
            row.iter_mut().zip(&mean).for_each(|(value, mean)| *value -= mean);
        }
        Self {
            difference: own_mean.iter().zip(&mean).map(|(own, other)| own - other).collect(),
            covariance: Matrix::products(&others, &others),
            music_curves: musics[0].curves.len(),
        }
    }

    /// Mixtures of both sides; `ridge` is a share of each product's own variance.
    pub(super) fn fit(&self, ridge: f64) -> Mixing {
        Mixing::of(&self.weights(ridge))
    }

    /// A weight for each picture curve (row) and music curve.
    fn weights(&self, ridge: f64) -> Vec<Vec<f64>> {
        let mut covariance = self.covariance.clone();
        for at in 0..covariance.rows {
            covariance.values[at * covariance.columns + at] *= 1.0 + ridge;
        }
        covariance.cholesky(1e-9).solve(&self.difference).chunks(self.music_curves).map(<[f64]>::to_vec).collect()
    }
}

/// A side's curves (rows of `weights`) mixed to as many as there are columns.
pub(super) fn mix(curves: &[Vec<f32>], weights: &[Vec<f64>]) -> Vec<Vec<f32>> {
    let (rows, columns) = (curves.first().map_or(0, Vec::len), weights.first().map_or(0, Vec::len));
    let mixed = |column: usize| {
        let mut mixed = vec![0.0; rows];
        for (curve, weights) in curves.iter().zip(weights) {
            let weight = weights[column] as f32;
            mixed.iter_mut().zip(curve).for_each(|(sum, value)| *sum += weight * value);
        }
        mixed
    };
    (0..columns).map(mixed).collect()
}

/// Mean product of two curves over the seconds that both have.
pub(super) fn mean_product(one: &[f32], other: &[f32]) -> f64 {
    let rows = one.len().min(other.len());
    let (one, other) = (&one[..rows], &other[..rows]);
    // Eight sums side by side: one order on every machine, and quick.
    let mut sums = [0.0_f32; 8];
    let (ones, others) = (one.chunks_exact(8), other.chunks_exact(8));
    let rest: f32 = ones.remainder().iter().zip(others.remainder()).map(|(a, b)| a * b).sum();
    for (one, other) in ones.zip(others) {
        for at in 0..8 {
            sums[at] += one[at] * other[at];
        }
    }
    f64::from(sums.iter().sum::<f32>() + rest) / rows.max(1) as f64
}

fn products(picture: &Side, music: &Side) -> Vec<f64> {
    let row = |curve: &'_ Vec<f32>| music.curves.iter().map(|other| mean_product(curve, other)).collect::<Vec<_>>();
    picture.curves.iter().flat_map(row).collect()
}

fn mean(rows: &[Vec<f64>]) -> Vec<f64> {
    let ones = vec![vec![1.0]; rows.len()];
    let sums = Matrix::products(&ones, rows);
    sums.row(0).to_vec()
}

/// How far two things are alike by mixed curves.
pub(super) fn likeness(mixed: &[Vec<f32>], curves: &[Vec<f32>]) -> f64 {
    let parts: Vec<f64> = mixed.iter().zip(curves).map(|(one, other)| mean_product(one, other)).collect();
    dot(&parts, &vec![1.0; parts.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rises_together_is_found_and_mixing_keeps_it() {
        let mut rng = Seed::master(3).rng();
        let mut curve = |seconds: usize| {
            (0..seconds).map(|_| (rng.next_u32() >> 8) as f32 / 8_388_608.0 - 1.0).collect::<Vec<f32>>()
        };
        let (mut pictures, mut musics) = (vec![], vec![]);
        for clip in 0..60 {
            let shared = curve(80 + clip);
            let with = |noise: Vec<f32>| shared.iter().zip(noise).map(|(a, b)| a + b).collect::<Vec<f32>>();
            let (one, other) = (with(curve(80 + clip)), with(curve(80 + clip)));
            pictures.push(Side { pooled: vec![], curves: vec![curve(80 + clip), one] });
            musics.push(Side { pooled: vec![], curves: vec![curve(80 + clip), other, curve(80 + clip)] });
        }
        let pairs =
            Pairs::new(&pictures.iter().collect::<Vec<_>>(), &musics.iter().collect::<Vec<_>>(), Seed::master(1));
        let weights = pairs.weights(0.3);
        let others = weights.iter().flatten().map(|weight| weight.abs()).sum::<f64>() - weights[1][1].abs();
        assert!(weights[1][1] > 2.0 * others, "{weights:?}");
        let direct = dot(&weights.concat(), &products(&pictures[4], &musics[9]));
        let mixing = pairs.fit(0.3);
        let mixed = likeness(&mixing.of_picture(&pictures[4].curves), &mixing.of_music(&musics[9].curves));
        assert!((direct - mixed).abs() < 1e-4, "{direct} {mixed}");
    }
}
