//! Draws one choice from logits: on the CPU, from an own seeded generator, so that a seed means the same everywhere.

use rand_chacha::ChaCha8Rng;

use super::window::unit;

/// How daring choices are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sampling {
    pub(crate) temperature: f64,
    /// Draws from the likeliest choices that together have this probability.
    pub(crate) top_p: f64,
}

impl Sampling {
    /// One of the allowed choices; none when nothing is allowed.
    pub(super) fn draw(self, rng: &mut ChaCha8Rng, logits: &[f32], allowed: impl Fn(usize) -> bool) -> Option<usize> {
        let mut choices = self.weigh(logits, allowed);
        let all: f64 = choices.iter().map(|(_, weight)| weight).sum();
        choices.sort_by(|(a, one), (b, other)| other.total_cmp(one).then(a.cmp(b)));
        let mut nucleus = 0.0;
        let enough = choices.iter().position(|(_, weight)| {
            nucleus += weight;
            nucleus >= self.top_p * all
        });
        choices.truncate(enough.map_or(choices.len(), |last| last + 1));
        let mut place = unit(rng) * nucleus;
        let drawn = choices.iter().find(|(_, weight)| {
            place -= weight;
            place < 0.0
        });
        drawn.or(choices.last()).map(|(choice, _)| *choice)
    }

    /// Allowed choices with weights relative to the likeliest.
    fn weigh(self, logits: &[f32], allowed: impl Fn(usize) -> bool) -> Vec<(usize, f64)> {
        let open = || logits.iter().enumerate().filter(|(choice, _)| allowed(*choice));
        let highest = open().map(|(_, logit)| f64::from(*logit)).fold(f64::NEG_INFINITY, f64::max);
        let weight = |logit: f32| ((f64::from(logit) - highest) / self.temperature).exp();
        open().map(|(choice, logit)| (choice, weight(*logit))).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::seed::Seed;

    fn shares(sampling: Sampling, logits: &[f32], allowed: impl Fn(usize) -> bool) -> Vec<f64> {
        let mut rng = Seed::master(5).rng();
        let mut counts = vec![0.0; logits.len()];
        for _ in 0..4000 {
            counts[sampling.draw(&mut rng, logits, &allowed).unwrap()] += 1.0 / 4000.0;
        }
        counts
    }

    #[test]
    fn shares_follow_the_logits() {
        let logits = [0.5_f32, 0.3, 0.2].map(f32::ln);
        let plain = shares(Sampling { temperature: 1.0, top_p: 1.0 }, &logits, |_| true);
        assert!((plain[0] - 0.5).abs() < 0.03 && (plain[2] - 0.2).abs() < 0.03, "{plain:?}");
        let cool = shares(Sampling { temperature: 0.5, top_p: 1.0 }, &logits, |_| true);
        assert!((cool[0] - 0.25 / 0.38).abs() < 0.03, "{cool:?}");
        let narrow = shares(Sampling { temperature: 1.0, top_p: 0.75 }, &logits, |_| true);
        assert!(narrow[2] == 0.0 && (narrow[0] - 0.625).abs() < 0.03, "{narrow:?}");
        let masked = shares(Sampling { temperature: 1.0, top_p: 1.0 }, &logits, |choice| choice != 0);
        assert!(masked[0] == 0.0 && (masked[1] - 0.6).abs() < 0.03, "{masked:?}");
    }

    proptest! {
        #[test]
        fn only_what_is_allowed_is_drawn(
            logits in prop::collection::vec(-30.0_f32..30.0, 1..90),
            open in prop::collection::vec(any::<bool>(), 90),
            temperature in 0.1_f64..2.0, top_p in 0.05_f64..1.0, seed in 0_u64..99,
        ) {
            let mut rng = Seed::master(seed).rng();
            let drawn = Sampling { temperature, top_p }.draw(&mut rng, &logits, |choice| open[choice]);
            prop_assert_eq!(drawn.is_some(), open[..logits.len()].contains(&true));
            prop_assert!(drawn.is_none_or(|choice| open[choice]));
        }
    }
}
