//! Tests of the whole loop with a toy: tokens of two factors that follow a rule, and a network of two tables.

use std::cell::Cell;

use rand_chacha::{ChaCha8Rng, rand_core::Rng};
use tch::{
    Device, Kind, Tensor,
    nn::{Path, VarStore},
};
use tempfile::TempDir;

use super::*;
use crate::{
    corpus::Split,
    error::StageError,
    model::{Batch, Lesson, Nats, Network},
    seed::Seed,
};

const A: i64 = 7;
const B: i64 = 3;

/// `a` walks 0, 3, 6, 2, ...; `b` is `a` modulo 3.
struct Walk {
    length: usize,
    nothing: bool,
}

impl Walk {
    fn window(&self, start: u16) -> Vec<Vec<u16>> {
        (0..self.length as u16).map(|i| (start + 3 * i) % A as u16).map(|a| vec![a, a % B as u16]).collect()
    }

    fn batch(&self, starts: &[u16]) -> Batch {
        let flat: Vec<i64> = starts.iter().flat_map(|&start| self.window(start)).flatten().map(i64::from).collect();
        Batch { tensors: vec![Tensor::from_slice(&flat).reshape([starts.len() as i64, self.length as i64, 2])] }
    }
}

impl Lesson for Walk {
    fn factors(&self) -> &'static [&'static str] {
        &["a", "b"]
    }

    fn sizes(&self) -> Vec<usize> {
        vec![A as usize, B as usize]
    }

    fn draw(&self, rng: &mut ChaCha8Rng, windows: usize) -> Batch {
        let starts: Vec<u16> = (0..windows).map(|_| (rng.next_u32() % A as u32) as u16).collect();
        self.batch(&starts)
    }

    fn look(&self, _split: Split, windows: usize) -> Vec<Batch> {
        if self.nothing {
            return vec![];
        }
        (0..A as u16).collect::<Vec<_>>().chunks(windows).map(|starts| self.batch(starts)).collect()
    }

    fn sequences(&self, _split: Split) -> Vec<Vec<Vec<u16>>> {
        (0..A as u16).map(|start| self.window(start)).collect()
    }
}

/// Each factor from the value of `a` before it (or beside it).
struct Tables {
    next: Tensor,
    beside: Tensor,
    broken: Cell<bool>,
}

impl Tables {
    fn new(path: &Path, start: f64) -> Self {
        let table = |name: &str, size| {
            path.var_copy(
                name,
                &(Tensor::arange(A * size, (Kind::Float, Device::Cpu)).sin().reshape([A, size]) * start),
            )
        };
        Self { next: table("next", A), beside: table("beside", B), broken: Cell::new(false) }
    }
}

impl Network for Tables {
    fn nats(&self, batch: &Batch, _train: bool) -> Nats {
        let tokens = &batch.tensors[0];
        let (a, b) = (tokens.select(2, 0), tokens.select(2, 1));
        let steps = a.size()[1] - 1;
        let (before, after) = (a.narrow(1, 0, steps).flatten(0, 1), a.narrow(1, 1, steps).flatten(0, 1));
        let b = b.narrow(1, 1, steps).flatten(0, 1);
        let nats = |table: &Tensor, given: &Tensor, value: &Tensor| {
            table
                .index_select(0, given)
                .log_softmax(1, Kind::Float)
                .gather(1, &value.unsqueeze(1), false)
                .sum(Kind::Float)
                .neg()
        };
        let mut sums = Tensor::stack(&[nats(&self.next, &before, &after), nats(&self.beside, &after, &b)], 0);
        if self.broken.get() {
            sums = sums / 0.0;
        }
        Nats { sums, tokens: after.numel() as i64 }
    }
}

fn settings(steps: usize) -> Settings {
    Settings { steps, batch: 4, learning_rate: 0.3, weight_decay: 0.01, validate_every: 10, patience: 100 }
}

/// Watches, and kills when told to.
#[derive(Default)]
struct Watcher {
    kill_at: Option<usize>,
    steps: usize,
    bests: usize,
}

impl Watch for Watcher {
    fn step(&mut self, pace: &Pace) -> Result<(), StageError> {
        assert!(pace.train.is_finite() && pace.step <= pace.steps);
        self.steps += 1;
        match self.kill_at {
            Some(step) if step == pace.step => Err(StageError::internal("killed")),
            _ => Ok(()),
        }
    }

    fn best(&mut self, look: &Look) -> Result<(), StageError> {
        assert_eq!(look.validation.len(), 2);
        self.bests += 1;
        Ok(())
    }
}

