//! Products of a few rows with a matrix that stays: packed in panels of outputs, each output one sum from first input to last.

use std::array;

use pulp::{Arch, Simd, WithSimd};
use tch::{Device, Kind, Tensor};

use super::math::widen;
use crate::model::layers::{Linear, Norm, Table};

/// Outputs whose weights lie side by side: two vectors of AVX-512, four of AVX2.
pub(super) const PANEL: usize = 32;
/// Numbers in a vector of AVX-512.
const WIDE: usize = 16;

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
        let mut biases = vec![[0.0; PANEL]; to.div_ceil(PANEL)];
        biases.as_flattened_mut()[..to].copy_from_slice(&values(&linear.bias));
        let mut panels = vec![[0; PANEL]; biases.len() * from];
        for (output, weights) in halves(&linear.weight).chunks_exact(from).enumerate() {
            let panel = &mut panels[output / PANEL * from..][..from];
            panel.iter_mut().zip(weights).for_each(|(lanes, weight)| lanes[output % PANEL] = *weight);
        }
        Self { panels, biases, from, to }
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

    /// A block's sums stay in registers, half of them at most: those of AVX-512 hold sixteen panels' lanes, most others four.
    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) {
        if S::F32_LANES >= WIDE {
            let row = self.blocks::<S, 4, 1>(0);
            let row = self.blocks::<S, 2, 2>(row);
            self.blocks::<S, 1, 4>(row);
        } else {
            let row = self.blocks::<S, 2, 1>(0);
            self.blocks::<S, 1, 2>(row);
        }
    }
}

impl Product<'_> {
    /// All outputs of as many rows from `first` on as fill blocks; says which row is the next.
    #[inline(always)]
    fn blocks<S: Simd, const ROWS: usize, const PANELS: usize>(&mut self, first: usize) -> usize {
        let rows = self.inputs.len() / self.matrix.from;
        let end = first + (rows - first) / ROWS * ROWS;
        let panels = self.matrix.biases.len();
        let mut panel = 0;
        while panel < panels {
            let is_whole = panel + PANELS <= panels;
            let mut row = first;
            while row < end {
                if is_whole {
                    self.block::<S, ROWS, PANELS>(panel, row);
                } else {
                    self.block::<S, ROWS, 1>(panel, row);
                }
                row += ROWS;
            }
            panel += if is_whole { PANELS } else { 1 };
        }
        end
    }

    /// Some panels' outputs of some rows: they share what they bring from memory, and nothing else.
    #[inline(always)]
    fn block<S: Simd, const ROWS: usize, const PANELS: usize>(&mut self, panel: usize, row: usize) {
        let Matrix { panels, biases, from, to } = self.matrix;
        let weights: [&[[u16; PANEL]]; PANELS] = array::from_fn(|index| &panels[(panel + index) * from..][..*from]);
        let rows: [&[f32]; ROWS] = array::from_fn(|index| &self.inputs[(row + index) * from..][..*from]);
        let mut sums: [[[f32; PANEL]; ROWS]; PANELS] = array::from_fn(|index| [biases[panel + index]; ROWS]);
        for input in 0..*from {
            for (sums, weights) in sums.iter_mut().zip(&weights) {
                let wide = widen(&weights[input]);
                for (sums, row) in sums.iter_mut().zip(&rows) {
                    add_times::<S, PANEL>(sums, row[input], &wide);
                }
            }
        }
        for (panel, sums) in (panel..).zip(&sums) {
            let wide = PANEL.min(to - panel * PANEL);
            for (row, sums) in (row..).zip(sums) {
                self.outputs[row * to + panel * PANEL..][..wide].copy_from_slice(&sums[..wide]);
            }
        }
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
    Vec::try_from(&flat(tensor, Kind::Float)).expect("a flat tensor of f32")
}

/// The bits of the bf16 that are nearest to them, ties to even. (To tch, numbers of bf16 are of `Kind::Half`.)
fn halves(tensor: &Tensor) -> Vec<u16> {
    let bits = flat(tensor, Kind::BFloat16).view_dtype(Kind::Int16);
    let bits: Vec<i16> = Vec::try_from(&bits).expect("a flat tensor of 16 bits a number");
    bits.into_iter().map(i16::cast_unsigned).collect()
}

fn flat(tensor: &Tensor, kind: Kind) -> Tensor {
    tensor.to_device(Device::Cpu).to_kind(kind).reshape([-1]).contiguous()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tch::nn;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn a_row_is_the_same_whatever_is_beside_it(
            rows in 1_usize..14, from in 1_usize..70, to in 1_usize..300, row in 0_usize..14,
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
