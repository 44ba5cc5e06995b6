//! Classifier-free guidance (Ho & Salimans 2022): what a model says when it is asked, moved further away from what it says
//! when it is not. Training's condition dropout has taught it both.

use super::decoder::{Decoder, Placed, Spoken};

/// A decoder of twice the rows: takes as they are asked, then the same takes unasked.
pub(super) struct Guided<D> {
    pub(super) decoder: D,
    pub(super) takes: usize,
    /// 1 leaves what the model says as it is.
    pub(super) strength: f64,
}

/// Log probabilities of `unasked` moved towards those of `asked`, and beyond.
pub(super) fn guided(asked: &[f32], unasked: &[f32], strength: f64) -> Vec<f32> {
    let (asked_total, unasked_total) = (log_total(asked), log_total(unasked));
    let guide = |(asked, unasked): (&f32, &f32)| {
        let (asked, unasked) = (f64::from(*asked) - asked_total, f64::from(*unasked) - unasked_total);
        (unasked + strength * (asked - unasked)) as f32
    };
    asked.iter().zip(unasked).map(guide).collect()
}

/// The logarithm of the sum of exponentials.
fn log_total(logits: &[f32]) -> f64 {
    let highest = logits.iter().copied().fold(f32::MIN, f32::max);
    let sum: f64 = logits.iter().map(|logit| f64::from(logit - highest).exp()).sum();
    f64::from(highest) + sum.ln()
}

fn twice<T: Clone>(rows: &[T]) -> Vec<T> {
    [rows, rows].concat()
}

impl<D: Decoder> Guided<D> {
    /// `logits` of rows as asked, then of the same rows unasked.
    fn guide(&self, logits: &[Vec<f32>]) -> Vec<Vec<f32>> {
        let (asked, unasked) = (&logits[..self.takes], &logits[self.takes..2 * self.takes]);
        asked.iter().zip(unasked).map(|(asked, unasked)| guided(asked, unasked, self.strength)).collect()
    }
}

impl<D: Decoder> Decoder for Guided<D> {
    fn begin_window(&mut self, said: &[Vec<Spoken>]) {
        self.decoder.begin_window(&twice(said));
    }

    fn listen(&mut self, said: &[Vec<Spoken>]) {
        self.decoder.listen(&twice(said));
    }

    fn forget(&mut self, row: usize, told: usize) {
        self.decoder.forget(row, told);
        self.decoder.forget(self.takes + row, told);
    }

    fn steps(&mut self) -> Vec<Vec<f32>> {
        let logits = self.decoder.steps();
        self.guide(&logits)
    }

    fn pitches(&mut self, placed: &[Placed]) -> Vec<Vec<f32>> {
        let logits = self.decoder.pitches(&twice(placed));
        self.guide(&logits)
    }

    fn durations(&mut self, pitches: &[usize]) -> Vec<Vec<f32>> {
        let logits = self.decoder.durations(&twice(pitches));
        self.guide(&logits)
    }

    fn velocities(&mut self, durations: &[usize]) -> Vec<Vec<f32>> {
        let logits = self.decoder.velocities(&twice(durations));
        self.guide(&logits)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shares(logits: &[f32]) -> Vec<f64> {
        let total = log_total(logits);
        logits.iter().map(|logit| (f64::from(*logit) - total).exp()).collect()
    }

    proptest! {
        #[test]
        fn strength_leads_from_unasked_to_asked_and_beyond(
            asked in prop::collection::vec(-9.0_f32..9.0, 12), unasked in prop::collection::vec(-9.0_f32..9.0, 12),
        ) {
            let near = |one: &[f64], other: &[f64]| one.iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-5);
            prop_assert!(near(&shares(&guided(&asked, &unasked, 1.0)), &shares(&asked)));
            prop_assert!(near(&shares(&guided(&asked, &unasked, 0.0)), &shares(&unasked)));
            let lift = |choice: usize| f64::from(asked[choice]) - f64::from(unasked[choice]);
            let most = (0..12).max_by(|a, b| lift(*a).total_cmp(&lift(*b))).unwrap();
            let at = |strength| shares(&guided(&asked, &unasked, strength))[most];
            prop_assert!(at(1.0) <= at(1.5) + 1e-9 && at(1.5) <= at(3.0) + 1e-9, "what asking favours most grows");
        }
    }
}
