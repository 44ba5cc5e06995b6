//! `cuesmith remix`: render, mix and mux a result again, from an edited score or with other values.
//!
//! The plan is that of the result's run. An edited score enters it as a stage `arrange.edited` between the composed
//! score and all that read it, so that everything before comes from the cache, or is composed once more as it was.

use std::{
    collections::BTreeSet,
    fs,
    path::{self, Path, PathBuf},
};

use clap::Args;
use serde_json::{Map, Value, json};

use super::{
    batch::{Batch, Place},
    past_recipe::{self, check_file},
    run::{options, start},
    trouble::{trouble, usage},
};
use crate::{
    digest::Digest,
    error::Exit,
    graph::{Plan, PlannedStage},
    report::{PastRun, terminal},
    run::Device,
};

const SCORE: &str = "score.mid";
/// The node by which an edited score enters a plan.
const EDITED: &str = "arrange.edited";

#[derive(Args)]
pub(super) struct RemixArgs {
    /// The folder of a result
    #[arg(value_name = "OUT/clip")]
    result: PathBuf,
    /// The edited score; the result's own score.mid by default
    #[arg(long, value_name = "EDITED.mid")]
    score: Option<PathBuf>,
    /// Lay a value over the recipe: loudness=-14, stages.bed.true_peak=-2
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Folder of cache and weights
    #[arg(long, default_value = "store", value_name = "DIR")]
    store: PathBuf,
    /// Stages that run at once; all cores by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &RemixArgs) -> Exit {
    remix(args).unwrap_or_else(|exit| exit)
}

fn remix(args: &RemixArgs) -> Result<Exit, Exit> {
    let past = PastRun::read(&args.result.join("run.json")).map_err(usage)?;
    past.inputs.iter().try_for_each(|input| check_file("input", input)).map_err(|error| trouble(Exit::Media, error))?;
    let desk = tempfile::tempdir().map_err(|error| trouble(Exit::Internal, format!("making a folder: {error}")))?;
    let resolved = match edited_score(args, &past).map_err(usage)? {
        Some(score) => with_edited(&past.recipe.resolved, &score).map_err(usage)?,
        None if args.set.is_empty() => return Err(usage(nothing_to_do(&args.result))),
        None => past.recipe.resolved.clone(),
    };
    let planned = past_recipe::plan(&past, &resolved, &args.set, desk.path())?;
    if is_edited(&planned.plan) && !args.set.is_empty() {
        let before = past_recipe::plan(&past, &resolved, &[], desk.path())?;
        check_set(&planned.plan, &before.plan).map_err(usage)?;
    }
    let device = Device::choose(&past.device).map_err(|error| usage(format!("the run's device: {error}")))?;
    let name = past.input().and_then(Path::file_name).unwrap_or(planned.plan.recipe.as_ref());
    let (input, name) = (past.input().map(Path::to_owned), name.to_string_lossy().into_owned());
    let places = vec![Place { input, name, folder: args.result.clone() }];
    let options = options(device, args.jobs, &[])?;
    let preview_seconds = past.preview_seconds();
    // A remix keeps the piece: no check composes it anew.
    let attempts = Some(past.attempts.clone().unwrap_or_default());
    let own = Vec::new();
    let batch = Batch { planned, own, places, refused: None, preview_seconds, attempts, options, json: args.json };
    Ok(start(&batch, &args.store))
}

fn is_edited(plan: &Plan) -> bool {
    plan.stages.iter().any(|stage| stage.node.name == EDITED)
}

/// A value that only stages before an edited score read would change nothing that is heard.
fn check_set(plan: &Plan, before: &Plan) -> Result<(), String> {
    let mut composed: BTreeSet<&str> = BTreeSet::new();
    for stage in plan.stages.iter().rev() {
        if stage.node.name == EDITED || composed.contains(stage.name.as_str()) {
            composed.extend(stage.inputs.values().flatten().map(|edge| edge.stage.as_str()));
        }
    }
    let changed = |stage: &&PlannedStage| before.stage(&stage.name).is_none_or(|old| old.params != stage.params);
    let Some(stage) = plan.stages.iter().find(|stage| composed.contains(stage.name.as_str()) && changed(stage)) else {
        return Ok(());
    };
    let (name, node) = (&stage.name, stage.node.name);
    Err(format!(
        "--set changes stage {name} ({node}), which comes before the edited score and can no longer be heard in it; turn what is mixed (loudness, original_sound, music_gain), or run the recipe again"
    ))
}

