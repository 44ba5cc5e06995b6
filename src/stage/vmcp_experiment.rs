//! Executor of `eval.vmcp`: composes to test videos, picks by one pair of encoders, scores by another.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    StageContext,
    eval::{composing, with_ensemble},
    vmcp::encoders,
};
use crate::{
    arrange::StyleName,
    artifact::{BlobRef, Kind, Report},
    digest::Digest,
    error::StageError,
    eval::{
        vmcp::{Knobs, Order, OrderError, compose_to, scene},
        vmcp_figures::{Experiment, Scored, chance, compare},
    },
    model::Composing,
    report,
    vmcp::{Clip, ClipRole, Clips, Code, Encoder, MusicSeconds, PictureSeconds, mood_quantiles},
};

/// How feature.affect places what 5, 50 and 95 % of pictures lie below.
const KNOB_SCALE: [f32; 3] = [-0.8, 0.0, 0.8];
const PICKS: [usize; 3] = [1, 4, 16];

#[derive(Deserialize)]
struct Params {
    picks: Digest,
    scores: Digest,
    videos: usize,
    seconds: usize,
    most_candidates: usize,
}

#[derive(Deserialize)]
struct StyleParam {
    style: StyleName,
}

struct Scene {
    picture: PictureSeconds,
    music: MusicSeconds,
}

pub(super) fn experiment(context: &mut StageContext) -> Result<(), StageError> {
    let params: Params = context.params()?;
    let clips: Clips = context.input("clips")?;
    let (picker, _) = encoders(context, params.picks)?;
    let (scorer, _) = encoders(context, params.scores)?;
    let knobs = knobs(context)?;
    let test: Vec<&Clip> = clips.clips.iter().filter(|clip| clip.role == ClipRole::Test).take(params.videos).collect();
    let scenes: Vec<Scene> = test
        .iter()
        .map(|clip| scene(clip, params.seconds))
        .map(|(picture, music)| Scene { picture, music })
        .filter(|scene| scene.picture.len() == params.seconds)
        .collect();
    if scenes.len() < 2 {
        return Err(StageError::usage(format!(
            "{} test videos of {} s; give clips with at least two, or ask for fewer seconds",
            scenes.len(),
            params.seconds
        )));
    }
    let (asked, how) = composing(context)?;
    let known = mood_quantiles(&clips);
    let order = |scene: &Scene, number: usize| {
        let place = |side: usize, value: f32| place(known[side], value);
        Order::of(&scene.picture, place, &knobs, how.seed.derive(&format!("plan {number}")))
    };
    let (conditioned, unasked) = with_ensemble(context, &asked, &how, |context, ensemble| {
        let mut conditioned = Vec::new();
        let mut unasked = Vec::new();
        for (number, scene) in scenes.iter().enumerate() {
            let own = |what: &str| Composing { seed: how.seed.derive(&format!("{what} {number}")), ..how };
            let asking = order(scene, number)?;
            conditioned.push(compose_to(ensemble, &asking, &knobs, params.most_candidates, &own("asked"))?);
            let nothing = Order::unasked(params.seconds, &knobs, how.seed.derive(&format!("still {number}")))?;
            unasked.extend(compose_to(ensemble, &nothing, &knobs, 1, &own("unasked"))?);
            context.progress((number + 1) as f32 / scenes.len() as f32, "videos");
        }
        Ok::<_, OrderError>((conditioned, unasked))
    })??;
    let judging = Judging { picker: &picker, scorer: &scorer, scenes: &scenes };
    let sets = judging.sets(&conditioned, &unasked, params.most_candidates);
    output(context, &figures(&sets, &scenes, params.seconds, how.seed))
}

/// The knobs; there is always a melody, whose name is taken here by its weights.
fn knobs(context: &StageContext) -> Result<Knobs, StageError> {
    let mut params: serde_json::Map<String, Value> = context.params()?;
    params.insert("melody".to_owned(), json!(true));
    let unfit = |error: serde_json::Error| StageError::internal(format!("knobs: {error}"));
    let conditions = serde_json::from_value(Value::Object(params)).map_err(unfit)?;
    let StyleParam { style } = context.params()?;
    Ok(Knobs { cue: context.params()?, conditions, style })
}

/// From the clips' scale to that of the knobs.
fn place(known: [f32; 3], value: f32) -> f32 {
    let (low, high) = if value < known[1] { (0, 1) } else { (1, 2) };
    let share = (value - known[low]) / (known[high] - known[low]).max(1e-6);
    (KNOB_SCALE[low] + share * (KNOB_SCALE[high] - KNOB_SCALE[low])).clamp(-1.0, 1.0)
}

struct Judging<'a> {
    picker: &'a Encoder,
    scorer: &'a Encoder,
    scenes: &'a [Scene],
}

