//! The functions between products, written so that a compiler makes vectors of them: same steps, same bits everywhere.

use std::f32::consts::{FRAC_1_SQRT_2, LOG2_E};

/// Numbers that a sum is spread over before they are added up.
pub(super) const LANES: usize = 32;
/// Added and taken away it rounds to whole numbers: 1.5 times 2^23.
const ROUNDS: f32 = 12_582_912.0;
/// The natural logarithm of 2 in two parts, the first exact in few bits (Cephes).
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;
const EPSILON: f32 = 1e-5;

/// The exponential, within 2 units in the last place for what does not over- or underflow.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 87.0);
    let shifted = x * LOG2_E + ROUNDS;
    let whole = shifted - ROUNDS;
    let rest = x - whole * LN_2_HIGH - whole * LN_2_LOW;
    let terms = [1.987_569_1e-4, 1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5];
    let series = terms.iter().fold(0.0, |sum, term| sum * rest + term);
    let power = shifted.to_bits().wrapping_sub(ROUNDS.to_bits()).wrapping_add(127) << 23;
    (series * rest * rest + rest + 1.0) * f32::from_bits(power)
}

/// Error function, within 1.5e-7 (Abramowitz and Stegun, 7.1.26).
#[inline(always)]
fn erf(x: f32) -> f32 {
    let place = 1.0 / (1.0 + 0.327_591_1 * x.abs());
    let terms = [1.061_405_4, -1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6];
    let series = terms.iter().fold(0.0, |sum, term| sum * place + term);
    (1.0 - series * place * exp(-x * x)).copysign(x)
}

#[inline(always)]
pub(super) fn gelu(numbers: &mut [f32]) {
    for x in numbers {
        *x = 0.5 * *x * (1.0 + erf(*x * FRAC_1_SQRT_2));
    }
}

/// The nearest bf16, ties to even; for finite numbers.
#[inline(always)]
pub(super) fn narrow(x: f32) -> u16 {
    let bits = x.to_bits();
    ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16) as u16
}

#[inline(always)]
pub(super) fn widen<const N: usize>(numbers: &[u16; N]) -> [f32; N] {
    let mut wide = [0.0; N];
    for (wide, bits) in wide.iter_mut().zip(numbers) {
        *wide = f32::from_bits(u32::from(*bits) << 16);
    }
    wide
}

/// A norm's scale and shift.
pub(super) struct Norm {
    pub(super) weight: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

impl Norm {
    /// Each row to mean 0 and deviation 1, scaled and shifted.
    #[inline(always)]
    pub(super) fn apply(&self, rows: &[f32], into: &mut [f32]) {
        let width = self.weight.len();
        for (row, into) in rows.chunks_exact(width).zip(into.chunks_exact_mut(width)) {
            let mean = sum(row, |x| x) / width as f32;
            let variance = sum(row, |x| (x - mean) * (x - mean)) / width as f32;
            let scale = 1.0 / (variance + EPSILON).sqrt();
            for (((into, x), weight), bias) in into.iter_mut().zip(row).zip(&self.weight).zip(&self.bias) {
                *into = (x - mean) * scale * weight + bias;
            }
        }
    }
}

/// The sum of a row whose length is a multiple of `LANES`.
#[inline(always)]
pub(super) fn sum(row: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    for part in row.chunks_exact(LANES) {
        for (lane, x) in lanes.iter_mut().zip(part) {
            *lane += of(*x);
        }
    }
    fold(lanes, |a, b| a + b)
}

/// The largest number of a row whose length is a multiple of `LANES`.
#[inline(always)]
pub(super) fn max(row: &[f32]) -> f32 {
    let mut lanes = [f32::MIN; LANES];
    for part in row.chunks_exact(LANES) {
        for (lane, x) in lanes.iter_mut().zip(part) {
            *lane = if *x > *lane { *x } else { *lane };
        }
    }
    fold(lanes, f32::max)
}

#[inline(always)]
fn fold(mut lanes: [f32; LANES], of: impl Fn(f32, f32) -> f32) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] = of(lanes[lane], lanes[lane + half]);
        }
        half /= 2;
    }
    lanes[0]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tch::Tensor;

    use super::*;

    proptest! {
        #[test]
        fn numbers_are_narrowed_as_half_does(x in -1e30_f32..1e30) {
            prop_assert_eq!(narrow(x), half::bf16::from_f32(x).to_bits());
            prop_assert_eq!(widen(&[narrow(x)])[0].to_bits(), half::bf16::from_f32(x).to_f32().to_bits());
        }

        #[test]
        fn exponentials_are_near(x in -80.0_f32..80.0) {
            let exact = f64::from(x).exp();
            prop_assert!((f64::from(exp(x)) / exact - 1.0).abs() < 3e-7, "{x}: {} {exact}", exp(x));
        }

        #[test]
        fn functions_are_those_of_libtorch(numbers in prop::collection::vec(-9.0_f32..9.0, 64)) {
            let apart = |ours: &[f32], theirs: Tensor| {
                (Tensor::from_slice(ours) - theirs).abs().max().double_value(&[])
            };
            let tensor = Tensor::from_slice(&numbers);
            let mut ours = numbers.clone();
            gelu(&mut ours);
            prop_assert!(apart(&ours, tensor.gelu("none")) < 2e-6);
            let norm = Norm { weight: vec![1.5; 64], bias: vec![0.25; 64] };
            norm.apply(&numbers, &mut ours);
            let theirs = tensor.layer_norm::<Tensor>([64], None, None, 1e-5, false) * 1.5 + 0.25;
            prop_assert!(apart(&ours, theirs) < 1e-5);
            prop_assert!((f64::from(max(&numbers)) - tensor.max().double_value(&[])).abs() < 1e-9);
        }
    }
}
