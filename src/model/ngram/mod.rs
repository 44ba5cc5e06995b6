//! The baseline that every model is held against: an interpolated Witten-Bell n-gram over the factors of the tokens.
//!
//! A window is read as one stream of factor values (step, pitch, duration, velocity, step, ...); each value is predicted
//! from the `order - 1` values before it in its window. Order `n` is interpolated with all shorter ones, so one pass from
//! short to long gives the figures of all orders.

mod composer;
mod counts;
mod stream;
mod writer;

pub(crate) use self::composer::NgramComposer;
use self::{counts::Counts, stream::Stream};

/// Longest context that is tried, its own value included.
pub(crate) const LONGEST: usize = 9;

/// The order that is quoted beside the best one: the usual choice in the literature.
pub(crate) const QUOTED: usize = 5;

/// Nats a token of one order, by factor.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Score {
    /// Values in the window of prediction, the predicted one included.
    pub(crate) order: usize,
    pub(crate) nats: Vec<f64>,
}

impl Score {
    pub(crate) fn total(&self) -> f64 {
        self.nats.iter().sum()
    }
}

/// Scores of the orders 1 to `longest` on `judged`, learned from `train`; `sizes` counts the values of each factor.
pub(crate) fn scores(train: &[Vec<Vec<u16>>], judged: &[Vec<Vec<u16>>], sizes: &[usize], longest: usize) -> Vec<Score> {
    let (mut train, mut judged) = (Stream::new(train, sizes.len()), Stream::new(judged, sizes.len()));
    let mut chances: Vec<f64> = judged.factors().map(|factor| 1.0 / sizes[factor].max(1) as f64).collect();
    (1..=longest)
        .map(|order| {
            if order > 1 {
                train.lengthen(order - 1);
                judged.lengthen(order - 1);
            }
            Counts::of(&train, &judged).interpolate(&judged, &mut chances);
            Score { order, nats: judged.nats(&chances) }
        })
        .collect()
}

/// The order with the fewest nats in all.
pub(crate) fn best(scores: &[Score]) -> Option<&Score> {
    scores.iter().min_by(|a, b| a.total().total_cmp(&b.total()))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    type Windows = Vec<Vec<Vec<u16>>>;

    /// The definition, word for word: counts by scanning, recursion over the context's length.
    fn chance(train: &[Vec<u16>], context: &[u16], factor: usize, factors: usize, value: u16, size: usize) -> f64 {
        let shorter = match context.split_first() {
            Some((_, rest)) => chance(train, rest, factor, factors, value, size),
            None => 1.0 / size as f64,
        };
        let mut followers: BTreeMap<u16, usize> = BTreeMap::new();
        for window in train {
            for at in context.len()..window.len() {
                if at % factors == factor && window[at - context.len()..at] == *context {
                    *followers.entry(window[at]).or_default() += 1;
                }
            }
        }
        let kinds = followers.keys().collect::<BTreeSet<_>>().len() as f64;
        let count = followers.values().sum::<usize>() as f64;
        let seen = *followers.get(&value).unwrap_or(&0) as f64;
        if count == 0.0 { shorter } else { (seen + kinds * shorter) / (count + kinds) }
    }

    fn brute(train: &Windows, judged: &Windows, sizes: &[usize], order: usize) -> Vec<f64> {
        let flat = |windows: &Windows| windows.iter().map(|w| w.concat()).collect::<Vec<Vec<u16>>>();
        let (train, judged) = (flat(train), flat(judged));
        let factors = sizes.len();
        let mut nats = vec![0.0; factors];
        for window in &judged {
            for at in 0..window.len() {
                let context = &window[at - at.min(order - 1)..at];
                let factor = at % factors;
                nats[factor] -= chance(&train, context, factor, factors, window[at], sizes[factor]).ln();
            }
        }
        let tokens = judged.iter().map(|window| window.len() / factors).sum::<usize>() as f64;
        nats.iter().map(|sum| sum / tokens).collect()
    }

    fn windows() -> impl Strategy<Value = Windows> {
        let token = (0_u16..3, 0_u16..4).prop_map(|(a, b)| vec![a, b]);
        prop::collection::vec(prop::collection::vec(token, 1..8), 1..6)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn equals_the_definition(train in windows(), judged in windows()) {
            for score in scores(&train, &judged, &[3, 4], 6) {
                let expected = brute(&train, &judged, &[3, 4], score.order);
                for (got, expected) in score.nats.iter().zip(&expected) {
                    prop_assert!((got - expected).abs() < 1e-9, "order {}: {got} {expected}", score.order);
                }
            }
        }
    }

    #[test]
    fn longer_contexts_pay_on_a_pattern() {
        let song: Vec<Vec<u16>> = (0..200).map(|i| vec![[0, 1, 0, 2][i % 4]]).collect();
        let scores = scores(std::slice::from_ref(&song), std::slice::from_ref(&song), &[3], 4);
        assert!((scores[0].total() - 1.04).abs() < 0.02, "{}", scores[0].total());
        assert!(scores[1].total() < 0.5 && scores[2].total() < 0.1, "{scores:?}");
        assert!(best(&scores).is_some_and(|score| score.order >= 3));
    }

    #[test]
    fn what_was_never_seen_costs_something_finite() {
        let scores = scores(&[vec![vec![0]]], &[vec![vec![9]]], &[10], 3);
        assert!(scores.iter().all(|score| score.total().is_finite() && score.total() > 1.0));
    }
}
