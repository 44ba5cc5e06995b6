//! The chord model: a decoder over half bars that sees what is asked of them and where they lie in the piece.

use tch::{Kind, Reduction, Tensor, nn};

use super::{
    Batch, Config, Nats, Network, Part,
    dropping::Dropping,
    layers::{Linear, Table, fast_kind},
    note_network::IGNORED,
    picture,
    rotary::Turns,
    trunk::{Cache, Sight, Trunk},
};
use crate::music::Chord;

/// Steps of a half bar.
pub(super) const SLOT_STEPS: i64 = 8;
/// The chord before the first one.
pub(super) const BEFORE: i64 = Chord::COUNT as i64;

pub(crate) struct ChordNetwork {
    chord: Table,
    features: Linear,
    decoder: Trunk,
    out: Linear,
    dropping: Dropping,
    sees: bool,
}

/// A batch of chord windows; the order of its tensors is this struct's.
pub(super) struct ChordBatch {
    /// `[batch, slots]`: the chord before.
    pub(super) inputs: Tensor,
    /// `[batch, slots]`: the chord, `IGNORED` after the end.
    pub(super) targets: Tensor,
    /// `[batch, slots, features]`
    pub(super) features: Tensor,
    /// `[batch, channels + 1]`: which conditions to drop.
    pub(super) dice: Tensor,
}

impl ChordBatch {
    pub(super) fn into_batch(self) -> Batch {
        Batch { tensors: vec![self.inputs, self.targets, self.features, self.dice] }
    }
}

impl ChordNetwork {
    pub(crate) fn new(path: &nn::Path, config: &Config) -> Self {
        let width = config.width as i64;
        let features = picture::width(Part::Chords, config.sees);
        Self {
            chord: Table::new(path / "chord", &[Chord::COUNT as i64 + 1], width),
            features: Linear::new(path / "features", features, width),
            decoder: Trunk::new(path / "decoder", config.layers, width, config.dropout, Sight::Back),
            out: Linear::new(path / "out", width, Chord::COUNT as i64),
            dropping: Dropping::new(path.device(), config.condition_dropout, features),
            sees: config.sees,
        }
    }

    /// Whether it wants pieces with their picture.
    pub(crate) fn sees(&self) -> bool {
        self.sees
    }

    fn input(&self, chords: &Tensor, features: &Tensor) -> Tensor {
        self.chord.sum(&chords.unsqueeze(-1), features.kind()) + self.features.forward(features)
    }

    pub(super) fn cache(&self, rows: i64, room: i64, features: &Tensor) -> Cache {
        self.decoder.cache(rows, room, features)
    }

    /// Logits after the chords `[batch, slots]` before each slot with these features.
    pub(super) fn advance(&self, chords: &Tensor, features: &Tensor, cache: &mut Cache) -> Tensor {
        let slots = chords.size()[1];
        let turns = slot_turns(cache.filled(), slots, features);
        self.out.forward(&self.decoder.advance(self.input(chords, features), &turns, cache))
    }
}

fn slot_turns(first: i64, slots: i64, like: &Tensor) -> Turns {
    let numbers = Tensor::arange_start(first, first + slots, (Kind::Int64, like.device())).unsqueeze(0);
    Turns::new(&numbers, &(&numbers * SLOT_STEPS), like.kind())
}

impl Network for ChordNetwork {
    fn nats(&self, batch: &Batch, train: bool) -> Nats {
        let [inputs, targets, features, dice] = [0, 1, 2, 3].map(|index: usize| &batch.tensors[index]);
        let kind = fast_kind(inputs.device());
        let features = self.dropping.apply(features, dice, train).to_kind(kind);
        let turns = slot_turns(0, inputs.size()[1], &features);
        let state = self.decoder.forward(self.input(inputs, &features), &turns, train);
        let logits = self.out.forward(&state).to_kind(Kind::Float).reshape([-1, Chord::COUNT as i64]);
        let sum = logits.cross_entropy_loss::<Tensor>(&targets.reshape([-1]), None, Reduction::Sum, IGNORED, 0.0);
        let tokens = targets.ne(IGNORED).sum(Kind::Int64).int64_value(&[]);
        Nats { sums: sum.unsqueeze(0), tokens }
    }
}
