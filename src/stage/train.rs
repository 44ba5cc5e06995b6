//! Executors of the family `train`: a corpus in; weights, card, curve and report out.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use serde::Deserialize;
use tch::{Device, nn::VarStore};

use super::{Execute, StageContext, original};
use crate::{
    artifact::Kind,
    corpus::{Corpus, Split},
    digest::Digest,
    error::{FailureClass, StageError},
    model::{
        Config, Lesson, Part, lesson_of, network_of,
        ngram::{self, Score},
        training::{self, Card, Checkpoint, History, Look, Pace, Settings, Trainer, TrainingError, Watch},
        weights,
    },
    run::{self, DeviceError},
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "train.chords" => Some(|context| train(context, Part::Chords)),
        "train.melody" => Some(|context| train(context, Part::Melody)),
        "train.music_affect" => Some(super::train_affect::train),
        "train.accompaniment" => Some(|context| train(context, Part::Accompaniment)),
        "train.affect" => Some(super::picture::train),
        "train.original" => Some(original::train),
        "train.dynamics" => Some(super::train_dynamics::train),
        "train.vmcp" => Some(super::vmcp::train),
        _ => None,
    }
}

#[derive(Deserialize)]
struct Params {
    #[serde(flatten)]
    settings: Settings,
    #[serde(flatten)]
    config: Config,
}

fn train(context: &mut StageContext, part: Part) -> Result<(), StageError> {
    let Params { settings, config } = context.params()?;
    weights::check_size(&config).map_err(|error| StageError::usage(error.to_string()))?;
    let corpus: Corpus = context.input("corpus")?;
    let config = Config { sees: corpus.has_pictures(), ..config };
    let (seed, device, scratch) = (context.seed(), device(context)?, context.scratch()?.to_owned());
    let lesson = lesson_of(part, &corpus);
    context.progress(0.0, "counting n-grams");
    let ngrams = Baselines::of(lesson.as_ref())?;

    tch::manual_seed(i64::from_str_radix(&seed.derive("start").short(), 16).unwrap_or_default());
    let store = VarStore::new(device);
    let network = network_of(part, &store.root(), &config);
    let trainer = Trainer { lesson: lesson.as_ref(), network: network.as_ref(), store: &store, settings, seed };
    let checkpoint = Checkpoint::at(scratch.join("checkpoint.safetensors"));
    let best = scratch.join("best.safetensors");
    let mut watch = Desk { context, ngram: ngrams.goal(), pace: None, best: &best, part, config, store: &store };
    let history = trainer.train(&checkpoint, &mut watch)?;

    context.progress(1.0, "looking at the test songs");
    weights::save(&best, part, &config, &store)?;
    // What ships is judged: the weights as the file holds them, in f16.
    let (label, _store, network) = weights::load(&best, part, device, |path, config| network_of(part, path, config))?;
    let bytes = fs::read(&best)?;
    let judge = |split| training::nats(network.as_ref(), &lesson.look(split, settings.batch), device);
    let card = Card {
        label: &label,
        corpus: &corpus,
        settings,
        seed,
        weights: trainer.weights(),
        history: &history,
        factors: lesson.factors(),
        validation: judge(Split::Validation),
        test: judge(Split::Test),
        ngrams: ngrams.test.clone(),
        digest: Digest::of(&bytes),
        bytes: bytes.len(),
    };
    let name = name(part);
    context.output_bytes("weights", Kind::Weights, Some(name), &bytes)?;
    context.output_bytes("card", Kind::Card, Some(name), card.markdown().as_bytes())?;
    context.output_bytes("curve", Kind::Picture, Some(name), &curve(&scratch, name, &history, &ngrams)?)?;
    context.output("report", &card.report())
}

/// The n-grams' figures: on the validation songs for the curve, on the test songs for the card.
struct Baselines {
    validation: Vec<Score>,
    test: Vec<Score>,
}

impl Baselines {
    fn of(lesson: &dyn Lesson) -> Result<Self, TrainingError> {
        let sizes = lesson.sizes();
        let train = lesson.sequences(Split::Train);
        let scores = |split, name| {
            let judged = lesson.sequences(split);
            if train.is_empty() || judged.is_empty() {
                let split = if train.is_empty() { "training" } else { name };
                return Err(TrainingError::NoWindows { split });
            }
            Ok(ngram::scores(&train, &judged, &sizes, ngram::LONGEST))
        };
        Ok(Self { validation: scores(Split::Validation, "validation")?, test: scores(Split::Test, "test")? })
    }

    /// What there is to beat on the validation songs.
    fn goal(&self) -> f64 {
        ngram::best(&self.validation).map_or(f64::NAN, Score::total)
    }
}

/// Tells people how it goes, and leaves the best weights where they can be tried before the end.
struct Desk<'a, 'c> {
    context: &'a mut StageContext<'c>,
    ngram: f64,
    pace: Option<(Instant, u64)>,
    best: &'a Path,
    part: Part,
    config: Config,
    store: &'a VarStore,
}

/// Steps between two messages.
const MESSAGE_EVERY: usize = 10;

