//! Cross-validation: which pieces are held out together, and how well what is held out is told.

use std::collections::BTreeMap;

use rand_chacha::rand_core::Rng;

use super::{key_profile::correlation, lesson::Row};
use crate::seed::Seed;

/// A fold for each piece, drawn at random, sizes as equal as can be.
pub(super) fn of_pieces(pieces: usize, count: usize, seed: Seed) -> Vec<usize> {
    let mut folds = vec![0; pieces];
    for (place, piece) in shuffled(pieces, seed).into_iter().enumerate() {
        folds[piece] = place % count;
    }
    folds
}

/// As `of_pieces`, but pieces of one group are held out together: what is learned is then no acquaintance.
pub(super) fn of_groups(groups: &[&str], count: usize, seed: Seed) -> Vec<usize> {
    let mut numbers: BTreeMap<&str, usize> = groups.iter().map(|group| (*group, 0)).collect();
    for (place, (_, number)) in numbers.iter_mut().enumerate() {
        *number = place;
    }
    let folds = of_pieces(numbers.len(), count, seed);
    groups.iter().map(|group| folds[numbers[group]]).collect()
}

/// Each row as measured by a meter that was fitted to what is taught of the other folds' pieces.
pub(super) fn held_out<M>(
    rows: &[Row],
    taught: &[Row],
    folds: &[usize],
    fit: impl Fn(&[&Row]) -> M,
    measure: impl Fn(&M, &[f64]) -> [f64; 2],
) -> Vec<[f64; 2]> {
    let mut measured = vec![[0.0; 2]; rows.len()];
    for fold in 0..=folds.iter().copied().max().unwrap_or(0) {
        let known: Vec<&Row> = taught.iter().filter(|row| folds[row.piece] != fold).collect();
        if known.len() == taught.len() || known.is_empty() {
            continue;
        }
        let meter = fit(&known);
        for (row, measured) in rows.iter().zip(&mut measured).filter(|(row, _)| folds[row.piece] == fold) {
            *measured = measure(&meter, &row.features);
        }
    }
    measured
}

/// Pearson's r of valence and of arousal.
pub(super) fn agreement(one: &[[f64; 2]], other: &[[f64; 2]]) -> [f64; 2] {
    let side = |rows: &[[f64; 2]], side: usize| rows.iter().map(|row| row[side]).collect::<Vec<f64>>();
    std::array::from_fn(|at| correlation(&side(one, at), &side(other, at)))
}

fn shuffled(count: usize, seed: Seed) -> Vec<usize> {
    let mut rng = seed.derive("folds").rng();
    let mut order: Vec<usize> = (0..count).collect();
    for place in (1..count).rev() {
        order.swap(place, rng.next_u32() as usize % (place + 1));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_are_of_equal_size_and_follow_the_seed() {
        let folds = of_pieces(47, 10, Seed::master(1));
        for fold in 0..10 {
            let size = folds.iter().filter(|other| **other == fold).count();
            assert!((4..=5).contains(&size), "{folds:?}");
        }
        assert_eq!(folds, of_pieces(47, 10, Seed::master(1)));
        assert_ne!(folds, of_pieces(47, 10, Seed::master(2)));
    }

    #[test]
    fn groups_stay_together() {
        let groups = ["b", "a", "b", "c", "a", "d"];
        let folds = of_groups(&groups, 10, Seed::master(5));
        assert_eq!((folds[0], folds[1]), (folds[2], folds[4]));
        assert_ne!(folds[0], folds[1]);
    }
}
