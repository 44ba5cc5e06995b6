//! A stack of layers over a few tokens, each of a row that remembers its own earlier ones.

use pulp::{Arch, Simd, WithSimd};

use super::{
    math::{Norm, exp, gelu, max, narrow, sum, widen},
    matrix::{Matrix, PANEL, add, add_times, norm},
};
use crate::model::{rotary, trunk};

const HEAD: usize = rotary::HEAD as usize;
const PAIRS: usize = HEAD / 2;

pub(super) struct Trunk {
    layers: Vec<Layer>,
    norm: Norm,
    width: usize,
    frequencies: (Vec<f32>, Vec<f32>),
}

struct Layer {
    before_attention: Norm,
    inward: Matrix,
    outward: Matrix,
    before_widening: Norm,
    wide: Matrix,
    narrow: Matrix,
}

/// One row's keys and values.
pub(super) struct Memory {
    layers: Vec<Vec<HeadMemory>>,
    filled: usize,
}

/// One head's in one layer, in bf16: eight takes' do not fit into a processor's cache otherwise.
#[derive(Clone)]
struct HeadMemory {
    /// Panels of tokens: for each of `HEAD` numbers those of `PANEL` tokens.
    keys: Vec<[u16; PANEL]>,
    values: Vec<[u16; HEAD]>,
}

/// A token: the row that it belongs to, and when it is, in steps since its row's window began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) row: usize,
    pub(super) step: u32,
}

/// A moment's place in its row's memory, and how far its queries and keys turn.
struct Place {
    row: usize,
    number: usize,
    cos: [f32; PAIRS],
    sin: [f32; PAIRS],
}

impl Trunk {
    pub(super) fn new(trunk: &trunk::Trunk) -> Self {
        let layer = |layer: &trunk::Layer| Layer {
            before_attention: norm(&layer.before_attention),
            inward: Matrix::new(&layer.inward),
            outward: Matrix::new(&layer.outward),
            before_widening: norm(&layer.before_widening),
            wide: Matrix::new(&layer.wide),
            narrow: Matrix::new(&layer.narrow),
        };
        let norm = norm(&trunk.norm);
        Self {
            layers: trunk.layers.iter().map(layer).collect(),
            width: norm.weight.len(),
            norm,
            frequencies: rotary::frequencies(),
        }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Room for `room` tokens of one row.
    pub(super) fn memory(&self, room: usize) -> Memory {
        let head = HeadMemory { keys: vec![[0; PANEL]; room.div_ceil(PANEL) * HEAD], values: vec![[0; HEAD]; room] };
        Memory { layers: vec![vec![head; self.width / HEAD]; self.layers.len()], filled: 0 }
    }

    /// States of tokens that follow those in their rows' memories; tokens of one row in order.
    pub(super) fn advance(&self, x: &mut [f32], moments: &[Moment], memories: &mut [Memory]) {
        let places: Vec<Place> = moments.iter().map(|moment| self.place(*moment, memories)).collect();
        let (mut normed, mut wide, mut narrow) = (vec![0.0; x.len()], vec![], vec![]);
        for (index, layer) in self.layers.iter().enumerate() {
            Arch::new().dispatch(Normed { norm: &layer.before_attention, rows: x, into: &mut normed });
            layer.inward.times(&normed, &mut wide);
            Arch::new().dispatch(Attention {
                all: &mut wide,
                places: &places,
                memories,
                layer: index,
                into: &mut normed,
            });
            layer.outward.times(&normed, &mut narrow);
            add(x, &narrow);
            Arch::new().dispatch(Normed { norm: &layer.before_widening, rows: x, into: &mut normed });
            layer.wide.times(&normed, &mut wide);
            Arch::new().dispatch(Gelu(&mut wide));
            layer.narrow.times(&wide, &mut narrow);
            add(x, &narrow);
        }
        Arch::new().dispatch(Normed { norm: &self.norm, rows: x, into: &mut normed });
        x.copy_from_slice(&normed);
    }

    /// Takes the next place in a row's memory.
    fn place(&self, moment: Moment, memories: &mut [Memory]) -> Place {
        let memory = &mut memories[moment.row];
        let number = memory.filled;
        memory.filled += 1;
        let angles =
            |place: f32, frequencies: &[f32]| -> Vec<f32> { frequencies.iter().map(|one| place * one).collect() };
        let mut all = angles(number as f32, &self.frequencies.0);
        all.extend(angles(moment.step as f32, &self.frequencies.1));
        let [cos, sin] = [f32::cos, f32::sin].map(|of: fn(f32) -> f32| std::array::from_fn(|pair| of(all[pair])));
        Place { row: moment.row, number, cos, sin }
    }
}

impl Memory {
    /// Forgets all but the first tokens and keeps the room.
    pub(super) fn forget(&mut self, kept: usize) {
        self.filled = self.filled.min(kept);
    }
}

struct Normed<'a> {
    norm: &'a Norm,
    rows: &'a [f32],
    into: &'a mut [f32],
}