impl Watch for Desk<'_, '_> {
    fn step(&mut self, pace: &Pace) -> Result<(), StageError> {
        // The clock is for people only: nothing of it reaches an output.
        let (start, tokens) = *self.pace.get_or_insert_with(|| (Instant::now(), pace.tokens));
        if pace.step.is_multiple_of(MESSAGE_EVERY) || pace.step == pace.steps {
            let a_second = (pace.tokens - tokens) as f64 / start.elapsed().as_secs_f64().max(1e-3);
            let look = pace.last_look.map_or_else(|| "not yet".to_owned(), |look| format!("{:.3}", look.total()));
            let note = format!(
                "step {} of {}: training {:.3}, validation {look}, n-gram {:.3} nats; {a_second:.0} tokens/s",
                pace.step, pace.steps, pace.train, self.ngram
            );
            self.context.progress(pace.step as f32 / pace.steps as f32, &note);
        }
        Ok(())
    }

    fn best(&mut self, _look: &Look) -> Result<(), StageError> {
        let partial = self.best.with_extension("partial");
        weights::save(&partial, self.part, &self.config, self.store)?;
        Ok(fs::rename(&partial, self.best)?)
    }
}

fn curve(scratch: &Path, name: &str, history: &History, ngrams: &Baselines) -> Result<Vec<u8>, StageError> {
    let path: PathBuf = scratch.join("curve.png");
    let line = |score: &Score| (format!("best n-gram (order {}), validation", score.order), score.total());
    let lines: Vec<(String, f64)> = ngram::best(&ngrams.validation).map(line).into_iter().collect();
    training::draw_curve(&path, name, history, &lines)?;
    Ok(fs::read(&path)?)
}

fn name(part: Part) -> &'static str {
    match part {
        Part::Chords => "chords",
        Part::Melody => "melody",
        Part::Accompaniment => "accompaniment",
    }
}

fn device(context: &StageContext) -> Result<Device, StageError> {
    let device: run::Device =
        context.device().parse().map_err(|error: DeviceError| StageError::usage(error.to_string()))?;
    Ok(match device {
        run::Device::Cpu => Device::Cpu,
        run::Device::Cuda(number) => Device::Cuda(number),
    })
}

impl From<TrainingError> for StageError {
    fn from(error: TrainingError) -> Self {
        let class = match error {
            TrainingError::Watch(error) => return error,
            TrainingError::NotFinite { .. } | TrainingError::NoWindows { .. } => FailureClass::Usage,
            TrainingError::Unwritable { source, .. }
                if Self::from(std::io::Error::from(source.kind())).class == FailureClass::Temporary =>
            {
                return Self::new(FailureClass::Temporary, source.to_string());
            }
            TrainingError::Unwritable { .. } | TrainingError::Checkpoint { .. } | TrainingError::Curve(_) => {
                FailureClass::Internal
            }
        };
        Self::new(class, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        artifact::Report,
        model::testing,
        testing::{Bench, Outputs},
    };

    /// Six made songs, one of them for the test.
    fn corpus() -> Corpus {
        let mut corpus = testing::corpus(6);
        corpus.songs[4].split = Split::Test;
        corpus
    }

    fn trained(part: &str, corpus: &Corpus, steps: usize) -> Result<Outputs, StageError> {
        Bench::new(&format!("train.{part}"))
            .input("corpus", corpus)
            .param("steps", steps)
            .param("batch", 2)
            .param("layers", 3)
            .param("width", 64)
            .param("validate_every", 2)
            .run()
    }

    #[test]
    fn from_songs_to_weights_card_curve_and_report() {
        for (part, own) in [("chords", Part::Chords), ("melody", Part::Melody), ("accompaniment", Part::Accompaniment)]
        {
            let outputs = trained(part, &corpus(), 4).unwrap();
            let build = |path: &tch::nn::Path, config: &Config| network_of(own, path, config);
            let (label, _, _) = weights::load(&outputs.path("weights"), own, Device::Cpu, build).unwrap();
            assert_eq!((label.part, label.config.layers, label.config.width), (own, 3, 64));
            assert_eq!(outputs.blobs("weights")[0].name.as_deref(), Some(part));
            let card = fs::read_to_string(outputs.path("card")).unwrap();
            let digest = outputs.blobs("weights")[0].digest.to_string();
            assert!(card.starts_with(&format!("# {part}.safetensors")) && card.contains(&digest), "{card}");
            assert!(fs::read(outputs.path("curve")).unwrap().starts_with(b"\x89PNG"));
            let report: Report = outputs.get("report");
            assert_eq!(report.values["looks"].as_array().map(Vec::len), Some(2));
            assert!(report.values["test_nats"].as_f64().is_some_and(|nats| nats > 0.0));
        }
    }

    #[test]
    fn a_corpus_without_test_songs_is_refused() {
        let Err(error) = trained("chords", &testing::corpus(3), 2) else { panic!("trained without a test") };
        assert_eq!(error.class, FailureClass::Usage);
        insta::assert_snapshot!(error, @"the corpus has no test windows; it needs songs in all three splits");
    }
}
