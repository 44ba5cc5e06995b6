//! `base.toml` is manual and defaults in one: nothing is missing in it, and it says what the descriptions say.

use std::{fs, path::Path, sync::Arc};

use serde_json::Value;

use super::{OVER_BASE, Project};
use crate::{
    artifact::Kind,
    node::{self, KNOBS, NodeSpec, Param},
    recipe::{
        Overrides, chain, default_value, load_from,
        place::Source,
        raw::{self, RawRecipe},
        resolve,
        resolved::OnFail,
        roots::Roots,
        shipped::SHIPPED,
        value::Wanted,
        written::{Entry, Table},
    },
    script::ScriptLimits,
};

fn base() -> (RawRecipe, Arc<Source>) {
    let chain = chain::read_plainly(Path::new("base"), &Project::new().roots()).unwrap();
    let source = Arc::clone(&chain.sources[0]);
    let mut faults = Vec::new();
    let raw = raw::sort(chain.table, &mut faults);
    assert!(faults.is_empty());
    (raw, source)
}

/// The lines of comment right above a key.
fn comment<'a>(source: &'a Source, entry: &Entry) -> Vec<&'a str> {
    let before: Vec<&str> = source.text[..entry.key.span.start].lines().collect();
    before.into_iter().rev().take_while(|line| line.starts_with('#')).collect()
}

fn assert_documented(source: &Source, written: &Table, param: &Param) {
    let entry = written.get(param.name).unwrap_or_else(|| panic!("base.toml lacks {}", param.name));
    let default = default_value(param);
    let wanted = Wanted { what: param.name, domain: param.domain, default: None };
    assert_eq!(wanted.settle(&entry.value).ok(), default, "default of {}", param.name);
    let comment = comment(source, entry).concat();
    for part in [param.about, param.unit, &param.domain.to_string()] {
        assert!(comment.contains(part), "the comment above `{}` lacks {part:?}: {comment}", param.name);
    }
}

#[test]
fn every_knob_is_written_with_default_unit_and_range() {
    let (raw, source) = base();
    for knob in KNOBS {
        assert_documented(&source, &raw.knobs, knob);
    }
    assert_eq!(raw.knobs.len(), KNOBS.len());
}

#[test]
fn every_parameter_of_every_stage_is_written_with_default_unit_and_range() {
    let (raw, source) = base();
    for (name, stage) in &raw.stages {
        let node = node::find(stage.node.as_ref().unwrap().as_text().unwrap()).unwrap();
        let is_input = |param: &Param| (node.name, param.name) == ("source.video", "file");
        for param in node.params.iter().filter(|param| !is_input(param)) {
            assert_documented(&source, &stage.params, param);
        }
        assert!(!stage.is_check || stage.on_fail.is_some(), "{name}");
    }
}

#[test]
fn limits_of_scripts_are_written_at_their_defaults() {
    let (raw, _) = base();
    let mut faults = Vec::new();
    let written = resolve::script_limits(&raw.scripts, &mut faults);
    assert_eq!((written, raw.scripts.len()), (ScriptLimits::default(), resolve::SCRIPT_LIMITS.len()));
    assert!(faults.is_empty());
}

/// A node of the standard way that base.toml leaves out would never run and never be documented.
#[test]
fn every_node_of_the_way_is_in_base() {
    let (raw, _) = base();
    // An edited score comes by `remix`, a passage by `styles`, weights of CLIP from users alone.
    let apart = ["arrange.edited", "feature.clip", "source.passage"];
    let aside = |node: &&NodeSpec| {
        !["data", "train", "eval", "script"].contains(&node.name.split('.').next().unwrap())
            && !apart.contains(&node.name)
    };
    let used: Vec<&str> = raw.stages.values().filter_map(|stage| stage.node.as_ref()?.as_text()).collect();
    for node in node::all().filter(aside) {
        assert!(used.contains(&node.name), "base.toml has no stage for {}", node.name);
    }
}

