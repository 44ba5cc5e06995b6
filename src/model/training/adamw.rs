//! AdamW over the variables of a store, with moments that can be saved: the library's optimiser does not give its own out.
//!
//! Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019). Only matrices decay: pulling gains and biases
//! to nothing helps no one.

use tch::{Kind, Tensor, nn::VarStore};

const BETA_MEAN: f64 = 0.9;
const BETA_SQUARE: f64 = 0.98;
const EPSILON: f64 = 1e-8;

pub(super) struct AdamW {
    slots: Vec<Slot>,
    weight_decay: f64,
}

/// A weight with its moments. All three are shared with whoever saves or restores them.
pub(super) struct Slot {
    pub(super) name: String,
    pub(super) weight: Tensor,
    pub(super) mean: Tensor,
    pub(super) square: Tensor,
}

impl AdamW {
    pub(super) fn new(store: &VarStore, weight_decay: f64) -> Self {
        let slot = |(name, weight): (String, Tensor)| Slot {
            name,
            mean: weight.zeros_like().detach(),
            square: weight.zeros_like().detach(),
            weight,
        };
        let mut slots: Vec<Slot> =
            store.variables().into_iter().filter(|(_, weight)| weight.requires_grad()).map(slot).collect();
        slots.sort_by(|a, b| a.name.cmp(&b.name));
        Self { slots, weight_decay }
    }

    pub(super) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    pub(super) fn zero_gradients(&mut self) {
        for slot in &mut self.slots {
            slot.weight.zero_grad();
        }
    }

    /// Scales all gradients down so that their common norm is at most `limit`; the norm before.
    pub(super) fn clip(&mut self, limit: f64) -> f64 {
        tch::no_grad(|| {
            let gradients: Vec<Tensor> = self.slots.iter().filter_map(Slot::gradient).collect();
            let norms: Vec<Tensor> = gradients.iter().map(Tensor::norm).collect();
            if norms.is_empty() {
                return 0.0;
            }
            let norm = Tensor::stack(&norms, 0).norm().double_value(&[]);
            if norm > limit {
                for mut gradient in gradients {
                    let _ = gradient.g_mul_scalar_(limit / norm);
                }
            }
            norm
        })
    }

    /// One update; `taken` counts the updates before it.
    pub(super) fn update(&mut self, taken: usize, learning_rate: f64) {
        let times = taken as i32 + 1;
        let mean_bias = 1.0 - BETA_MEAN.powi(times);
        let square_bias = 1.0 - BETA_SQUARE.powi(times);
        tch::no_grad(|| {
            for slot in &mut self.slots {
                let Some(gradient) = slot.gradient() else { continue };
                let _ = slot.mean.lerp_(&gradient, 1.0 - BETA_MEAN);
                let _ = slot.square.lerp_(&gradient.square(), 1.0 - BETA_SQUARE);
                if slot.weight.dim() > 1 {
                    let _ = slot.weight.g_mul_scalar_(1.0 - learning_rate * self.weight_decay);
                }
                let mut spread = &slot.square / square_bias;
                let _ = spread.sqrt_().g_add_scalar_(EPSILON);
                let _ = slot.weight.g_sub_(&(&slot.mean / spread * (learning_rate / mean_bias)));
            }
        });
    }
}

impl Slot {
    /// None where the loss does not depend on this weight.
    fn gradient(&self) -> Option<Tensor> {
        let gradient = self.weight.grad();
        gradient.defined().then_some(gradient)
    }
}

/// Weights in all, trained or not.
pub(super) fn count(store: &VarStore) -> usize {
    store.variables().values().filter(|weight| weight.kind() != Kind::Int64).map(Tensor::numel).sum()
}

#[cfg(test)]
mod tests {
    use tch::{Device, nn, nn::OptimizerConfig};

    use super::*;

    fn start() -> Tensor {
        Tensor::from_slice(&[1.0_f32, -2.0, 3.0, 0.5]).reshape([2, 2])
    }

    fn loss(weight: &Tensor) -> Tensor {
        (weight - 0.3).pow_tensor_scalar(4).sum(Kind::Float)
    }

    /// Against the library's own optimiser, which keeps its moments to itself.
    #[test]
    fn steps_as_the_library_does() {
        let (ours, theirs) = (VarStore::new(Device::Cpu), VarStore::new(Device::Cpu));
        let (a, b) = (ours.root().var_copy("w", &start()), theirs.root().var_copy("w", &start()));
        let mut adamw = AdamW::new(&ours, 0.1);
        let library = nn::AdamW { beta1: BETA_MEAN, beta2: BETA_SQUARE, wd: 0.1, eps: EPSILON, amsgrad: false };
        let mut library = library.build(&theirs, 0.05).unwrap();
        for taken in 0..25 {
            adamw.zero_gradients();
            loss(&a).backward();
            adamw.update(taken, 0.05);
            library.backward_step(&loss(&b));
        }
        assert!((&a - &b).abs().max().double_value(&[]) < 1e-5, "{a:?} {b:?}");
        assert!((&a - start()).abs().max().double_value(&[]) > 0.1);
    }

    #[test]
    fn clips_the_common_norm() {
        let store = VarStore::new(Device::Cpu);
        let (a, b) = (store.root().zeros("a", &[1]), store.root().zeros("b", &[1]));
        let mut adamw = AdamW::new(&store, 0.0);
        (&a * 3.0 + &b * 4.0).sum(Kind::Float).backward();
        assert!((adamw.clip(1.0) - 5.0).abs() < 1e-6);
        assert!((a.grad().double_value(&[0]) - 0.6).abs() < 1e-6);
        assert!((adamw.clip(1.0) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn biases_do_not_decay() {
        let store = VarStore::new(Device::Cpu);
        let (bias, matrix) = (store.root().ones("bias", &[2]), store.root().ones("matrix", &[2, 2]));
        let mut adamw = AdamW::new(&store, 0.5);
        (bias.sum(Kind::Float) * 0.0 + matrix.sum(Kind::Float) * 0.0).backward();
        adamw.update(0, 0.1);
        assert!((bias.double_value(&[0]) - 1.0).abs() < 1e-6);
        assert!((matrix.double_value(&[0, 0]) - 0.95).abs() < 1e-6);
    }
}
