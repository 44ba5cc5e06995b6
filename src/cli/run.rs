//! `cuesmith run`: everything that can be wrong before work is found before work.

use std::{
    fs,
    path::{self, Path, PathBuf},
};

use clap::Args;

use super::{
    batch::{Batch, Place, stem},
    inputs::{self, Gathered},
    recipe_args::{OverrideArgs, RecipeArgs, fits_inputs},
    trouble::{store_trouble, trouble, usage},
};
use crate::{
    error::Exit,
    graph::Plan,
    recipe::nearest,
    report::{Folders, Planned, terminal},
    run::{Device, Interrupt, Options, probe_clip},
    store::Store,
};

#[derive(Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    recipe: RecipeArgs,
    /// Videos, or folders of videos
    #[arg(long, value_name = "FILE|DIR", num_args = 1..)]
    input: Vec<PathBuf>,
    /// Where results go: a folder for each input
    #[arg(long, default_value = "out", value_name = "DIR")]
    out: PathBuf,
    /// Folder of cache and weights
    #[arg(long, default_value = "store", value_name = "DIR")]
    store: PathBuf,
    /// auto, cpu, cuda or cuda:N
    #[arg(long, default_value = "auto", value_name = "DEVICE")]
    device: String,
    /// Run this stage though the cache has its result
    #[arg(long, value_name = "STAGE", num_args = 1..)]
    force: Vec<String>,
    /// Score only the first seconds
    #[arg(long, value_name = "SECONDS", value_parser = preview_seconds)]
    preview: Option<f64>,
    /// Stages that run at once; all cores by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

impl RunArgs {
    /// A recipe without a video, with everything else as it is when nothing is said.
    pub(super) fn of_recipe((recipe, overrides): (PathBuf, OverrideArgs), out: &Path, store: &Path) -> Self {
        Self {
            recipe: RecipeArgs { recipe, overrides },
            input: Vec::new(),
            out: out.to_owned(),
            store: store.to_owned(),
            device: "auto".to_owned(),
            force: Vec::new(),
            preview: None,
            jobs: None,
            json: false,
        }
    }
}

pub(super) fn run(args: &RunArgs) -> Exit {
    prepare(args).and_then(|batch| with_store(batch, args)).unwrap_or_else(|exit| exit)
}

fn with_store(mut batch: Batch, args: &RunArgs) -> Result<Exit, Exit> {
    let store = Store::open(&args.store).map_err(|error| store_trouble(&error))?;
    if batch.planned.asked_clip {
        batch.own = own_plans(&batch, args, &store)?;
    }
    Ok(batch.run(&store))
}

/// A plan for each video, from a graph script that asks what the video is like.
fn own_plans(batch: &Batch, args: &RunArgs, store: &Store) -> Result<Vec<Planned>, Exit> {
    let plan = |place: &Place| {
        let clip = match &place.input {
            Some(input) => probe_clip(store, &batch.planned.plan, input, batch.preview_seconds, &batch.options)
                .map_err(|error| trouble(error.error.class.into(), format!("{}: {error}", input.display())))?,
            None => None,
        };
        args.recipe.plan_for(clip.as_ref())
    };
    batch.places.iter().map(plan).collect()
}

/// Opens the store and runs.
pub(super) fn start(batch: &Batch, store: &Path) -> Exit {
    match Store::open(store) {
        Ok(store) => batch.run(&store),
        Err(error) => store_trouble(&error),
    }
}

fn prepare(args: &RunArgs) -> Result<Batch, Exit> {
    let device = Device::choose(&args.device).map_err(usage)?;
    let planned = args.recipe.plan()?;
    check_force(&args.force, &planned.plan).map_err(usage)?;
    let Gathered { videos: inputs, refused, notes } = inputs::gather(&args.input);
    for note in notes {
        terminal::note(format!("note: {note}"));
    }
    let refused = refused.iter().fold(None, |_, error| Some(usage(error)));
    if let Some(exit) = refused.filter(|_| inputs.is_empty()) {
        return Err(exit);
    }
    fits_inputs(&planned.plan, inputs.len())?;
    check_out(&args.out).map_err(usage)?;
    let places = places(&inputs, &args.out, &planned.plan.recipe);
    check_inputs_stay(&places).map_err(usage)?;
    let options = options(device, args.jobs, &args.force)?;
    let preview_seconds = args.preview.unwrap_or(0.0);
    let own = Vec::new();
    Ok(Batch { planned, own, places, refused, preview_seconds, attempts: None, options, json: args.json })
}

/// With Ctrl-C joined to it.
pub(super) fn options(device: Device, jobs: Option<u16>, force: &[String]) -> Result<Options, Exit> {
    let interrupt =
        Interrupt::on_signals().map_err(|error| trouble(Exit::Internal, format!("listening for Ctrl-C: {error}")))?;
    let jobs = jobs.map_or_else(Options::cores, usize::from);
    Ok(Options { jobs, force: force.to_vec(), interrupt, ..Options::new(device) })
}

pub(super) fn preview_seconds(text: &str) -> Result<f64, String> {
    let seconds: Option<f64> = text.parse().ok().filter(|seconds| (1.0..=86400.0).contains(seconds));
    seconds.ok_or_else(|| "write seconds from 1 to 86400".to_owned())
}

