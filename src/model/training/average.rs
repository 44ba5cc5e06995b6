//! A running average of the weights: what is judged and shipped. It wanders less than the last step's weights.

use tch::{Tensor, nn::VarStore};

/// Share of the old average that a step keeps, once the average has warmed up.
const KEEP: f64 = 0.999;

/// A copy of a store's weights by name.
pub(super) struct Average {
    weights: Vec<(String, Tensor, Tensor)>,
}

impl Average {
    /// Starts as a copy of the store.
    pub(super) fn new(store: &VarStore) -> Self {
        let mut weights: Vec<_> = store
            .variables()
            .into_iter()
            .map(|(name, weight)| (name, weight.detach().copy(), weight.detach()))
            .collect();
        weights.sort_by(|a, b| a.0.cmp(&b.0));
        Self { weights }
    }

    /// Takes in the store's weights after `taken` steps. Early on it forgets faster: the first weights are noise.
    pub(super) fn update(&mut self, taken: usize) {
        let keep = KEEP.min((1.0 + taken as f64) / (10.0 + taken as f64));
        tch::no_grad(|| {
            for (_, average, weight) in &mut self.weights {
                if weight.is_floating_point() {
                    let _ = average.lerp_(weight, 1.0 - keep);
                }
            }
        });
    }

    /// Runs `judge` while the store holds the averages.
    pub(super) fn lend<T>(&mut self, judge: impl FnOnce() -> T) -> T {
        self.swap();
        let verdict = judge();
        self.swap();
        verdict
    }

    pub(super) fn tensors(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.weights.iter().map(|(name, average, _)| (name.as_str(), average))
    }

    fn swap(&mut self) {
        tch::no_grad(|| {
            for (_, average, weight) in &mut self.weights {
                let kept = weight.copy();
                weight.copy_(average);
                average.copy_(&kept);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;

    #[test]
    fn follows_the_weights_and_gives_them_back() {
        let store = VarStore::new(Device::Cpu);
        let weight = store.root().zeros("w", &[1]);
        let mut average = Average::new(&store);
        let _ = tch::no_grad(|| weight.shallow_clone().fill_(1.0));
        average.update(0);
        assert!((average.lend(|| weight.double_value(&[0])) - 0.9).abs() < 1e-6, "the first step counts for much");
        assert!((weight.double_value(&[0]) - 1.0).abs() < 1e-9);
        for taken in 1..200 {
            average.update(taken);
        }
        assert!(average.lend(|| weight.double_value(&[0])) > 0.999);
    }
}
