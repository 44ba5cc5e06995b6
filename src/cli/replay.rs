//! `cuesmith replay`: runs a run.json again from its resolved recipe and compares every result, digest by digest.
//!
//! It recomputes everything in a store of its own, unless a store is named.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::json;
use tempfile::TempDir;

use super::{
    batch::{Batch, Place, stem},
    past_recipe::{self, check_file},
    run::{check_out, options, start},
    trouble::{trouble, usage},
};
use crate::{
    digest::Digest,
    error::Exit,
    graph::Plan,
    recipe::StageFile,
    report::{Folders, PastRun, terminal},
    run::Device,
};

#[derive(Args)]
pub(super) struct ReplayArgs {
    /// The folder of a result, or its run.json
    #[arg(value_name = "OUT/clip")]
    run: PathBuf,
    /// Use this store and what it has; without it everything is computed again
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// Keep the new results here
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Stages that run at once; all cores by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// A result whose digest is not what it was.
#[derive(Debug, PartialEq, Eq)]
struct Difference {
    path: String,
    was: Option<Digest>,
    is: Option<Digest>,
}

pub(super) fn run(args: &ReplayArgs) -> Exit {
    replay(args).unwrap_or_else(|exit| exit)
}

fn replay(args: &ReplayArgs) -> Result<Exit, Exit> {
    let run = if args.run.is_dir() { args.run.join("run.json") } else { args.run.clone() };
    let past = PastRun::read(&run).map_err(usage)?;
    past.inputs.iter().try_for_each(|input| check_file("input", input)).map_err(|error| trouble(Exit::Media, error))?;
    past.weights.iter().try_for_each(|weights| check_file("weights", weights)).map_err(usage)?;
    say_what_changed(&past);
    let desk = tempfile::tempdir().map_err(|error| trouble(Exit::Internal, format!("making a folder: {error}")))?;
    let batch = batch(args, &past, &desk)?;
    check_scripts(&past, &batch.planned.plan).map_err(usage)?;
    let store = args.store.clone().unwrap_or_else(|| desk.path().join("store"));
    match start(&batch, &store) {
        Exit::Done => {}
        exit => return Ok(exit),
    }
    let now =
        PastRun::read(&batch.places[0].folder.join("run.json")).map_err(|error| trouble(Exit::Internal, error))?;
    Ok(compare(&past.outputs, &now.outputs, args.json))
}

/// Not in the way of a replay, but good to know when results differ.
fn say_what_changed(past: &PastRun) {
    let version = env!("CARGO_PKG_VERSION");
    if past.cuesmith != version {
        terminal::note(format!("note: the run was made by cuesmith {}, this is {version}", past.cuesmith));
    }
    let recipe = &past.recipe;
    if Digest::of_file(&recipe.path.0).is_ok_and(|digest| digest != recipe.digest) {
        let path = recipe.path.0.display();
        terminal::note(format!("note: {path} has changed since the run; what is replayed is the form in run.json"));
    }
}

/// Scripts are told by what they mean: a comment may change, a note may not.
fn check_scripts(past: &PastRun, plan: &Plan) -> Result<(), String> {
    let now: Vec<Digest> =
        plan.stages.iter().flat_map(|stage| stage.files.values()).filter_map(script_digest).collect();
    match past.scripts.iter().find(|script| !now.contains(&script.digest)) {
        Some(script) => Err(format!(
            "script {} is not what it was in the run (digest {} then); bring the old one back, or run anew",
            script.path.0.display(),
            script.digest.short()
        )),
        None => Ok(()),
    }
}

fn script_digest(file: &StageFile) -> Option<Digest> {
    match file {
        StageFile::Script(script) => Some(script.digest),
        _ => None,
    }
}

fn batch(args: &ReplayArgs, past: &PastRun, desk: &TempDir) -> Result<Batch, Exit> {
    let device = Device::choose(&past.device).map_err(|error| usage(format!("the run's device: {error}")))?;
    let planned = past_recipe::plan(past, &past.recipe.resolved, &[], desk.path())?;
    let plan = &planned.plan;
    let out = args.out.clone().unwrap_or_else(|| desk.path().join("out"));
    check_out(&out).map_err(usage)?;
    let input = past.input();
    let folder = Folders::new(&out).choose(&stem(input, &plan.recipe), input);
    let name = input.and_then(Path::file_name).unwrap_or(plan.recipe.as_ref()).to_string_lossy().into_owned();
    let places = vec![Place { input: input.map(Path::to_owned), name, folder }];
    let options = options(device, args.jobs, &[])?;
    let (preview_seconds, own) = (past.preview_seconds(), Vec::new());
    Ok(Batch { planned, own, places, refused: None, preview_seconds, attempts: None, options, json: args.json })
}

/// Equal results have equal digests under equal names.
fn compare(was: &BTreeMap<String, Digest>, is: &BTreeMap<String, Digest>, json: bool) -> Exit {
    let differences = differences(was, is);
    let equal = was.len() - differences.iter().filter(|difference| difference.was.is_some()).count();
    if json {
        let list: Vec<_> =
            differences.iter().map(|one| json!({ "path": one.path, "was": one.was, "is": one.is })).collect();
        terminal::line(json!({ "event": "compared", "equal": equal, "differences": list }));
    } else {
        for difference in &differences {
            terminal::line(line(difference));
        }
        terminal::line(format!("{equal} of {} results are equal", was.len()));
    }
    if differences.is_empty() { Exit::Done } else { Exit::CheckFailed }
}

fn differences(was: &BTreeMap<String, Digest>, is: &BTreeMap<String, Digest>) -> Vec<Difference> {
    let paths: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let difference =
        |path: &String| Difference { path: path.clone(), was: was.get(path).copied(), is: is.get(path).copied() };
    paths.into_iter().map(difference).filter(|one| one.was != one.is).collect()
}

fn line(difference: &Difference) -> String {
    let path = &difference.path;
    match (difference.was, difference.is) {
        (Some(was), Some(is)) => format!("{path}: differs, {} then, {} now", was.short(), is.short()),
        (Some(_), None) => format!("{path}: missing now"),
        _ => format!("{path}: was not there then"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(list: &[(&str, &str)]) -> BTreeMap<String, Digest> {
        list.iter().map(|(path, content)| ((*path).to_owned(), Digest::of(content.as_bytes()))).collect()
    }

    #[test]
    fn each_difference_is_named() {
        let was = outputs(&[("a.wav", "1"), ("b.mid", "2"), ("c.html", "3")]);
        let is = outputs(&[("a.wav", "1"), ("b.mid", "x"), ("d.png", "4")]);
        let lines: Vec<_> = differences(&was, &is).iter().map(line).collect();
        let (then, now) = (Digest::of(b"2").short(), Digest::of(b"x").short());
        assert_eq!(
            lines,
            [
                format!("b.mid: differs, {then} then, {now} now"),
                "c.html: missing now".to_owned(),
                "d.png: was not there then".to_owned(),
            ]
        );
        assert_eq!(compare(&was, &is, true), Exit::CheckFailed);
        assert_eq!(compare(&was, &was, false), Exit::Done);
    }
}
