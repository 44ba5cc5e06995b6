//! From a part's name to its lesson and its network.

use tch::nn;

use super::{
    Config, Lesson, Network, Part, chord_lesson::ChordLesson, chord_network::ChordNetwork, note_lesson::NoteLesson,
    note_network::NoteNetwork,
};
use crate::corpus::Corpus;

/// A corpus as windows for one model.
pub(crate) fn lesson_of(part: Part, corpus: &Corpus) -> Box<dyn Lesson> {
    match part {
        Part::Chords => Box::new(ChordLesson::new(corpus)),
        Part::Melody | Part::Accompaniment => Box::new(NoteLesson::new(part, corpus)),
    }
}

/// A new network whose parameters lie under `path`, at their initial random values.
pub(crate) fn network_of(part: Part, path: &nn::Path, config: &Config) -> Box<dyn Network> {
    match part {
        Part::Chords => Box::new(ChordNetwork::new(path, config)),
        Part::Melody | Part::Accompaniment => Box::new(NoteNetwork::new(part, path, config)),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rustix::time::{ClockId, clock_gettime};

    use tch::{
        Device, Kind,
        nn::{OptimizerConfig, VarStore},
    };

    use super::*;
    use crate::{
        artifact::Artifact,
        corpus::{Split, pop909},
        model::testing,
        seed::Seed,
    };

    const PARTS: [Part; 3] = [Part::Chords, Part::Melody, Part::Accompaniment];

    /// The configurations that ship.
    fn shipped(part: Part) -> Config {
        let (layers, width) = match part {
            Part::Chords => (4, 192),
            Part::Melody => (4, 256),
            Part::Accompaniment => (6, 256),
        };
        Config { layers, width, dropout: 0.1, condition_dropout: 0.1, sees: false }
    }

    fn parameters(store: &VarStore) -> usize {
        store.trainable_variables().iter().map(tch::Tensor::numel).sum()
    }

    #[test]
    fn shipped_sizes_fit_their_budgets() {
        for (part, megabytes) in PARTS.into_iter().zip([4, 10, 14]) {
            let store = VarStore::new(Device::Cpu);
            let _network = network_of(part, &store.root(), &shipped(part));
            let bytes = 2 * parameters(&store);
            assert!(bytes < megabytes * 1_000_000, "{part:?}: {bytes} bytes as f16");
            assert!(2 * bytes > megabytes * 1_000_000, "{part:?}: {bytes} bytes leave half the budget unused");
        }
    }

    #[test]
    fn networks_learn_what_they_are_shown() {
        testing::alone();
        let corpus = testing::corpus(6);
        for part in PARTS {
            tch::manual_seed(1);
            let lesson = lesson_of(part, &corpus);
            let store = VarStore::new(Device::Cpu);
            let network = network_of(part, &store.root(), &testing::SMALL);
            let mut optimizer = tch::nn::AdamW::default().build(&store, 3e-3).unwrap();
            let mut rng = Seed::master(1).rng();
            let mut costs = Vec::new();
            for _ in 0..25 {
                let nats = network.nats(&lesson.draw(&mut rng, 4), true);
                let cost = nats.sums.sum(Kind::Float) / nats.tokens as f64;
                optimizer.backward_step(&cost);
                costs.push(cost.double_value(&[]));
            }
            assert!(costs.iter().all(|cost| cost.is_finite()), "{part:?}: {costs:?}");
            assert!(costs[24] < 0.7 * costs[0], "{part:?}: {costs:?}");
            let judged: Vec<_> =
                lesson.look(Split::Validation, 4).iter().map(|batch| network.nats(batch, false)).collect();
            assert!(judged.iter().all(|nats| nats.sums.size() == [lesson.factors().len() as i64] && nats.tokens > 0));
        }
    }

    /// Not a test of right or wrong: how fast a step of training is here, on real songs and one thread.
    #[test]
    #[ignore = "a measurement; run it alone"]
    #[expect(clippy::print_stderr, reason = "it prints what it measures")]
    fn speed_of_training() {
        let Some(data) = crate::testing::data() else { return };
        let corpus = cached(&data.join("pop909"));
        tch::set_num_threads(1);
        let steps: usize = std::env::var("STEPS").map_or(30, |steps| steps.parse().unwrap());
        for part in PARTS.into_iter().filter(|part| std::env::var("PART").is_ok_and(|name| format!("{part:?}") == name))
        {
            tch::manual_seed(1);
            let lesson = lesson_of(part, &corpus);
            let store = VarStore::new(Device::Cpu);
            let network = network_of(part, &store.root(), &shipped(part));
            let mut optimizer = tch::nn::AdamW::default().build(&store, 5e-4).unwrap();
            let mut rng = Seed::master(1).rng();
            eprintln!("{part:?}: {} parameters", parameters(&store));
            let (mut tokens, mut drawing, mut thinking, mut learning) = (0, 0.0, 0.0, 0.0);
            for step in 0..steps {
                let start = processor_seconds();
                let batch = lesson.draw(&mut rng, 16);
                let drawn = processor_seconds() - start;
                let nats = network.nats(&batch, true);
                let cost = nats.sums.sum(Kind::Float) / nats.tokens as f64;
                let thought = processor_seconds() - start;
                optimizer.backward_step_clip_norm(&cost, 1.0);
                let learnt = processor_seconds() - start;
                if step > 2 {
                    tokens += nats.tokens;
                    drawing += drawn;
                    thinking += thought - drawn;
                    learning += learnt - thought;
                }
                if step % 10 == 0 || step + 1 == steps {
                    eprintln!("  {step}: {:.3} nats, {} tokens", cost.double_value(&[]), nats.tokens);
                }
            }
            let all = drawing + thinking + learning;
            eprintln!(
                "  {:.0} tokens/s; a step {:.3} s: draw {:.0} %, forward {:.0} %, backward and optimiser {:.0} %",
                tokens as f64 / all,
                all / (steps - 3) as f64,
                100.0 * drawing / all,
                100.0 * thinking / all,
                100.0 * learning / all
            );
        }
    }

    /// Seconds of processor time, so that a busy machine measures the same.
    fn processor_seconds() -> f64 {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
    }

    /// Loading all songs takes a while without optimisation: they are kept beside the build.
    fn cached(folder: &Path) -> Corpus {
        let kept = std::env::temp_dir().join("cuesmith-pop909.json");
        if let Ok(bytes) = std::fs::read(&kept) {
            return Corpus::from_bytes(&bytes).unwrap();
        }
        let corpus = pop909::load(folder, |_| {}).unwrap();
        std::fs::write(&kept, corpus.to_bytes()).unwrap();
        corpus
    }
}
