//! Executors of the family `eval`.

use serde::Deserialize;

use super::{
    Execute, StageContext,
    generate::{COMPOSING_THREADS, device},
};
use crate::{
    artifact::{BlobRef, Kind, Report},
    corpus::Corpus,
    digest::Digest,
    error::StageError,
    eval::{self, Ensemble, Given, Pieces, PlayedError},
    model::{
        ChordNetwork, Composing, Config, KeptNetwork, NoteNetwork, Part, Sampling, fast_kind, weights::WeightsError,
    },
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "eval.compose" => Some(compose),
        "eval.music" => Some(music),
        _ => None,
    }
}

#[derive(Deserialize)]
struct ComposeParams {
    chords: Digest,
    melody: Digest,
    accompaniment: Digest,
    label: String,
    pieces: usize,
    bars: usize,
    given: Given,
    conditions: bool,
    temperature: f64,
    top_p: f64,
}

fn compose(context: &mut StageContext) -> Result<(), StageError> {
    let params: ComposeParams = context.params()?;
    let corpus: Corpus = context.input("corpus")?;
    let device = device(context.device())?;
    tch::set_num_threads(COMPOSING_THREADS);
    let sampling = Sampling { temperature: params.temperature, top_p: params.top_p };
    let how = Composing { sampling, seed: context.seed().derive("takes"), device, kind: fast_kind(device) };
    let briefs = eval::briefs(&corpus, params.bars, params.pieces, context.seed());
    if briefs.is_empty() {
        return Err(StageError::usage(format!("no test song has {} bars; ask for fewer", params.bars)));
    }
    let takes = with_ensemble(context, &params, &how, |context, ensemble| {
        eval::compose(ensemble, &briefs, params.given, params.conditions, &how, |done| context.progress(done, "pieces"))
    })?;
    context.output("pieces", &Pieces { label: params.label, takes })
}

/// Works with all three networks, kept for the next set.
fn with_ensemble<T>(
    context: &mut StageContext,
    params: &ComposeParams,
    how: &Composing,
    work: impl FnOnce(&mut StageContext, &Ensemble) -> T,
) -> Result<T, StageError> {
    let path = |digest: Digest| context.file(digest).map(std::path::Path::to_owned);
    let (chords, melody, accompaniment) = (path(params.chords)?, path(params.melody)?, path(params.accompaniment)?);
    let notes = |part: Part| move |root: &tch::nn::Path, config: &Config| NoteNetwork::new(part, root, config);
    let done = CHORDS.with(params.chords, &chords, Part::Chords, how.device, ChordNetwork::new, |chords| {
        MELODY.with(params.melody, &melody, Part::Melody, how.device, notes(Part::Melody), |melody| {
            let part = Part::Accompaniment;
            ACCOMPANIMENT.with(params.accompaniment, &accompaniment, part, how.device, notes(part), |accompaniment| {
                work(context, &Ensemble { chords, melody, accompaniment })
            })
        })
    });
    let flat: Result<T, WeightsError> = done.and_then(std::convert::identity).and_then(std::convert::identity);
    Ok(flat?)
}

fn music(context: &mut StageContext) -> Result<(), StageError> {
    let corpus: Corpus = context.input("corpus")?;
    let judged: Pieces = context.input("pieces")?;
    let baselines: Vec<BlobRef> = context.blobs("baselines").to_vec();
    let others = baselines.iter().map(|blob| context.read(blob)).collect::<Result<Vec<Pieces>, _>>()?;
    let seed = context.seed();
    let found = eval::evaluate(&corpus, &judged, &others, seed, |done, what| context.progress(done, what))?;
    let json = serde_json::to_vec_pretty(&found.metrics).expect("figures are numbers and texts");
    context.output("report", &report(&found.metrics))?;
    context.output_bytes("metrics", Kind::Metrics, None, &json)?;
    for (name, midi) in &found.midi {
        context.output_bytes("midi", Kind::Midi, Some(name), midi)?;
    }
    Ok(())
}

fn report(metrics: &eval::Metrics) -> Report {
    let figure = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.2}"));
    let summary = format!(
        "{} pieces overlap with real songs at {} of the ceiling (least {}), {} degenerate",
        metrics.pieces,
        figure(metrics.ratio_mean),
        figure(metrics.ratio_min),
        metrics.degenerate
    );
    let values = [("ratio_mean", metrics.ratio_mean), ("ratio_min", metrics.ratio_min)];
    let values = values.map(|(name, value)| (name.to_owned(), serde_json::json!(value)));
    Report { passed: None, summary, values: values.into() }
}

impl From<PlayedError> for StageError {
    fn from(error: PlayedError) -> Self {
        Self::internal(error.to_string())
    }
}

static CHORDS: KeptNetwork<ChordNetwork> = KeptNetwork::new();
static MELODY: KeptNetwork<NoteNetwork> = KeptNetwork::new();
static ACCOMPANIMENT: KeptNetwork<NoteNetwork> = KeptNetwork::new();
