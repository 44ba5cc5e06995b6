//! The parts of the network: a convolution with its batch norm folded in, and the inverted bottleneck (Sandler et al. 2018,
//! `MobileNetV2`) without the squeeze-and-excitation that the Lite networks leave out.

use tch::Tensor;

use super::tensors::{NetworkFileError, Tensors};

/// The batch norms' own.
const EPSILON: f64 = 1e-3;

/// What a convolution is like.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) side: i64,
    pub(super) stride: i64,
    /// One filter a channel.
    pub(super) by_channel: bool,
}

pub(super) struct Convolution {
    weight: Tensor,
    bias: Tensor,
    shape: Shape,
}

impl Convolution {
    /// The norm's mean and spread go into weights and bias: one pass over the picture less.
    pub(super) fn read(
        tensors: &Tensors,
        convolution: &str,
        norm: &str,
        shape: Shape,
    ) -> Result<Self, NetworkFileError> {
        let Shape { from, to, side, by_channel, .. } = shape;
        let inputs = if by_channel { 1 } else { from };
        let weight = tensors.get(&format!("{convolution}.weight"), &[to, inputs, side, side])?;
        let of_norm = |name: &str| tensors.get(&format!("{norm}.{name}"), &[to]);
        let scale = of_norm("weight")? / (of_norm("running_var")? + EPSILON).sqrt();
        let bias = of_norm("bias")? - of_norm("running_mean")? * &scale;
        Ok(Self { weight: weight * scale.view([to, 1, 1, 1]), bias, shape })
    }

    pub(super) fn forward(&self, x: &Tensor) -> Tensor {
        let Shape { side, stride, by_channel, from, .. } = self.shape;
        let groups = if by_channel { from } else { 1 };
        let convolved = |x: &Tensor, padding: i64| {
            x.conv2d(&self.weight, Some(&self.bias), [stride, stride], [padding, padding], [1, 1], groups)
        };
        if stride == 1 {
            return convolved(x, (side - 1) / 2);
        }
        // TensorFlow's "same": what is missing goes to the right and below first. Sides are even here.
        let missing = side - stride;
        let (before, after) = (missing / 2, missing - missing / 2);
        convolved(&x.constant_pad_nd([before, after, before, after]), 0)
    }
}

pub(super) fn relu6(x: &Tensor) -> Tensor {
    x.clamp(0.0, 6.0)
}

/// Widens, filters each channel, narrows again; adds what came in where the size stays.
pub(super) struct Block {
    widen: Option<Convolution>,
    filter: Convolution,
    narrow: Convolution,
    adds: bool,
}

impl Block {
    pub(super) fn read(
        tensors: &Tensors,
        number: usize,
        widening: i64,
        shape: Shape,
    ) -> Result<Self, NetworkFileError> {
        let Shape { from, to, side, stride, .. } = shape;
        let wide = from * widening;
        let part = |convolution: &str, norm: &str, shape: Shape| {
            let name = |name: &str| format!("_blocks.{number}.{name}");
            Convolution::read(tensors, &name(convolution), &name(norm), shape)
        };
        let pointwise = |from, to| Shape { from, to, side: 1, stride: 1, by_channel: false };
        let widen = (widening > 1).then(|| part("_expand_conv", "_bn0", pointwise(from, wide))).transpose()?;
        let filter = part("_depthwise_conv", "_bn1", Shape { from: wide, to: wide, side, stride, by_channel: true })?;
        let narrow = part("_project_conv", "_bn2", pointwise(wide, to))?;
        Ok(Self { widen, filter, narrow, adds: stride == 1 && from == to })
    }

    pub(super) fn forward(&self, x: &Tensor) -> Tensor {
        let wide = self.widen.as_ref().map_or_else(|| x.shallow_clone(), |widen| relu6(&widen.forward(x)));
        let narrow = self.narrow.forward(&relu6(&self.filter.forward(&wide)));
        if self.adds { narrow + x } else { narrow }
    }
}
