//! Executors around VMCP: `data.muvisync`, `train.vmcp`, `eval.retrieval`, `check.vmcp`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::{StageContext, data::unreadable, take::TakeKnob};
use crate::{
    artifact::{Chords, CuePlan, Kind, Report, Score, Track},
    corpus::muvisync::{self, MuViSyncError},
    digest::Digest,
    error::StageError,
    metric::check_vmcp,
    plan::PictureMood,
    vmcp::{self, Card, Channels, ClipRole, Clips, Encoder, Lesson, Place, Pool, TooFewClips},
};

#[derive(Deserialize)]
struct DataParams {
    folder: Digest,
    semantic: bool,
}

pub(super) fn muvisync(context: &mut StageContext) -> Result<(), StageError> {
    let DataParams { folder, semantic } = context.params()?;
    let folder = context.file(folder)?.to_owned();
    let clips = muvisync::load(&folder, semantic, |done| context.progress(done, "videos"))?;
    let count = |role| clips.clips.iter().filter(|clip| clip.role == role).count();
    let roles = [
        ("choosing", ClipRole::Choosing),
        ("scoring", ClipRole::Scoring),
        ("validation", ClipRole::Validation),
        ("test", ClipRole::Test),
    ];
    let report = Report {
        passed: None,
        summary: format!("{} videos of {}", clips.clips.len(), clips.name),
        values: roles.map(|(name, role)| (name.to_owned(), json!(count(role)))).into(),
    };
    context.output("report", &report)?;
    context.output("clips", &clips)
}