fn nothing_to_do(result: &Path) -> String {
    let score = result.join(SCORE).display().to_string();
    format!("{score} is as it was composed; edit it, give another with --score, or turn a knob with --set")
}

/// The score that was edited, as a file that stays; none when the result's own is as it was written.
fn edited_score(args: &RemixArgs, past: &PastRun) -> Result<Option<PathBuf>, String> {
    if let Some(score) = &args.score {
        fs::metadata(score).map_err(|error| format!("--score {}: {error}", score.display()))?;
        return Ok(Some(path::absolute(score).unwrap_or_else(|_| score.clone())));
    }
    let own = args.result.join(SCORE);
    let digest = Digest::of_file(&own).map_err(|error| format!("{}: {error}", own.display()))?;
    if past.outputs.get(SCORE) == Some(&digest) {
        return Ok(None);
    }
    let kept = keep(&args.result, digest).map_err(|error| format!("keeping a copy of {}: {error}", own.display()))?;
    terminal::note(format!("note: your edited score stays as {}", kept.display()));
    Ok(Some(path::absolute(&kept).unwrap_or(kept)))
}

/// A copy under a name of its own: the new result has a new `score.mid`, and run.json needs the file it was made from.
fn keep(result: &Path, digest: Digest) -> std::io::Result<PathBuf> {
    let names = (1..).map(|number: usize| match number {
        1 => "score.edited.mid".to_owned(),
        _ => format!("score.edited-{number}.mid"),
    });
    for kept in names.map(|name| result.join(name)) {
        match Digest::of_file(&kept) {
            Ok(found) if found == digest => return Ok(kept),
            Ok(_) => {}
            Err(_) => return fs::copy(result.join(SCORE), &kept).map(|_| kept),
        }
    }
    unreachable!("no folder holds so many entries")
}

/// The resolved recipe with the edited score in place of the composed one.
fn with_edited(resolved: &Value, score: &Path) -> Result<Value, String> {
    let file = score.to_str().ok_or_else(|| {
        format!("{} is no UTF-8; copy the score to a plain name and give it with --score", score.display())
    })?;
    let mut resolved = resolved.clone();
    let stages = stages(&mut resolved, "stages").ok_or("the resolved recipe in run.json has no stages")?;
    let reference = composed(stages).ok_or("the run wrote no score: no stage has the node render.midi")?;
    let composer = reference.split('.').next().unwrap_or_default().to_owned();
    if let Some(earlier) = stages.get_mut(&composer).filter(|stage| stage["node"] == EDITED) {
        earlier["file"] = file.into();
        return Ok(resolved);
    }
    let name = free_name(stages);
    for part in ["stages", "checks"] {
        for stage in self::stages(&mut resolved, part).into_iter().flat_map(|stages| stages.values_mut()) {
            rejoin(stage, &composer, &name);
        }
    }
    let edited = json!({ "node": EDITED, "inputs": { "score": reference }, "file": file });
    resolved["stages"][name] = edited;
    Ok(resolved)
}

fn stages<'a>(resolved: &'a mut Value, part: &str) -> Option<&'a mut Map<String, Value>> {
    resolved.get_mut(part)?.as_object_mut()
}

/// What the MIDI file is written from: `score`, or `score.score`.
fn composed(stages: &Map<String, Value>) -> Option<String> {
    let midi = stages.values().find(|stage| stage["node"] == "render.midi")?;
    midi["inputs"]["score"].as_str().map(str::to_owned)
}

fn free_name(stages: &Map<String, Value>) -> String {
    let names = (1..).map(|number: usize| if number == 1 { "edited".to_owned() } else { format!("edited-{number}") });
    names.into_iter().find(|name| !stages.contains_key(name)).expect("no recipe has so many stages")
}

