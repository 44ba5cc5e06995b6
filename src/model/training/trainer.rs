//! The loop: draw, learn, look, keep the best, stop when nothing is gained any more.

use rand_chacha::rand_core::Rng;
use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor, nn::VarStore};

use super::{
    Checkpoint, History, Look, TrainingError,
    adamw::{self, AdamW},
    average::Average,
    checkpoint::Holdings,
    schedule::learning_rate,
};
use crate::{
    corpus::Split,
    error::StageError,
    model::{Batch, Lesson, Network},
    seed::Seed,
};

const GRADIENT_LIMIT: f64 = 1.0;

/// Windows of a look in the middle of training: enough to steer by, and over in seconds.
const LOOK_WINDOWS: usize = 160;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) steps: usize,
    /// Windows a step.
    pub(crate) batch: usize,
    pub(crate) learning_rate: f64,
    pub(crate) weight_decay: f64,
    pub(crate) validate_every: usize,
    /// Looks without gain before it stops.
    pub(crate) patience: usize,
}

/// A network in training.
pub(crate) struct Trainer<'a> {
    pub(crate) lesson: &'a dyn Lesson,
    pub(crate) network: &'a dyn Network,
    /// Holds the network's weights.
    pub(crate) store: &'a VarStore,
    pub(crate) settings: Settings,
    pub(crate) seed: Seed,
}

/// How far a training is.
pub(crate) struct Pace<'a> {
    pub(crate) step: usize,
    pub(crate) steps: usize,
    /// Tokens seen, those before a restart included.
    pub(crate) tokens: u64,
    /// Nats a token since the last look, or over the last stretch right after one.
    pub(crate) train: f64,
    pub(crate) last_look: Option<&'a Look>,
}

/// Someone who watches a training, and may stop it with an error.
pub(crate) trait Watch {
    /// After every step.
    fn step(&mut self, pace: &Pace) -> Result<(), StageError>;

    /// A look was the best so far; the store holds the weights that were judged.
    fn best(&mut self, look: &Look) -> Result<(), StageError>;
}

/// What goes into a checkpoint beside tensors.
#[derive(Default, Serialize, Deserialize)]
struct State {
    step: usize,
    tokens: u64,
    history: History,
}

/// The tensors beside the store's own.
struct Tensors {
    adamw: AdamW,
    average: Average,
    best: Vec<(String, Tensor)>,
}

/// Sums since the last look.
#[derive(Default)]
struct Stretch {
    nats: f64,
    tokens: i64,
}

impl Stretch {
    fn mean(&self) -> f64 {
        self.nats / self.tokens.max(1) as f64
    }
}