#[test]
fn every_shipped_recipe_plans() {
    let project = Project::new();
    for shipped in &SHIPPED {
        let plan = project.plan(shipped.name, &["stages.stems.soundfont=test.sf2"]);
        let plan = plan.unwrap_or_else(|errors| panic!("{}", errors.render(false)));
        assert_eq!(plan.recipe, shipped.name);
        assert!(plan.needs_input());
        let exported: Vec<Kind> = plan
            .stages
            .iter()
            .flat_map(|stage| stage.node.outputs)
            .filter(|port| port.export.is_some())
            .map(|port| port.kind)
            .collect();
        for kind in [Kind::Video, Kind::Audio, Kind::Midi, Kind::Page] {
            assert!(exported.contains(&kind), "{}: {kind:?}", shipped.name);
        }
    }
}

/// Files under recipes/ work where they lie; those for training want a corpus that is not everywhere.
#[test]
fn every_recipe_in_the_folder_plans() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let songs = tempfile::TempDir::new().unwrap();
    let some_file = tempfile::NamedTempFile::new().unwrap();
    let roots = Roots { current: folder.to_owned(), program: Vec::new() };
    let mut checked = 0;
    for entry in walkdir::WalkDir::new(folder.join("recipes")) {
        let entry = entry.unwrap();
        if entry.path().extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let text = fs::read_to_string(entry.path()).unwrap();
        let set = stand_ins(&text, &roots, entry.path(), songs.path(), some_file.path());
        let resolved = load_from(entry.path(), &Overrides { set, seed: Some(3), clip: None }, &roots);
        let resolved = resolved.unwrap_or_else(|errors| panic!("{}", errors.render(false)));
        assert_eq!(resolved.seed, 3);
        crate::graph::plan(&resolved).unwrap_or_else(|errors| panic!("{}", errors.render(false)));
        checked += 1;
    }
    assert!(checked >= SHIPPED.len());
}

/// Overrides that give every file parameter of a recipe something that exists.
fn stand_ins(text: &str, roots: &Roots, path: &Path, folder: &Path, file: &Path) -> Vec<String> {
    assert!(!text.is_empty());
    let chain = chain::read_plainly(path, roots).unwrap_or_else(|_| panic!("{}", path.display()));
    let raw = raw::sort(chain.table, &mut Vec::new());
    let mut set = Vec::new();
    for (name, stage) in &raw.stages {
        let node = stage.node.as_ref().and_then(|node| node::find(node.as_text()?));
        for param in node.into_iter().flat_map(|node| node.params).filter(|param| param.name != "file") {
            let table = if stage.is_check { "checks" } else { "stages" };
            let path = match param.domain {
                node::Domain::File => file,
                node::Domain::Folder => folder,
                _ => continue,
            };
            set.push(format!("{table}.{name}.{}={}", param.name, path.display()));
        }
    }
    set
}

#[test]
fn the_standard_graph_in_order() {
    let project = Project::new();
    project.write("my.toml", OVER_BASE);
    let plan = project.plan("my.toml", &[]).unwrap();
    let names: Vec<&str> = plan.stages.iter().map(|stage| stage.name.as_str()).collect();
    for (before, after) in
        [("source", "color"), ("cue", "conditions"), ("chords", "melody"), ("melody", "accompaniment")]
    {
        let place = |name| names.iter().position(|other| *other == name).unwrap();
        assert!(place(before) < place(after), "{names:?}");
    }
    assert_eq!(plan.stage("music").unwrap().on_fail, Some(OnFail::Warn));
    assert_eq!(plan.stage("sync").unwrap().on_fail, Some(OnFail::Fail));
    assert_eq!(plan.stage("bed").unwrap().params["loudness"], Value::from(-16.0));
    assert_eq!(plan.stage("page").unwrap().inputs["checks"].len(), 5);
    assert_eq!(plan.stage("video").unwrap().inputs["programme"][0].port, "programme");
}
