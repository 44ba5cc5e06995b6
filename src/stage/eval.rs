//! Executors of the family `eval`.

use std::{fs, path::Path};

use serde::Deserialize;

use super::{
    Execute, StageContext,
    generate::{COMPOSING_THREADS, device, mood_meter},
    vmcp, vmcp_experiment,
};
use crate::{
    affect::Meter,
    artifact::{BlobRef, Kind, Report},
    corpus::Corpus,
    digest::Digest,
    error::StageError,
    eval::{self, Brief, Ensemble, Excerpt, Given, Pieces, PlayedError, Yardsticks},
    model::{
        ChordNetwork, Composing, Config, Critic, KeptNetwork, NoteNetwork, Part, Sampling, Shaping, fast_kind,
        ngram::NgramComposer, weights::WeightsError,
    },
    original::Index,
    report::{self, music::PictureError},
    seed::Seed,
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "eval.compose" => Some(compose),
        "eval.ngram" => Some(ngram),
        "eval.knobs" => Some(knobs),
        "eval.music" => Some(music),
        "eval.retrieval" => Some(vmcp::retrieval),
        "eval.vmcp" => Some(vmcp_experiment::experiment),
        _ => None,
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    /// Both unknown to `eval.vmcp`, which composes to videos.
    #[serde(default)]
    pieces: usize,
    #[serde(default)]
    bars: usize,
    temperature: f64,
    top_p: f64,
    #[serde(default)]
    variety: f64,
    /// N-grams have none.
    guidance: Option<f64>,
    /// For chords, which n-grams draw like all else.
    chords_top_p: Option<f64>,
    chords_guidance: Option<f64>,
    /// N-grams know of no form and no steering.
    #[serde(default)]
    recall: f64,
    #[serde(default)]
    steering: f64,
    #[serde(default)]
    drafts: usize,
}

impl Asked {
    fn sampling(&self) -> Sampling {
        Sampling { temperature: self.temperature, top_p: self.top_p }
    }

    fn chords_sampling(&self) -> Sampling {
        Sampling { top_p: self.chords_top_p.unwrap_or(self.top_p), ..self.sampling() }
    }

    fn chords_guidance(&self) -> f64 {
        self.chords_guidance.unwrap_or(1.0)
    }

    fn shaping(&self) -> Shaping {
        Shaping { recall: self.recall, steering: self.steering, drafts: self.drafts }
    }

    fn briefs<'a>(&self, corpus: &'a Corpus, seed: Seed) -> Result<Vec<(Excerpt<'a>, Brief)>, StageError> {
        let briefs = eval::briefs(corpus, self.bars, self.pieces, seed);
        if briefs.is_empty() {
            return Err(StageError::usage(format!("no test song has {} bars; ask for fewer", self.bars)));
        }
        Ok(briefs)
    }
}

#[derive(Deserialize)]
struct Models {
    chords: Digest,
    melody: Digest,
    accompaniment: Digest,
    /// Of the training songs.
    original: Digest,
    /// A music meter, or empty.
    mood_meter: String,
}

#[derive(Deserialize)]
struct ComposeParams {
    label: String,
    given: Given,
    conditions: bool,
}

fn compose(context: &mut StageContext) -> Result<(), StageError> {
    let ComposeParams { label, given, conditions } = context.params()?;
    let corpus: Corpus = context.input("corpus")?;
    let (asked, how) = composing(context)?;
    let briefs = asked.briefs(&corpus, context.seed())?;
    let takes = with_ensemble(context, &asked, &how, |context, ensemble| {
        eval::compose(ensemble, &briefs, given, conditions, &how, |done| context.progress(done, "pieces"))
    })?;
    context.output("pieces", &Pieces { label, takes })
}

#[derive(Deserialize)]
struct NgramParams {
    label: String,
}

fn ngram(context: &mut StageContext) -> Result<(), StageError> {
    let NgramParams { label } = context.params()?;
    let asked: Asked = context.params()?;
    let corpus: Corpus = context.input("corpus")?;
    let seed = context.seed();
    let briefs = asked.briefs(&corpus, seed)?;
    context.progress(0.0, "counting n-grams");
    let composer = NgramComposer::learn(&corpus);
    let takes = eval::compose_by_ngrams(&composer, &briefs, asked.sampling(), seed.derive("takes"), |done| {
        context.progress(done, "pieces");
    });
    context.output("pieces", &Pieces { label, takes })
}

fn knobs(context: &mut StageContext) -> Result<(), StageError> {
    let corpus: Corpus = context.input("corpus")?;
    let (asked, how) = composing(context)?;
    let seed = context.seed();
    let briefs = asked.briefs(&corpus, seed)?;
    let meter = meter(context)?;
    let figures = with_ensemble(context, &asked, &how, |context, ensemble| {
        eval::turn_knobs(ensemble, &briefs, &how, &meter, seed, |done| context.progress(done, "steps of knobs"))
    })??;
    let stuck: Vec<&str> = figures.iter().filter(|figures| !figures.monotone).map(|figures| figures.knob).collect();
    let summary = match stuck.as_slice() {
        [] => format!("all {} knobs are heard to rise over five steps", figures.len()),
        stuck => format!("not heard to rise at every step: {}", stuck.join(", ")),
    };
    let values = figures.iter().map(|figures| (figures.knob.to_owned(), serde_json::json!(figures)));
    context.output("report", &Report { passed: None, summary, values: values.collect() })
}

