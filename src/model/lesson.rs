//! What a model learns from and how it is judged: the border between the three models and the trainer.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tch::{Device, Tensor};

use crate::corpus::Split;

/// Which of the three models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Part {
    Chords,
    Melody,
    Accompaniment,
}

/// Size and habits of a model; travels in its weight file.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Config {
    pub(crate) layers: usize,
    pub(crate) width: usize,
    pub(crate) dropout: f64,
    /// Share of windows that are trained without their conditions.
    pub(crate) condition_dropout: f64,
    /// Whether it sees the picture: the label's list of channels says so.
    #[serde(skip)]
    pub(crate) sees: bool,
}

/// Windows side by side; what each tensor means is the model's own matter.
pub(crate) struct Batch {
    pub(crate) tensors: Vec<Tensor>,
}

impl Batch {
    pub(crate) fn to(&self, device: Device) -> Self {
        Self { tensors: self.tensors.iter().map(|tensor| tensor.to_device(device)).collect() }
    }
}

/// A corpus seen as windows for one model. A token has one value for each factor (step, pitch, duration, velocity).
pub(crate) trait Lesson {
    /// Names of a token's factors, in the order in which they are predicted.
    fn factors(&self) -> &'static [&'static str];

    /// How many values each factor has.
    fn sizes(&self) -> Vec<usize>;

    /// Random training windows, augmented.
    fn draw(&self, rng: &mut ChaCha8Rng, windows: usize) -> Batch;

    /// All windows of a split once, as they are, in a fixed order.
    fn look(&self, split: Split, windows: usize) -> Vec<Batch>;

    /// The same windows as `look`, as tokens: `[window][token][factor]`. For n-grams.
    fn sequences(&self, split: Split) -> Vec<Vec<Vec<u16>>>;
}

/// What a batch cost.
pub(crate) struct Nats {
    /// Nats summed over the tokens, one value a factor; carries gradients when trained.
    pub(crate) sums: Tensor,
    pub(crate) tokens: i64,
}

/// A model as the trainer sees it; its parameters lie in the variable store that it was made with.
pub(crate) trait Network {
    /// `train` switches dropout on.
    fn nats(&self, batch: &Batch, train: bool) -> Nats;
}
