//! What composing chords and notes have in common: takes run side by side, each with its own random source, so that a take
//! is the same whatever runs beside it.

use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor};

use super::{sampler::Sampling, window::unit};
use crate::seed::Seed;

/// Takes that are composed at once at most. On a device every forward pass has as many rows: others give other bits.
pub(crate) const ROWS: usize = 8;

/// How takes are drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Composing {
    pub(crate) sampling: Sampling,
    /// How far takes differ in their temperature, 0..1: some are plain, some rich, as songs are.
    pub(crate) variety: f64,
    /// How far what is asked is overdone; 1 is not at all. See `guidance`.
    pub(crate) guidance: f64,
    pub(crate) seed: Seed,
    pub(crate) device: Device,
    /// Of the network's parameters.
    pub(crate) kind: Kind,
    pub(crate) shaping: Shaping,
}

/// How far notes follow form and what is asked, beside what the network makes of it. 0 is not at all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shaping {
    /// The chance that a phrase which may come back does, 0..1.
    pub(crate) recall: f64,
    /// How firmly a bar is led to what is asked of it, 0..1.
    pub(crate) steering: f64,
    /// Most drafts of a bar; the nearest to what is asked stays.
    pub(crate) drafts: usize,
}

impl Default for Shaping {
    /// What comes, comes.
    fn default() -> Self {
        Self { recall: 0.0, steering: 0.0, drafts: 1 }
    }
}

/// Told of progress, 0..1.
pub(crate) type OnProgress<'a> = &'a mut dyn FnMut(f32);

impl Composing {
    /// The random source of a take, counted from 0.
    pub(super) fn rng(&self, take: usize) -> ChaCha8Rng {
        self.seed.derive(&format!("take {}", take + 1)).rng()
    }

    /// How a take is drawn: its temperature lies up to `variety` above or below, as its seed says.
    pub(super) fn sampling_of(&self, take: usize) -> Sampling {
        let place = 2.0 * unit(&mut self.seed.derive(&format!("temper of take {}", take + 1)).rng()) - 1.0;
        Sampling { temperature: self.sampling.temperature * (1.0 + self.variety * place), ..self.sampling }
    }

    /// Whether takes are composed unasked beside as they are asked.
    pub(super) fn is_guided(&self) -> bool {
        (self.guidance - 1.0).abs() > f64::EPSILON
    }

    /// Another one, for what comes back in a take.
    pub(super) fn recall_rng(&self, take: usize) -> ChaCha8Rng {
        self.seed.derive(&format!("recall in take {}", take + 1)).rng()
    }
}

/// Rows of logits as plain numbers.
pub(super) fn rows(logits: &Tensor) -> Vec<Vec<f32>> {
    let size = *logits.size().last().unwrap_or(&1) as usize;
    let flat = logits.to_device(Device::Cpu).to_kind(Kind::Float).reshape([-1]).contiguous();
    let mut values = vec![0.0; flat.numel()];
    let length = values.len();
    flat.copy_data(&mut values, length);
    values.chunks(size).map(<[f32]>::to_vec).collect()
}

/// Whole numbers in a shape, on a device.
pub(super) fn numbers(values: &[i64], shape: &[i64], device: Device) -> Tensor {
    Tensor::from_slice(values).view(shape).to_device(device)
}