/// A training in `folder`; what is in the store at the end, and how it went.
fn train(
    folder: &TempDir,
    start: f64,
    settings: Settings,
    watcher: &mut Watcher,
) -> (Result<History, TrainingError>, Vec<Tensor>) {
    let store = VarStore::new(Device::Cpu);
    let network = Tables::new(&store.root(), start);
    let lesson = Walk { length: 6, nothing: false };
    let trainer = Trainer { lesson: &lesson, network: &network, store: &store, settings, seed: Seed::master(3) };
    let history = trainer.train(&Checkpoint::at(folder.path().join("checkpoint.safetensors")), watcher);
    (history, vec![network.next.detach().copy(), network.beside.detach().copy()])
}

#[test]
fn a_toy_learns_its_rule() {
    let folder = TempDir::new().unwrap();
    let mut watcher = Watcher::default();
    let (history, _) = train(&folder, 0.1, settings(120), &mut watcher);
    let history = history.unwrap();
    let totals: Vec<f64> = history.looks.iter().map(Look::total).collect();
    assert_eq!((watcher.steps, totals.len()), (120, 12));
    assert!(totals[0] > 10.0 * totals[11] && totals[11] < 0.02, "3.04 nats untrained: {totals:?}");
    let minima = (0..12).filter(|&i| totals[..i].iter().all(|earlier| totals[i] < *earlier)).count();
    assert!(watcher.bests == minima && minima > 2, "{totals:?}");
    assert_eq!(history.looks[11].tokens, 120 * 4 * 5);
}

#[test]
fn a_killed_training_ends_as_one_that_was_not() {
    let (straight, killed) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (expected, weights) = train(&straight, 0.1, settings(40), &mut Watcher::default());
    let (stopped, _) = train(&killed, 0.1, settings(40), &mut Watcher { kill_at: Some(25), ..Watcher::default() });
    assert!(matches!(stopped, Err(TrainingError::Watch(_))));
    let mut rest = Watcher::default();
    let (resumed, again) = train(&killed, 7.0, settings(40), &mut rest);
    assert_eq!(rest.steps, 20, "goes on from the look at step 20");
    assert_eq!(resumed.unwrap(), expected.unwrap());
    assert!(weights.iter().zip(&again).all(|(a, b)| a.equal(b)), "the very same weights");
    let mut nothing_left = Watcher::default();
    let (_, third) = train(&killed, 9.0, settings(40), &mut nothing_left);
    assert!(nothing_left.steps == 0 && weights.iter().zip(&third).all(|(a, b)| a.equal(b)));
}

#[test]
fn stops_when_nothing_is_gained() {
    let folder = TempDir::new().unwrap();
    let wild = Settings { learning_rate: 0.0, patience: 3, ..settings(500) };
    let mut watcher = Watcher::default();
    let (history, _) = train(&folder, 0.1, wild, &mut watcher);
    assert_eq!((watcher.steps, history.unwrap().looks.len()), (40, 4));
}

#[test]
fn a_loss_that_is_no_number_is_an_error() {
    let store = VarStore::new(Device::Cpu);
    let network = Tables::new(&store.root(), 0.1);
    network.broken.set(true);
    let lesson = Walk { length: 6, nothing: false };
    let trainer =
        Trainer { lesson: &lesson, network: &network, store: &store, settings: settings(10), seed: Seed::master(1) };
    let folder = TempDir::new().unwrap();
    let checkpoint = Checkpoint::at(folder.path().join("c.safetensors"));
    let error = trainer.train(&checkpoint, &mut Watcher::default()).unwrap_err();
    insta::assert_snapshot!(error, @"training step 0: the loss is inf; lower learning_rate (now 0.300000) or look at the corpus");
}

#[test]
fn a_corpus_without_validation_songs_is_refused() {
    let store = VarStore::new(Device::Cpu);
    let network = Tables::new(&store.root(), 0.1);
    let lesson = Walk { length: 6, nothing: true };
    let trainer =
        Trainer { lesson: &lesson, network: &network, store: &store, settings: settings(10), seed: Seed::master(1) };
    let folder = TempDir::new().unwrap();
    let checkpoint = Checkpoint::at(folder.path().join("c.safetensors"));
    let error = trainer.train(&checkpoint, &mut Watcher::default()).unwrap_err();
    insta::assert_snapshot!(error, @"the corpus has no validation windows; it needs songs in all three splits");
}

#[test]
fn a_damaged_checkpoint_is_named() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("checkpoint.safetensors"), b"rubbish").unwrap();
    let (history, _) = train(&folder, 0.1, settings(10), &mut Watcher::default());
    let error = history.unwrap_err().to_string();
    assert!(
        error.contains("checkpoint.safetensors") && error.ends_with("remove it to train from the start"),
        "{error}"
    );
}
