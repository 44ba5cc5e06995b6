//! The smallest parts of the networks. Parameters are f32; a layer works in the kind of what it is given, so that training
//! can use bf16 where the processor is fast at it while the optimiser sees full precision.

use std::{borrow::Borrow, cell::Cell};

use tch::{Device, Kind, Tensor, nn};

use crate::run::numeric;

const INIT_DEVIATION: f64 = 0.02;

/// The kind that a device multiplies matrices in fastest: in training, judging and composing alike.
pub(crate) fn fast_kind(device: Device) -> Kind {
    match device {
        Device::Cpu if !numeric::multiplies_bfloat16() => Kind::Float,
        _ => Kind::BFloat16,
    }
}

thread_local! {
    static BLANK: Cell<bool> = const { Cell::new(false) };
}

/// Builds a network whose weights come from a file: they begin as 0, since drawing them takes longer than reading them.
pub(super) fn blank<N>(build: impl FnOnce() -> N) -> N {
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            BLANK.set(false);
        }
    }
    let _end = End;
    BLANK.set(true);
    build()
}

/// Weights as they are before training.
fn initial(path: &nn::Path, shape: &[i64], deviation: f64) -> Tensor {
    if BLANK.get() { path.zeros("weight", shape) } else { path.randn("weight", shape, 0.0, deviation) }
}

pub(super) struct Linear {
    pub(super) weight: Tensor,
    pub(super) bias: Tensor,
}

impl Linear {
    pub(super) fn new<'a>(path: impl Borrow<nn::Path<'a>>, from: i64, to: i64) -> Self {
        Self::scaled(path, from, to, 1.0)
    }

    /// With smaller initial weights: for the ways back into a residual stream.
    pub(super) fn scaled<'a>(path: impl Borrow<nn::Path<'a>>, from: i64, to: i64, scale: f64) -> Self {
        let path = path.borrow();
        let weight = initial(path, &[to, from], INIT_DEVIATION * scale);
        Self { weight, bias: path.zeros("bias", &[to]) }
    }

    pub(super) fn forward(&self, x: &Tensor) -> Tensor {
        let kind = x.kind();
        x.linear(&self.weight.to_kind(kind), Some(&self.bias.to_kind(kind)))
    }
}

pub(super) struct Norm {
    pub(super) weight: Tensor,
    pub(super) bias: Tensor,
    width: i64,
}

impl Norm {
    pub(super) fn new<'a>(path: impl Borrow<nn::Path<'a>>, width: i64) -> Self {
        let path = path.borrow();
        Self { weight: path.ones("weight", &[width]), bias: path.zeros("bias", &[width]), width }
    }

    pub(super) fn forward(&self, x: &Tensor) -> Tensor {
        x.layer_norm([self.width], Some(&self.weight), Some(&self.bias), 1e-5, false)
    }
}

/// A table for several factors at once: a row of indices gives the sum of their vectors.
pub(super) struct Table {
    pub(super) weight: Tensor,
    /// Where each factor's vectors begin.
    pub(super) starts: Tensor,
    factors: i64,
    pub(super) width: i64,
}

impl Table {
    pub(super) fn new<'a>(path: impl Borrow<nn::Path<'a>>, sizes: &[i64], width: i64) -> Self {
        let path = path.borrow();
        let weight = initial(path, &[sizes.iter().sum(), width], INIT_DEVIATION);
        let starts: Vec<i64> = sizes.iter().scan(0, |end, size| Some(std::mem::replace(end, *end + size))).collect();
        let starts = Tensor::from_slice(&starts).to_device(path.device());
        Self { weight, starts, factors: sizes.len() as i64, width }
    }

    /// `[.., factors]` to `[.., width]`, in `kind`.
    pub(super) fn sum(&self, indices: &Tensor, kind: Kind) -> Tensor {
        let mut shape = indices.size();
        let rows = shape.iter().product::<i64>() / self.factors;
        let flat = (indices + &self.starts).reshape([-1]);
        let offsets = Tensor::arange(rows, (Kind::Int64, flat.device())) * self.factors;
        let (sum, _, _, _) =
            Tensor::embedding_bag::<Tensor>(&self.weight, &flat, &offsets, false, 0, false, None, false);
        let last = shape.len() - 1;
        shape[last] = self.width;
        sum.to_kind(kind).reshape(shape)
    }
}

pub(super) fn dropout(x: Tensor, share: f64, train: bool) -> Tensor {
    if train && share > 0.0 { x.dropout(share, true) } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_blank_network_begins_as_nothing() {
        let weights = || {
            let store = nn::VarStore::new(Device::Cpu);
            let table = Table::new(store.root() / "table", &[3, 2], 8).weight;
            (Linear::new(store.root() / "linear", 8, 8).weight, table)
        };
        let is_nothing = |(linear, table): (Tensor, Tensor)| {
            [linear, table].map(|weight| weight.abs().max().double_value(&[]) < f64::MIN_POSITIVE)
        };
        assert_eq!(is_nothing(blank(weights)), [true; 2]);
        assert_eq!(is_nothing(weights()), [false; 2], "what is built after it is drawn");
    }
}