/// Whatever reads the composed score reads the edited one.
fn rejoin(stage: &mut Value, composer: &str, edited: &str) {
    let written = [composer.to_owned(), format!("{composer}.score")];
    let inputs = stage.get_mut("inputs").and_then(Value::as_object_mut);
    for joint in inputs.into_iter().flat_map(|inputs| inputs.values_mut()) {
        let references = match joint {
            Value::Array(several) => several.iter_mut().collect(),
            one => vec![one],
        };
        for reference in references {
            if written.iter().any(|written| reference == written) {
                *reference = edited.into();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::graph::Edge;

    fn resolved() -> Value {
        json!({
            "recipe": { "name": "vlog" },
            "stages": {
                "score": { "node": "arrange.style", "inputs": { "plan": "cue" } },
                "midi": { "node": "render.midi", "inputs": { "score": "score" } },
                "bed": { "node": "mix.bed", "inputs": { "score": "score.score", "stems": ["stems"] } },
            },
            "checks": { "music": { "node": "check.music", "inputs": { "plan": "cue", "score": "score" } } },
        })
    }

    #[test]
    fn all_that_reads_the_score_reads_the_edited_one() {
        let edited = with_edited(&resolved(), Path::new("/out/clip/score.edited.mid")).unwrap();
        let expected = json!({
            "node": "arrange.edited", "inputs": { "score": "score" }, "file": "/out/clip/score.edited.mid",
        });
        assert_eq!(edited["stages"]["edited"], expected);
        assert_eq!(edited["stages"]["midi"]["inputs"], json!({ "score": "edited" }));
        assert_eq!(edited["stages"]["bed"]["inputs"], json!({ "score": "edited", "stems": ["stems"] }));
        assert_eq!(edited["checks"]["music"]["inputs"], json!({ "plan": "cue", "score": "edited" }));
    }

    #[test]
    fn a_second_edit_takes_the_place_of_the_first() {
        let once = with_edited(&resolved(), Path::new("/a.mid")).unwrap();
        let twice = with_edited(&once, Path::new("/b.mid")).unwrap();
        assert_eq!(twice, with_edited(&resolved(), Path::new("/b.mid")).unwrap());
    }

    #[test]
    fn each_edit_is_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let edit = |text: &str| {
            fs::write(folder.path().join(SCORE), text).unwrap();
            let kept = keep(folder.path(), Digest::of(text.as_bytes())).unwrap();
            kept.file_name().unwrap().to_string_lossy().into_owned()
        };
        assert_eq!([edit("a"), edit("b"), edit("a")], ["score.edited.mid", "score.edited-2.mid", "score.edited.mid"]);
    }

    #[test]
    fn only_what_comes_after_an_edited_score_can_be_turned() {
        let planned = |node: &str, name: &str, input: Option<&str>, value: i64| PlannedStage {
            name: name.to_owned(),
            node: crate::node::find(node).unwrap(),
            params: [("value".to_owned(), value.into())].into_iter().collect(),
            files: BTreeMap::new(),
            inputs: input
                .map(|from| ("in".to_owned(), vec![Edge { stage: from.to_owned(), port: "out".to_owned() }]))
                .into_iter()
                .collect(),
            limits: crate::node::Limits::new(1, 1),
            on_fail: None,
        };
        let plan = |cue: i64, bed: i64| Plan {
            recipe: "vlog".to_owned(),
            seed: 1,
            stages: vec![
                planned("plan.cue", "cue", None, cue),
                planned("arrange.style", "score", Some("cue"), 0),
                planned(EDITED, "edited", Some("score"), 0),
                planned("mix.bed", "bed", Some("edited"), bed),
            ],
        };
        assert_eq!(check_set(&plan(1, 2), &plan(1, 1)), Ok(()));
        assert!(check_set(&plan(2, 1), &plan(1, 1)).unwrap_err().contains("stage cue (plan.cue)"));
    }

    #[test]
    fn a_run_without_a_score_cannot_be_remixed() {
        let training = json!({ "stages": { "corpus": { "node": "data.pop909" } } });
        assert!(with_edited(&training, Path::new("/a.mid")).unwrap_err().contains("wrote no score"));
    }
}
