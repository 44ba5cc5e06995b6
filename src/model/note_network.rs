//! The model of melody and accompaniment: an encoder over the beats' chords, conditions (and melody), a decoder over notes.
//!
//! The two are aligned in time instead of by cross attention: the decoder's input adds the encoding of the previous note's
//! beat and of the beat after it, and the heads see that of the beat in which the new note begins.

use std::sync::OnceLock;

use tch::{Kind, Reduction, Tensor, nn};

use super::{
    Batch, Config, Nats, Network, Part,
    dropping::Dropping,
    layers::{Linear, Table, fast_kind},
    picture,
    plain::PlainNotes,
    rotary::Turns,
    scene::{MELODY_SYMBOLS, SceneTensors},
    token::{PITCHES, STEPS, VELOCITIES},
    trunk::{Cache, Sight, Trunk, even_turns},
};
use crate::music::{Chord, STEPS_PER_BAR, STEPS_PER_BEAT};

/// No note here, for the loss.
pub(super) const IGNORED: i64 = -100;
const MELODY_WIDTH: i64 = 64;

/// Longest duration of a part's notes, in steps.
pub(super) fn longest(part: Part) -> u16 {
    if part == Part::Melody { 32 } else { 16 }
}

/// Values of each factor of a part's tokens.
pub(super) fn sizes(part: Part) -> [usize; 4] {
    [STEPS, PITCHES, usize::from(longest(part)), VELOCITIES]
}

pub(crate) struct NoteNetwork {
    features: Linear,
    chord: Table,
    melody: Option<(Table, Linear)>,
    encoder: Trunk,
    next_beat: Linear,
    new_beat: Linear,
    pub(super) token: Table,
    pub(super) decoder: Trunk,
    pub(super) heads: Heads,
    dropping: Dropping,
    sees: bool,
    plain: OnceLock<PlainNotes>,
}

/// Step, then pitch, duration and velocity, each seeing those before it.
pub(super) struct Heads {
    pub(super) step: Linear,
    pub(super) hidden: Linear,
    pub(super) place: Table,
    pub(super) pitch: Linear,
    pub(super) from_pitch: (Linear, Table),
    pub(super) duration: Linear,
    pub(super) from_duration: (Linear, Table),
    pub(super) velocity: Linear,
}

/// The encoder's view of each beat, `[batch, beats, width]`: for the beat itself, as the next one, as a new note's.
pub(super) struct Encoding {
    pub(super) here: Tensor,
    pub(super) next: Tensor,
    pub(super) new: Tensor,
}

/// Tokens that the decoder is told, row by row.
pub(super) struct Said {
    /// `[rows, tokens, 5]`: factors and place in the bar.
    pub(super) inputs: Tensor,
    /// `[rows, tokens]`: when each began, in steps since its row's window did.
    pub(super) steps: Tensor,
    /// `[rows, tokens]`: in which beat of the encoding.
    pub(super) beats: Tensor,
    /// `[rows, tokens]`: how many tokens its row's window has before it.
    pub(super) numbers: Tensor,
    /// `[rows, tokens]`: where in the cache it is kept.
    pub(super) slots: Tensor,
    /// `[rows, 1, tokens, room]`: what it sees of the cache.
    pub(super) seen: Tensor,
}

impl Encoding {
    /// Some of the beats.
    pub(super) fn narrow(&self, first: usize, beats: usize) -> Self {
        let part = |tensor: &Tensor| tensor.narrow(1, first as i64, beats as i64);
        Self { here: part(&self.here), next: part(&self.next), new: part(&self.new) }
    }

    /// One after the other.
    pub(super) fn join(parts: &[Self]) -> Self {
        let join = |part: fn(&Self) -> &Tensor| Tensor::cat(&parts.iter().map(part).collect::<Vec<_>>(), 1);
        Self { here: join(|part| &part.here), next: join(|part| &part.next), new: join(|part| &part.new) }
    }
}

impl NoteNetwork {
    pub(crate) fn new(part: Part, path: &nn::Path, config: &Config) -> Self {
        let (width, features) = (config.width as i64, picture::width(part, config.sees));
        let trunk = |name: &str, layers: usize, sight| Trunk::new(path / name, layers, width, config.dropout, sight);
        let melody = (part == Part::Accompaniment).then(|| {
            let table = Table::new(path / "melody", &[MELODY_SYMBOLS], MELODY_WIDTH);
            (table, Linear::new(path / "melody_beat", MELODY_WIDTH * i64::from(STEPS_PER_BEAT), width))
        });
        Self {
            features: Linear::new(path / "features", features, width),
            chord: Table::new(path / "chord", &[Chord::COUNT as i64], width),
            melody,
            encoder: trunk("encoder", (config.layers / 3).max(1), Sight::Around),
            next_beat: Linear::new(path / "next_beat", width, width),
            new_beat: Linear::new(path / "new_beat", width, width),
            token: Table::new(path / "token", &input_sizes(part), width),
            decoder: trunk("decoder", config.layers, Sight::Back),
            heads: Heads::new(part, &(path / "heads"), width),
            dropping: Dropping::new(path.device(), config.condition_dropout, features),
            sees: config.sees,
            plain: OnceLock::new(),
        }
    }