#[derive(Deserialize)]
struct TrainParams {
    channels: Channels,
    learns_from: LearnsFrom,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LearnsFrom {
    Choosing,
    Scoring,
}

pub(super) fn train(context: &mut StageContext) -> Result<(), StageError> {
    let TrainParams { channels, learns_from } = context.params()?;
    let clips: Clips = context.input("clips")?;
    has_channels(&clips, channels)?;
    let seed = context.seed();
    context.progress(0.0, "curves of all videos");
    let lessons = vmcp::lessons(clips.clips.iter(), channels, seed);
    let of = |role| lessons.iter().filter(|lesson| lesson.clip.role == role).collect::<Vec<&Lesson>>();
    let (role, name, from) = match learns_from {
        LearnsFrom::Choosing => {
            (ClipRole::Choosing, "vmcp", "the half of the training split that picks among candidates")
        }
        LearnsFrom::Scoring => {
            (ClipRole::Scoring, "vmcp_score", "the half of the training split that scores experiments")
        }
    };
    let name = match channels {
        Channels::Default => name.to_owned(),
        Channels::Clip => format!("{name}_clip"),
    };
    let known = of(role);
    context.progress(0.3, "five folds");
    let (encoder, choice) = vmcp::train(&known, channels, seed)?;
    let pool = vmcp::pool(&encoder, &of(ClipRole::Validation));
    let trial = vmcp::held_out(&encoder, &of(ClipRole::Test), seed);
    let bytes = vmcp::file::to_bytes(&encoder, &pool);
    let card = Card {
        name: &name,
        clips: &clips,
        from,
        learned: known.len(),
        encoder: &encoder,
        pool: &pool,
        choice,
        trial: &trial,
        seed,
        bytes: &bytes,
    };
    let markdown = card.markdown();
    context.output_bytes("weights", Kind::Weights, Some(&name), &bytes)?;
    context.output_bytes("card", Kind::Card, Some(&name), markdown.as_bytes())?;
    context.output("report", &report(&trial, json!(choice)))
}

#[derive(Deserialize)]
struct RetrievalParams {
    channels: Channels,
}

pub(super) fn retrieval(context: &mut StageContext) -> Result<(), StageError> {
    let RetrievalParams { channels } = context.params()?;
    let clips: Clips = context.input("clips")?;
    has_channels(&clips, channels)?;
    let seed = context.seed();
    context.progress(0.0, "curves of all videos");
    let lessons = vmcp::lessons(clips.clips.iter(), channels, seed);
    let all: Vec<&Lesson> = lessons.iter().collect();
    let trial = vmcp::cross_validate(&all, channels, seed, |fold| {
        context.progress(fold as f32 / vmcp::FOLDS as f32, "folds");
    })?;
    let split = |test: bool| {
        let some = all.iter().filter(|lesson| match lesson.clip.role {
            ClipRole::Test => test,
            ClipRole::Choosing | ClipRole::Scoring => !test,
            ClipRole::Validation => false,
        });
        some.copied().collect::<Vec<_>>()
    };
    let (encoder, choice) = vmcp::train(&split(false), channels, seed)?;
    let test = vmcp::held_out(&encoder, &split(true), seed);
    context.output("report", &report(&trial, json!({ "official": test, "choice": choice })))
}

fn report(trial: &vmcp::Trial, more: serde_json::Value) -> Report {
    let difference = trial.rank_difference;
    Report {
        passed: None,
        summary: format!(
            "{} videos: mean rank {:.1} of 64, P@10 {:.0} %; the linear reference {:.1}, {:.0} %; difference {:.1} ({:.1} to {:.1})",
            trial.encoder.videos,
            trial.encoder.mean_rank,
            100.0 * trial.encoder.p10,
            trial.cca.mean_rank,
            100.0 * trial.cca.p10,
            difference.mean,
            difference.low,
            difference.high
        ),
        values: BTreeMap::from([("trial".to_owned(), json!(trial)), ("more".to_owned(), more)]),
    }
}

fn has_channels(clips: &Clips, channels: Channels) -> Result<(), StageError> {
    let seen = clips.clips.first().is_some_and(|clip| !clip.picture.semantic.is_empty());
    if channels == Channels::Clip && !seen {
        return Err(StageError::usage(
            "the clips come without CLIP's features; set semantic = true in data.muvisync".to_owned(),
        ));
    }
    Ok(())
}

#[derive(Deserialize)]
struct CheckParams {
    weights: Digest,
    min_percentile: f64,
    take: TakeKnob,
}

pub(super) fn check(context: &mut StageContext) -> Result<(), StageError> {
    let CheckParams { weights, min_percentile, take } = context.params()?;
    let candidates = picked_from(context)?;
    let (encoder, pool) = encoders(context, weights)?;
    let plan: CuePlan = context.input("plan")?;
    let chords: Chords = context.input("chords")?;
    let score: Score = context.input("score")?;
    let chords = &chords.takes[take.among(chords.takes.len())?];
    let picture = encoder.picture(&picture_seconds(context, &encoder, &plan)?);
    let music = encoder.music(&vmcp::heard(&plan, chords, &score));
    let place: Place = pool.place(&encoder, &picture, &music, candidates);
    context.output("report", &check_vmcp(place, pool.len(), candidates, min_percentile))
}

/// From how many takes the music was picked by how it fits; a take that was named counts as one.
fn picked_from(context: &StageContext) -> Result<usize, StageError> {
    let picked: Option<Report> = context.optional_input("picked")?;
    let candidates = picked.and_then(|report| report.values.get("candidates")?.as_u64());
    Ok(candidates.unwrap_or(1).clamp(1, 1000) as usize)
}

/// What the encoder sees of the video: its own affect where it is joined, else the rule on color.
pub(super) fn picture_seconds(
    context: &StageContext,
    encoder: &Encoder,
    plan: &CuePlan,
) -> Result<vmcp::PictureSeconds, StageError> {
    if encoder.channels() == Channels::Clip {
        return Err(StageError::usage(
            "these encoders see CLIP's features, which are not joined here; give weights of the default channels"
                .to_owned(),
        ));
    }
    let (color, motion): (Track, Track) = (context.input("color")?, context.input("motion")?);
    let affect: Option<Track> = context.optional_input("affect")?;
    let mood = match &affect {
        Some(affect) => PictureMood::felt(affect, &motion, &plan.cuts, plan.end_seconds)?,
        None => PictureMood::read(&color, &motion, &plan.cuts, plan.end_seconds)?,
    };
    let felt = |from, to| [mood.valence(from, to), mood.stirring(from, to)];
    vmcp::shown(encoder, &motion, &plan.cuts, felt, plan.end_seconds).ok_or_else(|| {
        StageError::usage("the track of motion has no channel \"motion\"; join feature.motion".to_owned())
    })
}

pub(super) fn encoders(context: &StageContext, digest: Digest) -> Result<(Encoder, Pool), StageError> {
    Ok(vmcp::file::load(context.file(digest)?)?)
}

impl From<TooFewClips> for StageError {
    fn from(error: TooFewClips) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<MuViSyncError> for StageError {
    fn from(error: MuViSyncError) -> Self {
        match &error {
            MuViSyncError::Unreadable { source, .. } => unreadable(source, error.to_string()),
            _ => Self::usage(error.to_string()),
        }
    }
}
