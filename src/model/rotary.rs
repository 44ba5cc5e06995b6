//! Rotary positions: half of each head turns with a token's number, half with its musical time, so that a head can look
//! "three notes back" as well as "one bar back", and nothing is tied to a longest window.

use std::f64::consts::TAU;

use tch::{Kind, Tensor};

/// Width of a head.
pub(super) const HEAD: i64 = 64;
const PAIRS: i64 = HEAD / 2;
const BASE: f64 = 1000.0;

/// Cosines and signed sines for the tokens of a batch: `[batch or 1, tokens, 1, HEAD]`.
pub(super) struct Turns {
    cos: Tensor,
    sin: Tensor,
}

impl Turns {
    /// `numbers` and `steps` (sixteenths since the window began) are `[batch or 1, tokens]`.
    pub(super) fn new(numbers: &Tensor, steps: &Tensor, kind: Kind) -> Self {
        let device = steps.device();
        let (by_number, by_time) = frequencies();
        let turn = |places: &Tensor, frequencies: &[f32]| {
            places.to_kind(Kind::Float).unsqueeze(-1) * Tensor::from_slice(frequencies).to_device(device)
        };
        let time = turn(steps, &by_time);
        let number = turn(numbers, &by_number).expand_as(&time);
        let angles = Tensor::cat(&[number, time], -1).unsqueeze(2);
        let (cos, sin) = (angles.cos(), angles.sin());
        Self { cos: Tensor::cat(&[&cos, &cos], -1).to_kind(kind), sin: Tensor::cat(&[-&sin, sin], -1).to_kind(kind) }
    }

    /// Turns queries and keys, `[batch, tokens, heads, HEAD]`.
    pub(super) fn turn(&self, x: &Tensor) -> Tensor {
        let swapped = x.roll([PAIRS], [3]);
        (x * &self.cos).addcmul(&swapped, &self.sin)
    }
}

/// Radians a token, geometric; radians a step, with periods of 2 to 362 steps, beat and bar among them.
pub(super) fn frequencies() -> (Vec<f32>, Vec<f32>) {
    let half = PAIRS / 2;
    let by_number = (0..half).map(|pair| BASE.powf(-(pair as f64) / half as f64) as f32);
    let by_time = (0..half).map(|pair| (TAU / 2_f64.powf(1.0 + 0.5 * pair as f64)) as f32);
    (by_number.collect(), by_time.collect())
}
