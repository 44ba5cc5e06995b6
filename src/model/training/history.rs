//! What the looks at the validation songs saw, in order.

use serde::{Deserialize, Serialize};

/// One look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Look {
    /// Steps taken before it.
    pub(crate) step: usize,
    /// Tokens seen in training before it.
    pub(crate) tokens: u64,
    /// Nats a token over the training windows since the last look, with dropout.
    pub(crate) train: f64,
    /// Nats a token on the validation songs, by factor.
    pub(crate) validation: Vec<f64>,
}

impl Look {
    pub(crate) fn total(&self) -> f64 {
        self.validation.iter().sum()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct History {
    pub(crate) looks: Vec<Look>,
}

impl History {
    /// The look with the fewest nats; the first of equals.
    pub(crate) fn best(&self) -> Option<&Look> {
        self.looks.iter().min_by(|a, b| a.total().total_cmp(&b.total()))
    }

    /// Whether the last look is the best so far.
    pub(super) fn improved(&self) -> bool {
        self.best().map(|best| best.step) == self.looks.last().map(|last| last.step)
    }

    /// Looks since the best one.
    pub(super) fn looks_without_gain(&self) -> usize {
        let best = self.best().map_or(0, |best| best.step);
        self.looks.iter().filter(|look| look.step > best).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_looks_since_the_best() {
        let look = |(i, &total): (usize, &f64)| Look { step: 10 * i, tokens: 0, train: 0.0, validation: vec![total] };
        let history = |totals: &[f64]| History { looks: totals.iter().enumerate().map(look).collect() };
        assert_eq!(history(&[]).looks_without_gain(), 0);
        assert!(history(&[3.0, 2.0]).improved());
        let stale = history(&[3.0, 2.0, 2.5, 2.0]);
        assert!(!stale.improved());
        assert_eq!(stale.looks_without_gain(), 2);
        assert_eq!(stale.best().map(|best| best.step), Some(10));
    }
}