fn check_force(force: &[String], plan: &Plan) -> Result<(), String> {
    let Some(unknown) = force.iter().find(|name| plan.stage(name).is_none()) else { return Ok(()) };
    let names = plan.stages.iter().map(|stage| stage.name.as_str());
    let hint = nearest(unknown, names.clone()).map_or_else(
        || format!("its stages are {}", names.collect::<Vec<_>>().join(", ")),
        |guess| format!("did you mean `{guess}`?"),
    );
    Err(format!("--force: recipe {} has no stage `{unknown}`; {hint}", plan.recipe))
}

/// Nothing is made yet: a run that fails leaves no folder behind.
pub(super) fn check_out(out: &Path) -> Result<(), String> {
    let absolute = path::absolute(out).map_err(|error| format!("--out {}: {error}", out.display()))?;
    let nearest = absolute.ancestors().find(|folder| folder.symlink_metadata().is_ok()).unwrap_or(Path::new("/"));
    if !nearest.is_dir() {
        return Err(format!("--out {}: {} is no folder", out.display(), nearest.display()));
    }
    // Tried, not asked for: permissions do not tell of file systems that hold no files.
    tempfile::tempdir_in(nearest)
        .map(drop)
        .map_err(|error| format!("--out {}: {} can't be written: {error}", out.display(), nearest.display()))
}

fn places(inputs: &[PathBuf], out: &Path, recipe: &str) -> Vec<Place> {
    let mut folders = Folders::new(out);
    if inputs.is_empty() {
        let folder = folders.choose(recipe.as_ref(), None);
        return vec![Place { input: None, name: recipe.to_owned(), folder }];
    }
    let place = |(input, name): (&PathBuf, String)| {
        let folder = folders.choose(&stem(Some(input), recipe), Some(input));
        Place { input: Some(input.clone()), name, folder }
    };
    inputs.iter().zip(inputs::names(inputs)).map(place).collect()
}

/// No result may take the place of an input.
fn check_inputs_stay(places: &[Place]) -> Result<(), String> {
    let real = |path: &Path| fs::canonicalize(path).ok();
    let folders: Vec<_> = places.iter().filter_map(|place| Some((place, real(&place.folder)?))).collect();
    for input in places.iter().filter_map(|place| place.input.as_deref()) {
        let Some(path) = real(input) else { continue };
        if let Some((place, _)) = folders.iter().find(|(_, folder)| path.starts_with(folder)) {
            let (input, folder) = (input.display(), place.folder.display());
            return Err(format!("input {input} lies in {folder}, where results go; choose another folder with --out"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::{
        graph::PlannedStage,
        node::{self, Limits},
    };

    fn plan() -> Plan {
        let stage = |name: &str, node: &str| PlannedStage {
            name: name.to_owned(),
            node: node::find(node).unwrap(),
            params: Map::new(),
            files: std::collections::BTreeMap::new(),
            inputs: std::collections::BTreeMap::new(),
            limits: Limits::new(1, 1),
            on_fail: None,
        };
        let stages = vec![stage("chords", "generate.chords"), stage("mix", "mix.bed")];
        Plan { recipe: "vlog".into(), seed: 1, stages }
    }

    #[test]
    fn an_unknown_stage_gets_the_nearest_name() {
        let refuse = |name: &str| check_force(&[name.to_owned()], &plan()).unwrap_err();
        assert_eq!(check_force(&["mix".to_owned()], &plan()), Ok(()));
        assert_eq!(refuse("chord"), "--force: recipe vlog has no stage `chord`; did you mean `chords`?");
        assert_eq!(refuse("zzz"), "--force: recipe vlog has no stage `zzz`; its stages are chords, mix");
    }

    #[test]
    fn an_out_folder_is_checked_and_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("deep/out");
        assert_eq!(check_out(&out), Ok(()));
        assert!(!folder.path().join("deep").exists());
        fs::write(folder.path().join("file"), "x").unwrap();
        assert!(check_out(&folder.path().join("file/out")).unwrap_err().ends_with("file is no folder"));
    }

    #[test]
    fn previews_have_a_length() {
        assert_eq!(preview_seconds("12.5"), Ok(12.5));
        for text in ["0", "-1", "nan", "x", "1e9"] {
            assert!(preview_seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_input_among_its_own_results_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (clip, other) = (folder.path().join("out/clip/clip.mp4"), folder.path().join("out/other.mp4"));
        fs::create_dir_all(clip.parent().unwrap()).unwrap();
        fs::write(&clip, "x").unwrap();
        fs::write(&other, "x").unwrap();
        let place =
            |input: &Path, folder: &Path| Place { input: Some(input.into()), name: "x".into(), folder: folder.into() };
        let results = folder.path().join("out/clip");
        assert!(check_inputs_stay(&[place(&clip, &results)]).unwrap_err().contains("where results go"));
        assert_eq!(check_inputs_stay(&[place(&other, &results)]), Ok(()));
    }

    #[test]
    fn every_input_has_a_place_of_its_own() {
        let inputs = ["a/clip.mp4", "b/clip.mp4"].map(PathBuf::from);
        let places = places(&inputs, Path::new("nowhere/out"), "vlog");
        let folders: Vec<_> = places.iter().map(|place| place.folder.display().to_string()).collect();
        assert_eq!(folders, ["nowhere/out/clip", "nowhere/out/clip-2"]);
        let none = super::places(&[], Path::new("out"), "train-chords");
        assert_eq!((none[0].folder.clone(), none[0].input.clone()), (PathBuf::from("out/train-chords"), None));
    }
}
