//! Products of a few rows with a matrix that stays: packed in panels of outputs, each output one sum from first input to last.

use pulp::{Arch, Simd, WithSimd};
use tch::Tensor;

use super::math::{narrow, widen};
use crate::model::layers::{Linear, Norm, Table};

/// Outputs whose weights lie side by side: two vectors of AVX-512, four of AVX2.
pub(super) const PANEL: usize = 32;

/// A linear layer. Weights are bf16, as they were multiplied in training, and half as much to bring from memory as f32; sums
/// are f32.
pub(super) struct Matrix {
    panels: Vec<[u16; PANEL]>,
    biases: Vec<[f32; PANEL]>,
    from: usize,
    to: usize,
}

impl Matrix {
    pub(super) fn new(linear: &Linear) -> Self {
        let shape = linear.weight.size();
        let (to, from) = (shape[0] as usize, shape[1] as usize);
        let (weights, bias) = (values(&linear.weight), values(&linear.bias));
        let weight = |output: usize, input: usize| if output < to { weights[output * from + input] } else { 0.0 };
        let panel = |first: usize| {
            let lanes = move |input: usize| std::array::from_fn(|lane| narrow(weight(first + lane, input)));
            (0..from).map(lanes)
        };
        let firsts = || (0..to).step_by(PANEL);
        let lane = |output: usize| bias.get(output).copied().unwrap_or(0.0);
        Self {
            panels: firsts().flat_map(panel).collect(),
            biases: firsts().map(|first| std::array::from_fn(|index| lane(first + index))).collect(),
            from,
            to,
        }
    }

    /// Rows of outputs for rows of inputs.
    pub(super) fn times(&self, inputs: &[f32], outputs: &mut Vec<f32>) {
        outputs.resize(inputs.len() / self.from * self.to, 0.0);
        Arch::new().dispatch(Product { matrix: self, inputs, outputs });
    }

    pub(super) fn outputs(&self) -> usize {
        self.to
    }
}

struct Product<'a> {
    matrix: &'a Matrix,
    inputs: &'a [f32],
    outputs: &'a mut [f32],
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { matrix, inputs, outputs } = self;
        let rows = inputs.len() / matrix.from;
        for index in 0..matrix.biases.len() {
            let mut row = 0;
            while row + 4 <= rows {
                block::<S, 4>(matrix, index, row, inputs, outputs);
                row += 4;
            }
            if row + 2 <= rows {
                block::<S, 2>(matrix, index, row, inputs, outputs);
                row += 2;
            }
            if row < rows {
                block::<S, 1>(matrix, index, row, inputs, outputs);
            }
        }
    }
}

/// One panel's outputs of some rows: they share the weights on their way from memory, and nothing else.
#[inline(always)]
fn block<S: Simd, const ROWS: usize>(matrix: &Matrix, panel: usize, row: usize, inputs: &[f32], outputs: &mut [f32]) {
    let (from, to) = (matrix.from, matrix.to);
    let weights = &matrix.panels[panel * from..][..from];
    let rows: [&[f32]; ROWS] = std::array::from_fn(|index| &inputs[(row + index) * from..][..from]);
    let mut sums = [matrix.biases[panel]; ROWS];
    for (input, weights) in weights.iter().enumerate() {
        let wide = widen(weights);
        for (sums, row) in sums.iter_mut().zip(&rows) {
            add_times::<S, PANEL>(sums, row[input], &wide);
        }
    }
    let wide = PANEL.min(to - panel * PANEL);
    for (index, sums) in sums.iter().enumerate() {
        outputs[(row + index) * to + panel * PANEL..][..wide].copy_from_slice(&sums[..wide]);
    }
}

/// Adds a multiple of a vector, with one rounding where the processor can: every one with vectors of 8 numbers or of ARM.
#[inline(always)]
pub(super) fn add_times<S: Simd, const N: usize>(sums: &mut [f32; N], factor: f32, vector: &[f32; N]) {
    for (sum, x) in sums.iter_mut().zip(vector) {
        *sum = if S::IS_SCALAR { factor * x + *sum } else { factor.mul_add(*x, *sum) };
    }
}

/// A table whose rows are added.
pub(super) struct Rows {
    vectors: Vec<f32>,
    starts: Vec<usize>,
    width: usize,
}

impl Rows {
    pub(super) fn new(table: &Table) -> Self {
        let starts = Vec::<i64>::try_from(&table.starts).expect("starts are whole numbers");
        let starts = starts.into_iter().map(|start| start as usize).collect();
        Self { vectors: values(&table.weight), starts, width: table.width as usize }
    }

    /// Adds one vector a factor.
    pub(super) fn add(&self, factors: &[usize], sums: &mut [f32]) {
        for (factor, start) in factors.iter().zip(&self.starts) {
            let vector = &self.vectors[(start + factor) * self.width..][..self.width];
            add(sums, vector);
        }
    }
}

pub(super) fn add(sums: &mut [f32], vector: &[f32]) {
    for (sum, x) in sums.iter_mut().zip(vector) {
        *sum += x;
    }
}

pub(super) fn norm(norm: &Norm) -> super::math::Norm {
    super::math::Norm { weight: values(&norm.weight), bias: values(&norm.bias) }
}

/// A tensor's numbers, flat.
pub(super) fn values(tensor: &Tensor) -> Vec<f32> {
    let flat = tensor.to_device(tch::Device::Cpu).to_kind(tch::Kind::Float).reshape([-1]).contiguous();
    Vec::try_from(&flat).expect("a flat tensor of f32")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tch::{Device, Kind, nn};

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn a_row_is_the_same_whatever_is_beside_it(
            rows in 1_usize..14, from in 1_usize..70, to in 1_usize..100, row in 0_usize..14,
        ) {
            let row = row % rows;
            let store = nn::VarStore::new(Device::Cpu);
            let linear = Linear::new(store.root(), from as i64, to as i64);
            let matrix = Matrix::new(&linear);
            let inputs = Tensor::randn([rows as i64, from as i64], (Kind::Float, Device::Cpu));
            let (mut all, mut alone) = (vec![], vec![]);
            matrix.times(&values(&inputs), &mut all);
            matrix.times(&values(&inputs.get(row as i64)), &mut alone);
            prop_assert_eq!(&all[row * to..][..to], &alone[..]);
            let weight = linear.weight.to_kind(Kind::BFloat16).to_kind(Kind::Float);
            let expected = inputs.linear(&weight, Some(&linear.bias));
            let apart = (Tensor::from_slice(&all).view_as(&expected) - expected).abs().max().double_value(&[]);
            prop_assert!(apart < 1e-5, "{apart}");
        }
    }
}