impl Trainer<'_> {
    /// Trains to the end, from the checkpoint if there is one, and leaves the best weights in the store.
    pub(crate) fn train(&self, checkpoint: &Checkpoint, watch: &mut dyn Watch) -> Result<History, TrainingError> {
        let validation = self.validation()?;
        let mut tensors = Tensors::new(self.store, self.settings.weight_decay);
        let mut state: State = checkpoint.load(&tensors.holdings(self.store))?.unwrap_or_default();
        let mut stretch = Stretch::default();
        while !self.is_over(&state) {
            self.step(&mut tensors, &mut state, &mut stretch)?;
            watch.step(&Pace {
                step: state.step,
                steps: self.settings.steps,
                tokens: state.tokens,
                train: stretch.mean(),
                last_look: state.history.looks.last(),
            })?;
            if state.step.is_multiple_of(self.settings.validate_every) || state.step == self.settings.steps {
                self.look(&mut tensors, &mut state, &stretch, &validation, watch)?;
                stretch = Stretch::default();
                checkpoint.save(&tensors.holdings(self.store), &state)?;
            }
        }
        fill(self.store, &tensors.best);
        Ok(state.history)
    }

    /// Trained weights in all.
    pub(crate) fn weights(&self) -> usize {
        adamw::count(self.store)
    }

    fn is_over(&self, state: &State) -> bool {
        state.step >= self.settings.steps || state.history.looks_without_gain() >= self.settings.patience
    }

    fn step(&self, tensors: &mut Tensors, state: &mut State, stretch: &mut Stretch) -> Result<(), TrainingError> {
        let rate = learning_rate(state.step, self.settings.steps, self.settings.learning_rate);
        let not_finite = |what, value| TrainingError::NotFinite { step: state.step, what, value, learning_rate: rate };
        let batch = self.draw(state.step);
        let nats = self.network.nats(&batch, true);
        let sum = nats.sums.sum(Kind::Float);
        let spent = sum.double_value(&[]);
        if !spent.is_finite() {
            return Err(not_finite("loss", spent));
        }
        tensors.adamw.zero_gradients();
        (sum / nats.tokens.max(1) as f64).backward();
        let norm = tensors.adamw.clip(GRADIENT_LIMIT);
        if !norm.is_finite() {
            return Err(not_finite("gradient", norm));
        }
        tensors.adamw.update(state.step, rate);
        tensors.average.update(state.step);
        state.step += 1;
        state.tokens += nats.tokens as u64;
        stretch.nats += spent;
        stretch.tokens += nats.tokens;
        Ok(())
    }

    /// The windows of a step depend on seed and step alone, and so does dropout: nothing to save, nothing to lose.
    fn draw(&self, step: usize) -> Batch {
        let seed = self.seed.derive("step").derive(&step.to_string());
        tch::manual_seed(seed.derive("dropout").rng().next_u64() as i64);
        self.lesson.draw(&mut seed.derive("windows").rng(), self.settings.batch).to(self.store.device())
    }

    fn look(
        &self,
        tensors: &mut Tensors,
        state: &mut State,
        stretch: &Stretch,
        validation: &[Batch],
        watch: &mut dyn Watch,
    ) -> Result<(), TrainingError> {
        let Tensors { average, best, .. } = tensors;
        average.lend(|| {
            let validation = nats(self.network, validation, self.store.device());
            let look = Look { step: state.step, tokens: state.tokens, train: stretch.mean(), validation };
            if !look.total().is_finite() {
                let (step, value, rate) = (state.step, look.total(), self.settings.learning_rate);
                return Err(TrainingError::NotFinite { step, what: "validation loss", value, learning_rate: rate });
            }
            state.history.looks.push(look.clone());
            if state.history.improved() {
                keep(self.store, best);
                watch.best(&look)?;
            }
            Ok(())
        })
    }

    /// Batches spread evenly over the validation songs.
    fn validation(&self) -> Result<Vec<Batch>, TrainingError> {
        let all = self.lesson.look(Split::Validation, self.settings.batch);
        if all.is_empty() {
            return Err(TrainingError::NoWindows { split: "validation" });
        }
        let wanted = LOOK_WINDOWS.div_ceil(self.settings.batch).min(all.len());
        let every = all.len() / wanted;
        Ok(all.into_iter().step_by(every).take(wanted).collect())
    }
}

impl Tensors {
    fn new(store: &VarStore, weight_decay: f64) -> Self {
        let mut best: Vec<(String, Tensor)> =
            store.variables().into_iter().map(|(name, weight)| (name, weight.detach().copy())).collect();
        best.sort_by(|a, b| a.0.cmp(&b.0));
        Self { adamw: AdamW::new(store, weight_decay), average: Average::new(store), best }
    }

    fn holdings<'a>(&'a self, store: &'a VarStore) -> Holdings<'a> {
        Holdings { store, adamw: &self.adamw, average: &self.average, best: &self.best }
    }
}

/// Nats a token over batches, by factor, without dropout.
pub(crate) fn nats(network: &dyn Network, batches: &[Batch], device: Device) -> Vec<f64> {
    let mut sums: Vec<f64> = vec![];
    let mut tokens = 0;
    for batch in batches {
        let nats = tch::no_grad(|| network.nats(&batch.to(device), false));
        let values: Vec<f64> = (0..nats.sums.numel() as i64).map(|factor| nats.sums.double_value(&[factor])).collect();
        sums.resize(values.len(), 0.0);
        sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        tokens += nats.tokens;
    }
    sums.iter().map(|sum| sum / tokens.max(1) as f64).collect()
}

fn keep(store: &VarStore, best: &mut [(String, Tensor)]) {
    let weights = store.variables();
    for (name, kept) in best {
        kept.copy_(&weights[name.as_str()].detach());
    }
}

fn fill(store: &VarStore, best: &[(String, Tensor)]) {
    let mut weights = store.variables();
    for (name, kept) in best {
        let weight = weights.get_mut(name).expect("the best weights were copied from this store");
        tch::no_grad(|| weight.copy_(kept));
    }
}
