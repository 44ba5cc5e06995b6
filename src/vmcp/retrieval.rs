//! Where the true partner stands among 64, as an expectation over all draws of the other 63; ties at their middle rank.

use rand_chacha::rand_core::Rng;
use serde::Serialize;

use crate::seed::Seed;

pub(crate) const AMONG: usize = 64;
const RESAMPLES: usize = 10_000;

/// What is reported: shares of pictures whose music is among the first 1, 5, 10, 20, and its mean rank.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Retrieval {
    pub(crate) p1: f64,
    pub(crate) p5: f64,
    pub(crate) p10: f64,
    pub(crate) p20: f64,
    pub(crate) mean_rank: f64,
    pub(crate) videos: usize,
}

/// How many of how many others stand before the partner; ties count half.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Standing {
    pub(crate) before: f64,
    pub(crate) others: usize,
}

/// A mean with the interval that 95 % of resamples of the videos give.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Interval {
    pub(crate) mean: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Standing {
    pub(crate) fn of(partner: f64, others: impl Iterator<Item = f64>) -> Self {
        let mut standing = Self { before: 0.0, others: 0 };
        for other in others {
            standing.others += 1;
            standing.before += if other > partner { 1.0 } else { f64::from(u8::from(other >= partner)) / 2.0 };
        }
        standing
    }

    /// Expected rank among 64, from 1.
    pub(crate) fn rank(self) -> f64 {
        1.0 + (AMONG - 1) as f64 * self.before / self.others.max(1) as f64
    }

    /// The chance to be among the first `first` of 64.
    pub(crate) fn chance(self, first: usize) -> f64 {
        let chance = |before: f64| hypergeometric(self.others, before as usize, AMONG - 1, first);
        0.5 * (chance(self.before.floor()) + chance(self.before.ceil()))
    }
}

impl Retrieval {
    pub(crate) fn of(standings: &[Standing]) -> Self {
        let mean =
            |value: &dyn Fn(&Standing) -> f64| standings.iter().map(value).sum::<f64>() / standings.len().max(1) as f64;
        let first = |first: usize| mean(&|standing: &Standing| standing.chance(first));
        Self {
            p1: first(1),
            p5: first(5),
            p10: first(10),
            p20: first(20),
            mean_rank: mean(&|standing: &Standing| standing.rank()),
            videos: standings.len(),
        }
    }
}

/// The standing of each picture's own music among all; `scores[picture][music]`.
pub(crate) fn standings(scores: &[Vec<f64>]) -> Vec<Standing> {
    let of = |(at, row): (usize, &Vec<f64>)| {
        Standing::of(row[at], row.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, score)| *score))
    };
    scores.iter().enumerate().map(of).collect()
}

/// Bootstrap over values, one a video.
pub(crate) fn interval(values: &[f64], seed: Seed) -> Interval {
    let count = values.len().max(1);
    let mut rng = seed.derive("bootstrap").rng();
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| (0..values.len()).map(|_| values[rng.next_u32() as usize % count]).sum::<f64>() / count as f64)
        .collect();
    means.sort_by(f64::total_cmp);
    let at = |share: f64| means[((RESAMPLES - 1) as f64 * share).round() as usize];
    Interval { mean: values.iter().sum::<f64>() / count as f64, low: at(0.025), high: at(0.975) }
}

/// The chance that fewer than `most` of `drawn` out of `all` are among the `marked`.
fn hypergeometric(all: usize, marked: usize, drawn: usize, most: usize) -> f64 {
    let drawn = drawn.min(all);
    let ways = |all: usize, some: usize| log_factorial(all) - log_factorial(some) - log_factorial(all - some);
    let least = (drawn + marked).saturating_sub(all);
    let cases = (least..most.min(drawn + 1)).filter(|hits| *hits <= marked);
    let chance = |hits| ways(marked, hits) + ways(all - marked, drawn - hits) - ways(all, drawn);
    cases.map(|hits| chance(hits).exp()).sum::<f64>().min(1.0)
}

fn log_factorial(number: usize) -> f64 {
    (2..=number).map(|factor| (factor as f64).ln()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_as_the_books_say() {
        // All others alike to the partner: the middle rank.
        let tied = Standing::of(1.0, std::iter::repeat_n(1.0, 63));
        assert!((tied.rank() - 32.5).abs() < 1e-9);
        let all: Vec<Standing> = (0..64).map(|before| Standing { before: f64::from(before), others: 63 }).collect();
        let chance = Retrieval::of(&all);
        for (found, expected) in [
            (chance.p1, 1.0),
            (chance.p5, 5.0),
            (chance.p10, 10.0),
            (chance.p20, 20.0),
            (chance.mean_rank, 32.5 * 64.0),
        ] {
            assert!((found - expected / 64.0).abs() < 1e-9, "{found} {expected}");
        }
    }

    #[test]
    fn draws_from_more_than_64_are_expected_values() {
        let standing = Standing { before: 2.0, others: 126 };
        assert!((standing.rank() - 2.0).abs() < 1e-9);
        // Neither of two before it is drawn: half times (62 of 125).
        assert!((standing.chance(1) - 0.5 * 62.0 / 125.0).abs() < 1e-9);
        assert!((standing.chance(3) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_own_music_is_what_is_ranked() {
        let scores = vec![vec![3.0, 1.0, 2.0], vec![5.0, 4.0, 9.0], vec![0.0, 0.0, 0.0]];
        let before: Vec<f64> = standings(&scores).iter().map(|standing| standing.before).collect();
        assert_eq!(before, [0.0, 2.0, 1.0]);
    }

    #[test]
    fn an_interval_holds_its_mean_and_narrows() {
        let values = |count: usize| (0..count).map(|at| (at % 7) as f64).collect::<Vec<_>>();
        let (few, many) = (interval(&values(21), Seed::master(1)), interval(&values(700), Seed::master(1)));
        assert!(few.low < 3.0 && 3.0 < few.high && many.high - many.low < 0.3 * (few.high - few.low));
    }
}