impl WithSimd for Normed<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.norm.apply(self.rows, self.into);
    }
}

pub(super) struct Gelu<'a>(pub(super) &'a mut [f32]);

impl WithSimd for Gelu<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        gelu(self.0);
    }
}

struct Attention<'a> {
    /// Queries, keys and values of each token.
    all: &'a mut [f32],
    places: &'a [Place],
    memories: &'a mut [Memory],
    layer: usize,
    into: &'a mut [f32],
}

impl WithSimd for Attention<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { all, places, memories, layer, into } = self;
        let width = into.len() / places.len();
        let mut scores = Vec::new();
        for ((all, place), into) in all.chunks_exact_mut(3 * width).zip(places).zip(into.chunks_exact_mut(width)) {
            let (turned, values) = all.split_at_mut(2 * width);
            turned.chunks_exact_mut(HEAD).for_each(|head| turn(head, place));
            let (queries, keys) = turned.split_at(width);
            let heads = memories[place.row].layers[layer].iter_mut().zip(into.chunks_exact_mut(HEAD));
            for (index, (memory, into)) in heads.enumerate() {
                let part = index * HEAD..(index + 1) * HEAD;
                memory.keep(place.number, &keys[part.clone()], &values[part.clone()]);
                attend::<S>(&queries[part], memory, place.number + 1, &mut scores, into);
            }
        }
    }
}

impl HeadMemory {
    #[inline(always)]
    fn keep(&mut self, number: usize, key: &[f32], value: &[f32]) {
        let panel = number / PANEL * HEAD;
        for (numbers, key) in self.keys[panel..panel + HEAD].iter_mut().zip(key) {
            numbers[number % PANEL] = narrow(*key);
        }
        for (kept, value) in self.values[number].iter_mut().zip(value) {
            *kept = narrow(*value);
        }
    }
}

/// Turns one head's query or key; see `rotary`.
#[inline(always)]
fn turn(head: &mut [f32], place: &Place) {
    let (first, second) = head.split_at_mut(PAIRS);
    for pair in 0..PAIRS {
        let (a, b) = (first[pair], second[pair]);
        first[pair] = a * place.cos[pair] - b * place.sin[pair];
        second[pair] = b * place.cos[pair] + a * place.sin[pair];
    }
}

/// One query against the first `count` tokens of a head's memory.
#[inline(always)]
fn attend<S: Simd>(query: &[f32], memory: &HeadMemory, count: usize, scores: &mut Vec<f32>, into: &mut [f32]) {
    scores.clear();
    for keys in memory.keys.chunks_exact(HEAD).take(count.div_ceil(PANEL)) {
        let mut sums = [0.0; PANEL];
        for (x, keys) in query.iter().zip(keys) {
            add_times::<S, PANEL>(&mut sums, *x, &widen(keys));
        }
        scores.extend_from_slice(&sums);
    }
    scores[count..].fill(f32::MIN);
    let highest = max(scores);
    for score in scores.iter_mut() {
        *score = exp((*score - highest) * (1.0 / (HEAD as f32).sqrt()));
    }
    scores[count..].fill(0.0);
    let scale = 1.0 / sum(scores, |weight| weight);
    let mut sums = [0.0; HEAD];
    for (weight, values) in scores.iter().zip(&memory.values[..count]) {
        add_times::<S, HEAD>(&mut sums, *weight, &widen(values));
    }
    for (into, sum) in into.iter_mut().zip(sums) {
        *into = sum * scale;
    }
}