    /// Whether it wants pieces with their picture.
    pub(crate) fn sees(&self) -> bool {
        self.sees
    }

    /// The decoder for a processor, with the weights as they are when it is first asked for.
    pub(super) fn plain(&self) -> &PlainNotes {
        self.plain.get_or_init(|| PlainNotes::new(self))
    }

    pub(super) fn encode(&self, scene: &SceneTensors, train: bool) -> Encoding {
        let kind = scene.features.kind();
        let mut x = self.features.forward(&scene.features) + self.chord.sum(&scene.chords, kind);
        if let Some((table, beat)) = &self.melody {
            let shape = scene.melody.size();
            let steps = table.sum(&scene.melody.unsqueeze(-1), kind);
            x += beat.forward(&steps.view([shape[0], shape[1], -1]));
        }
        let turns = even_turns(x.size()[1], i64::from(STEPS_PER_BEAT), &x, kind);
        let here = self.encoder.forward(x, &turns, train);
        Encoding { next: self.next_beat.forward(&here), new: self.new_beat.forward(&here), here }
    }

    /// Room for `room` tokens in each of `rows` rows.
    pub(super) fn cache(&self, rows: i64, room: i64, encoding: &Encoding) -> Cache {
        self.decoder.cache(rows, room, &encoding.here)
    }

    /// States after each token.
    pub(super) fn advance(&self, encoding: &Encoding, said: &Said, cache: &Cache) -> Tensor {
        let kind = encoding.here.kind();
        let x = self.token.sum(&said.inputs, kind)
            + pick(&encoding.here, &said.beats)
            + pick(&encoding.next, &following(&said.beats, &encoding.next));
        let turns = Turns::new(&said.numbers, &said.steps, kind);
        self.decoder.advance_at(x, &turns, cache, &said.slots, &said.seen)
    }

    pub(super) fn step_logits(&self, state: &Tensor) -> Tensor {
        self.heads.step.forward(state)
    }

    /// What the other heads start from: the state, the step that was chosen, its place in the bar and its beat.
    pub(super) fn chosen_step(
        &self,
        encoding: &Encoding,
        state: &Tensor,
        step_and_place: &Tensor,
        beats: &Tensor,
    ) -> Tensor {
        self.heads.hidden(state, step_and_place, &pick(&encoding.new, beats))
    }

    pub(super) fn pitch_logits(&self, hidden: &Tensor) -> Tensor {
        self.heads.pitch.forward(hidden)
    }

    pub(super) fn chosen_pitch(&self, hidden: &Tensor, pitch: &Tensor) -> Tensor {
        follow(&self.heads.from_pitch, hidden, pitch)
    }

    pub(super) fn duration_logits(&self, hidden: &Tensor) -> Tensor {
        self.heads.duration.forward(hidden)
    }

    pub(super) fn chosen_duration(&self, hidden: &Tensor, duration: &Tensor) -> Tensor {
        follow(&self.heads.from_duration, hidden, duration)
    }

    pub(super) fn velocity_logits(&self, hidden: &Tensor) -> Tensor {
        self.heads.velocity.forward(hidden)
    }

    /// Logits of the four factors over whole windows, each given those before it.
    fn logits(&self, batch: &NoteBatch, kind: Kind, train: bool) -> [Tensor; 4] {
        let scene = SceneTensors {
            features: self.dropping.apply(&batch.features, &batch.dice, train).to_kind(kind),
            chords: batch.chords.shallow_clone(),
            melody: batch.melody.shallow_clone(),
        };
        let encoding = self.encode(&scene, train);
        let beats = encoding.here.size()[1];
        let (before, new) = (batch.beats.select(2, 0), batch.beats.select(2, 1));
        let x = self.token.sum(&batch.inputs, kind)
            + lit(&before, beats, kind).bmm(&encoding.here)
            + lit(&following(&before, &encoding.here), beats, kind).bmm(&encoding.next);
        let numbers = Tensor::arange(batch.steps.size()[1], (Kind::Int64, x.device())).unsqueeze(0);
        let state = self.decoder.forward(x, &Turns::new(&numbers, &batch.steps, kind), train);
        let beat = lit(&new, beats, kind).bmm(&encoding.new);
        let [step_and_place, pitch, duration] = batch.given();
        let at_pitch = self.heads.hidden(&state, &step_and_place, &beat);
        let at_duration = self.chosen_pitch(&at_pitch, &pitch);
        let at_velocity = self.chosen_duration(&at_duration, &duration);
        [
            self.step_logits(&state),
            self.pitch_logits(&at_pitch),
            self.duration_logits(&at_duration),
            self.velocity_logits(&at_velocity),
        ]
    }
}