impl Judging<'_> {
    fn sets(&self, conditioned: &[Vec<MusicSeconds>], unasked: &[MusicSeconds], most: usize) -> Vec<Scored> {
        let real: Vec<MusicSeconds> = self.scenes.iter().map(|scene| scene.music.clone()).collect();
        let mut sets = vec![self.scored("real", "the video's own music: the ceiling", &real)];
        let names = ["conditioned_1", "conditioned_4", "conditioned_16"];
        let about = [
            "composed to the video, one piece",
            "composed to the video, the best of 4 by other encoders",
            "composed to the video, the best of 16 by other encoders",
        ];
        for ((pick, name), about) in PICKS.iter().zip(names).zip(about).filter(|((pick, _), _)| **pick <= most) {
            let picked: Vec<MusicSeconds> = (0..self.scenes.len())
                .map(|video| self.pick(video, conditioned[video][..*pick].iter()).clone())
                .collect();
            sets.push(self.scored(name, about, &picked));
        }
        let other = sets[1].mismatched("mismatched", "composed to another video, one piece");
        sets.push(other);
        let names = ["unconditioned_1", "unconditioned_4", "unconditioned_16"];
        let about = [
            "asked for nothing, one piece",
            "asked for nothing, the best of 4 by other encoders",
            "asked for nothing, the best of 16 by other encoders",
        ];
        // Pieces that were asked for nothing belong to no video: each video may pick among others' too.
        for ((pick, name), about) in PICKS.iter().zip(names).zip(about) {
            let from = |video: usize| (0..*pick).map(move |step| &unasked[(video + step) % unasked.len()]);
            let picked: Vec<MusicSeconds> =
                (0..self.scenes.len()).map(|video| self.pick(video, from(video)).clone()).collect();
            sets.push(self.scored(name, about, &picked));
        }
        sets
    }

    fn pick<'m>(&self, video: usize, candidates: impl Iterator<Item = &'m MusicSeconds>) -> &'m MusicSeconds {
        let picture = self.picker.picture(&self.scenes[video].picture);
        let likeness = |music: &&MusicSeconds| self.picker.likeness(&picture, &self.picker.music(music));
        let best = candidates.map(|music| (likeness(&music), music)).max_by(|one, other| one.0.total_cmp(&other.0));
        best.expect("there is at least one candidate").1
    }

    fn scored(&self, name: &'static str, about: &'static str, pieces: &[MusicSeconds]) -> Scored {
        let pictures: Vec<Code> = self.scenes.iter().map(|scene| self.scorer.picture(&scene.picture)).collect();
        let row = |music: &MusicSeconds| {
            let code = self.scorer.music(music);
            pictures.iter().map(|picture| self.scorer.likeness(picture, &code)).collect()
        };
        Scored { name, about, scores: pieces.iter().map(row).collect() }
    }
}

fn figures(sets: &[Scored], scenes: &[Scene], seconds: usize, seed: crate::seed::Seed) -> Experiment {
    let mut rows: BTreeMap<&'static str, _> = sets.iter().map(|set| (set.name, set.row(seed))).collect();
    rows.insert("chance", chance());
    let find = |name: &str| sets.iter().find(|set| set.name == name);
    let pairs = [
        ("conditioned_1", "unconditioned_1"),
        ("conditioned_1", "mismatched"),
        ("conditioned_4", "conditioned_1"),
        ("conditioned_16", "conditioned_1"),
        ("conditioned_16", "unconditioned_1"),
        ("conditioned_16", "unconditioned_16"),
        ("unconditioned_16", "unconditioned_1"),
        ("real", "conditioned_1"),
    ];
    let comparison =
        |(one, other): (&str, &str)| Some((format!("{one} - {other}"), compare(find(one)?, find(other)?, seed)));
    let comparisons = pairs.into_iter().filter_map(comparison).collect();
    Experiment { videos: scenes.len(), seconds, rows, comparisons }
}

fn output(context: &mut StageContext, experiment: &Experiment) -> Result<(), StageError> {
    let retrieval = retrieval(context)?;
    let metrics = json!({
        "retrieval": retrieval,
        "experiment": experiment.rows,
        "comparisons": experiment.comparisons,
        "videos": experiment.videos,
        "seconds": experiment.seconds,
    });
    let main = ["conditioned_1 - unconditioned_1", "conditioned_1 - mismatched"];
    let said = main.iter().filter_map(|name| {
        let found = experiment.comparisons.get(*name)?;
        Some(format!("{name}: {:.3} ({:.3} to {:.3})", found.margin, found.interval[0], found.interval[1]))
    });
    let summary = format!("{} videos; margins by video, {}", experiment.videos, said.collect::<Vec<_>>().join("; "));
    let values = BTreeMap::from([
        ("rows".to_owned(), json!(experiment.rows)),
        ("comparisons".to_owned(), json!(experiment.comparisons)),
    ]);
    context.output("report", &Report { passed: None, summary, values })?;
    let bytes = serde_json::to_vec_pretty(&metrics).expect("figures are numbers and texts");
    context.output_bytes("metrics", Kind::Metrics, None, &bytes)?;
    context.output_bytes("page", Kind::Page, None, report::vmcp::page(experiment, &metrics["retrieval"]).as_bytes())
}

/// `default`, `clip`, and the linear reference of each as `cca_default`, `cca_clip`; the official split of each apart.
fn retrieval(context: &StageContext) -> Result<Value, StageError> {
    let blobs: Vec<BlobRef> = context.blobs("retrieval").to_vec();
    let mut found = serde_json::Map::new();
    for blob in &blobs {
        let report: Report = context.read(blob)?;
        let Some(trial) = report.values.get("trial") else { continue };
        let name = trial["channels"].as_str().unwrap_or("default").to_owned();
        let folds = &trial["folds"];
        let with_folds = |figures: &Value| {
            let mut figures = figures.clone();
            figures["folds"] = folds.clone();
            figures
        };
        for (prefix, figures) in [("", "encoder"), ("cca_", "cca"), ("curves_", "curves"), ("turned_", "turned")] {
            found.insert(format!("{prefix}{name}"), with_folds(&trial[figures]));
        }
        found.insert(format!("rank_difference_{name}"), trial["rank_difference"].clone());
        if let Some(official) = report.values.get("more").and_then(|more| more.get("official")) {
            found.insert(format!("official_test_{name}"), official.clone());
        }
    }
    Ok(Value::Object(found))
}

impl From<OrderError> for StageError {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Plan(error) => error.into(),
            OrderError::Arrange(error) => error.into(),
        }
    }
}