#[derive(Deserialize)]
struct MeterParams {
    meter: Digest,
}

fn meter(context: &StageContext) -> Result<Meter, StageError> {
    let MeterParams { meter } = context.params()?;
    Ok(Meter::load(context.file(meter)?)?)
}

pub(super) fn composing(context: &StageContext) -> Result<(Asked, Composing), StageError> {
    let asked: Asked = context.params()?;
    let device = device(context.device())?;
    tch::set_num_threads(COMPOSING_THREADS);
    let how = Composing {
        sampling: asked.sampling(),
        variety: asked.variety,
        seed: context.seed().derive("takes"),
        device,
        kind: fast_kind(device),
        shaping: asked.shaping(),
        guidance: asked.guidance.unwrap_or(1.0),
    };
    Ok((asked, how))
}

/// Works with all three networks, kept for the next set.
pub(super) fn with_ensemble<T>(
    context: &mut StageContext,
    asked: &Asked,
    how: &Composing,
    work: impl FnOnce(&mut StageContext, &Ensemble) -> T,
) -> Result<T, StageError> {
    let models: Models = context.params()?;
    let (original, meter) = (Index::load(context.file(models.original)?)?, mood_meter(context, &models.mood_meter)?);
    let critic = Critic { original: Some(&original), meter: meter.as_ref() };
    let path = |digest: Digest| context.file(digest).map(Path::to_owned);
    let (chords, melody, accompaniment) = (path(models.chords)?, path(models.melody)?, path(models.accompaniment)?);
    let notes = |part: Part| move |root: &tch::nn::Path, config: &Config| NoteNetwork::new(part, root, config);
    let done = CHORDS.with(models.chords, &chords, Part::Chords, how.device, ChordNetwork::new, |chords| {
        MELODY.with(models.melody, &melody, Part::Melody, how.device, notes(Part::Melody), |melody| {
            let part = Part::Accompaniment;
            ACCOMPANIMENT.with(models.accompaniment, &accompaniment, part, how.device, notes(part), |accompaniment| {
                let (chords_sampling, chords_guidance) = (asked.chords_sampling(), asked.chords_guidance());
                work(context, &Ensemble { chords, chords_sampling, chords_guidance, melody, accompaniment, critic })
            })
        })
    });
    let flat: Result<T, WeightsError> = done.and_then(std::convert::identity).and_then(std::convert::identity);
    Ok(flat?)
}

#[derive(Deserialize)]
struct MusicParams {
    original: Digest,
    overlap_pieces: usize,
}

fn music(context: &mut StageContext) -> Result<(), StageError> {
    let corpus: Corpus = context.input("corpus")?;
    let judged: Pieces = context.input("pieces")?;
    let baselines: Vec<BlobRef> = context.blobs("baselines").to_vec();
    let others = baselines.iter().map(|blob| context.read(blob)).collect::<Result<Vec<Pieces>, _>>()?;
    let seed = context.seed();
    let MusicParams { original, overlap_pieces } = context.params()?;
    let (meter, index) = (meter(context)?, Index::load(context.file(original)?)?);
    let yardsticks = Yardsticks { meter: &meter, index: &index, overlap_pieces };
    let mut found =
        eval::evaluate(&corpus, &judged, &others, &yardsticks, seed, |done, what| context.progress(done, what))?;
    let knobs: Option<Report> = context.optional_input("knobs")?;
    found.metrics.knobs = knobs.map(|report| serde_json::json!(report.values));
    let json = serde_json::to_vec_pretty(&found.metrics).expect("figures are numbers and texts");
    context.output("report", &summary(&found.metrics))?;
    context.output_bytes("metrics", Kind::Metrics, None, &json)?;
    let picture = context.scratch()?.join("distributions.png");
    report::music::draw(&picture, &found.charts)?;
    let png = fs::read(&picture)?;
    context.output_bytes("page", Kind::Page, None, report::music::page(&found.metrics, &png).as_bytes())?;
    context.output_bytes("distributions", Kind::Picture, None, &png)?;
    for (name, midi) in &found.midi {
        context.output_bytes("midi", Kind::Midi, Some(name), midi)?;
    }
    Ok(())
}

fn summary(metrics: &eval::Metrics) -> Report {
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

impl From<PictureError> for StageError {
    fn from(error: PictureError) -> Self {
        Self::internal(error.to_string())
    }
}

impl From<PlayedError> for StageError {
    fn from(error: PlayedError) -> Self {
        Self::internal(error.to_string())
    }
}

static CHORDS: KeptNetwork<ChordNetwork> = KeptNetwork::new();
static MELODY: KeptNetwork<NoteNetwork> = KeptNetwork::new();
static ACCOMPANIMENT: KeptNetwork<NoteNetwork> = KeptNetwork::new();

#[cfg(test)]
mod tests;