impl Heads {
    fn new(part: Part, path: &nn::Path, width: i64) -> Self {
        let [steps, pitches, durations, velocities] = sizes(part).map(|size| size as i64);
        let square = |name: &str| Linear::new(path / name, width, width);
        let out = |name: &str, size: i64| Linear::new(path / name, width, size);
        let table = |name: &str, sizes: &[i64]| Table::new(path / name, sizes, width);
        Self {
            step: out("step", steps),
            hidden: square("hidden"),
            place: table("place", &[steps, i64::from(STEPS_PER_BAR)]),
            pitch: out("pitch", pitches),
            from_pitch: (square("after_pitch"), table("chosen_pitch", &[pitches])),
            duration: out("duration", durations),
            from_duration: (square("after_duration"), table("chosen_duration", &[durations])),
            velocity: out("velocity", velocities),
        }
    }

    fn hidden(&self, state: &Tensor, step_and_place: &Tensor, beat: &Tensor) -> Tensor {
        (self.hidden.forward(state) + self.place.sum(step_and_place, state.kind()) + beat).gelu("none")
    }
}

fn follow((linear, table): &(Linear, Table), hidden: &Tensor, chosen: &Tensor) -> Tensor {
    (linear.forward(hidden) + table.sum(&chosen.unsqueeze(-1), hidden.kind())).gelu("none")
}

/// Sizes of what the decoder hears of a token: its factors (one value more for none), and its place in the bar.
fn input_sizes(part: Part) -> [i64; 5] {
    let [steps, pitches, durations, velocities] = sizes(part).map(|size| size as i64 + 1);
    [steps, pitches, durations, velocities, i64::from(STEPS_PER_BAR)]
}

/// Rows `[batch, tokens, width]` of an encoding at `beats` `[batch, tokens]`.
fn pick(encoding: &Tensor, beats: &Tensor) -> Tensor {
    let (batch, all) = (encoding.size()[0], encoding.size()[1]);
    let first = Tensor::arange(batch, (Kind::Int64, beats.device())).unsqueeze(1) * all;
    let flat = (beats + first).view([-1]);
    encoding.reshape([batch * all, -1]).index_select(0, &flat).view([batch, beats.size()[1], -1])
}

/// Each beat's successor; the last beat has none and stands for itself.
fn following(beats: &Tensor, encoding: &Tensor) -> Tensor {
    (beats + 1).clamp_max(encoding.size()[1] - 1)
}

/// One in each row at its beat: a product with it picks rows, and its gradient is a product too.
fn lit(beats: &Tensor, all: i64, kind: Kind) -> Tensor {
    beats.unsqueeze(-1).eq_tensor(&Tensor::arange(all, (Kind::Int64, beats.device()))).to_kind(kind)
}

/// A batch of note windows; the order of its tensors is this struct's.
pub(super) struct NoteBatch {
    /// `[batch, tokens, 5]`: the token before (factors and place in the bar).
    pub(super) inputs: Tensor,
    /// `[batch, tokens]`: when the token before began, in steps since the window's start.
    pub(super) steps: Tensor,
    /// `[batch, tokens, 2]`: beats of the token before and of the new one.
    pub(super) beats: Tensor,
    /// `[batch, tokens]`: place in the bar of the new one.
    pub(super) places: Tensor,
    /// `[batch, tokens, 4]`: the new token, `IGNORED` where there is none.
    pub(super) targets: Tensor,
    pub(super) features: Tensor,
    pub(super) chords: Tensor,
    pub(super) melody: Tensor,
    /// `[batch, channels + 1]`: which conditions to drop.
    pub(super) dice: Tensor,
}

impl NoteBatch {
    pub(super) fn into_batch(self) -> Batch {
        let Self { inputs, steps, beats, places, targets, features, chords, melody, dice } = self;
        Batch { tensors: vec![inputs, steps, beats, places, targets, features, chords, melody, dice] }
    }

    fn of(batch: &Batch) -> Self {
        let tensor = |index: usize| batch.tensors[index].shallow_clone();
        Self {
            inputs: tensor(0),
            steps: tensor(1),
            beats: tensor(2),
            places: tensor(3),
            targets: tensor(4),
            features: tensor(5),
            chords: tensor(6),
            melody: tensor(7),
            dice: tensor(8),
        }
    }

    /// Targets as the heads are given them: step and place, pitch, duration.
    fn given(&self) -> [Tensor; 3] {
        let targets = self.targets.clamp_min(0);
        let step_and_place = Tensor::stack(&[targets.select(2, 0), self.places.shallow_clone()], -1);
        [step_and_place, targets.select(2, 1), targets.select(2, 2)]
    }
}

impl Network for NoteNetwork {
    fn nats(&self, batch: &Batch, train: bool) -> Nats {
        let batch = NoteBatch::of(batch);
        let logits = self.logits(&batch, fast_kind(batch.inputs.device()), train);
        let cost = |(factor, logits): (usize, &Tensor)| {
            let size = *logits.size().last().unwrap_or(&1);
            let targets = batch.targets.select(2, factor as i64).reshape([-1]);
            let logits = logits.to_kind(Kind::Float).reshape([-1, size]);
            logits.cross_entropy_loss::<Tensor>(&targets, None, Reduction::Sum, IGNORED, 0.0)
        };
        let sums: Vec<Tensor> = logits.iter().enumerate().map(cost).collect();
        let tokens = batch.targets.select(2, 0).ne(IGNORED).sum(Kind::Int64).int64_value(&[]);
        Nats { sums: Tensor::stack(&sums, 0), tokens }
    }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    impl Encoding {
        /// Several rows of one.
        pub(crate) fn stack(rows: &[Self]) -> Self {
            let stack = |part: fn(&Self) -> &Tensor| Tensor::cat(&rows.iter().map(part).collect::<Vec<_>>(), 0);
            Self { here: stack(|row| &row.here), next: stack(|row| &row.next), new: stack(|row| &row.new) }
        }

        pub(crate) fn beats(&self) -> usize {
            self.here.size()[1] as usize
        }

        /// The largest difference of first rows.
        pub(crate) fn apart(&self, other: &Self) -> f64 {
            let apart = |one: &Tensor, other: &Tensor| (one.get(0) - other.get(0)).abs().max().double_value(&[]);
            apart(&self.here, &other.here).max(apart(&self.new, &other.new)).max(apart(&self.next, &other.next))
        }
    }

    use super::*;
    use crate::{
        corpus::Split,
        model::{lesson_of, testing},
    };

    /// Composing asks factor by factor and token by token what training asks all at once.
    #[test]
    fn composing_and_training_agree() {
        testing::alone();
        tch::no_grad(|| {
            for part in [Part::Melody, Part::Accompaniment] {
                tch::manual_seed(5);
                let lesson = lesson_of(part, &testing::corpus(3));
                let store = nn::VarStore::new(Device::Cpu);
                let network = NoteNetwork::new(part, &store.root(), &testing::SMALL);
                let batch = NoteBatch::of(&lesson.look(Split::Train, 2)[0]);
                let whole = network.logits(&batch, Kind::Float, false);
                let scene = SceneTensors {
                    features: batch.features.shallow_clone(),
                    chords: batch.chords.shallow_clone(),
                    melody: batch.melody.shallow_clone(),
                };
                let encoding = network.encode(&scene, false);
                let tokens = batch.steps.size()[1];
                let cache = network.cache(2, tokens, &encoding);
                for token in 0..tokens {
                    let at = Tensor::full([2, 1], token, (Kind::Int64, Device::Cpu));
                    let seen = Tensor::arange(tokens, (Kind::Int64, Device::Cpu)).le(token).view([1, 1, 1, tokens]);
                    let one = |tensor: &Tensor| tensor.narrow(1, token, 1);
                    let beats = one(&batch.beats);
                    let said = Said {
                        inputs: one(&batch.inputs),
                        steps: one(&batch.steps),
                        beats: beats.select(2, 0),
                        numbers: at.shallow_clone(),
                        slots: at,
                        seen: seen.expand([2, 1, 1, tokens], false),
                    };
                    let state = network.advance(&encoding, &said, &cache);
                    let [place, pitch, duration] = batch.given().map(|given| one(&given));
                    let at_pitch = network.chosen_step(&encoding, &state, &place, &beats.select(2, 1));
                    let at_duration = network.chosen_pitch(&at_pitch, &pitch);
                    let at_velocity = network.chosen_duration(&at_duration, &duration);
                    let asked = [
                        network.step_logits(&state),
                        network.pitch_logits(&at_pitch),
                        network.duration_logits(&at_duration),
                        network.velocity_logits(&at_velocity),
                    ];
                    for (factor, (found, expected)) in asked.iter().zip(&whole).enumerate() {
                        let apart = (found - one(expected)).abs().max().double_value(&[]);
                        assert!(apart < 1e-4, "{part:?}, token {token}, factor {factor}: {apart}");
                    }
                }
            }
        });
    }
}
