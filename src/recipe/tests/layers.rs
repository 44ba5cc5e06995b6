//! Recipes over recipes, and arguments over all of them.

use serde_json::json;

use super::{OVER_BASE, Project};
use crate::recipe::{Overrides, StageFile, load_from};

#[test]
fn a_child_says_only_what_differs() {
    let project = Project::new();
    project.write("house.toml", format!("{OVER_BASE}[knobs]\ntempo = {{ min = 80, max = 90 }}\nloudness = -14\n"));
    project.write("child.toml", "[recipe]\nextends = \"house.toml\"\n[knobs]\ntempo.max = 100\nkey = \"f#m\"\n");
    let recipe = project.load("child.toml", &[]).unwrap();
    assert_eq!(recipe.name, "child");
    assert_eq!(recipe.about, "");
    assert_eq!(recipe.knobs["tempo"], json!({ "min": 80.0, "max": 100.0 }));
    assert_eq!(recipe.knobs["loudness"], json!(-14.0));
    assert_eq!(recipe.knobs["key"], json!("F# minor"));
    assert_eq!(recipe.knobs["energy_follows_motion"], json!(0.6));
    let sources: Vec<&str> = recipe.sources.iter().map(|source| source.name.as_str()).collect();
    assert_eq!(sources, ["child.toml", "house.toml", "base.toml (built in)"]);
}

#[test]
fn equal_values_written_in_other_ways_are_equal() {
    let project = Project::new();
    project.write("my.toml", OVER_BASE);
    let load = |set: &[&str]| project.load("my.toml", set).unwrap().knobs;
    assert_eq!(load(&["loudness=-14"]), load(&["knobs.loudness = -14.0"]));
    assert_eq!(load(&["key=Bb minor"]), load(&["key=\"bbm\""]));
    assert_eq!(load(&["tempo=96"]), load(&["tempo={ min = 96, max = 96.0 }"]));
    assert_eq!(load(&["valence=\"+0.20\""]), load(&["valence='+.2'"]));
    assert_eq!(load(&["valence=+0.2"]), load(&["valence='+0.2'"]));
    assert_eq!(load(&["style=piano"]), load(&["style='piano'"]));
    assert_eq!(load(&["tempo.min=90"])["tempo"], json!({ "min": 90.0, "max": 124.0 }));
}

#[test]
fn the_last_override_wins_and_the_seed_argument_over_all() {
    let project = Project::new();
    project.write("my.toml", OVER_BASE);
    let recipe =
        project.load("my.toml", &["loudness=-14", "loudness=-12", "recipe.seed=18446744073709551615"]).unwrap();
    assert_eq!((recipe.knobs["loudness"].as_f64(), recipe.seed), (Some(-12.0), u64::MAX));
    let overrides = Overrides { set: vec!["recipe.seed=4".to_owned()], seed: Some(9), clip: None };
    assert_eq!(load_from("my.toml".as_ref(), &overrides, &project.roots()).unwrap().seed, 9);
}

#[test]
fn another_node_starts_a_stage_anew() {
    let project = Project::new();
    let lines = "[stages.score]\nnode = \"arrange.edited\"\ninputs = { score = \"first\" }\nfile = \"test.sf2\"\n\n\
                 [stages.first]\nnode = \"arrange.style\"\n[stages.first.inputs]\nplan = \"cue\"\nconditions = \"conditions\"\n\
                 chords = \"chords\"\nmelody = \"melody\"\naccompaniment = \"accompaniment\"\n";
    project.write("my.toml", format!("{OVER_BASE}{lines}"));
    let plan = project.plan("my.toml", &[]).unwrap();
    assert_eq!(plan.stage("score").unwrap().inputs.len(), 1);
}

#[test]
fn limits_and_lists_of_inputs() {
    let project = Project::new();
    let text = "[recipe]\nextends = \"base\"\n[stages.stems]\nsoundfont = \"test.sf2\"\nmemory_mib = 4096\n\
                [stages.page]\ninputs.checks = []\n";
    project.write("my.toml", text);
    let plan = project.plan("my.toml", &[]).unwrap();
    let stems = plan.stage("stems").unwrap();
    assert_eq!((stems.limits.memory_mib, stems.limits.deadline_seconds), (4096, 1800));
    assert!(!plan.stage("page").unwrap().inputs.contains_key("checks"));
    assert!(plan.stage("page").unwrap().inputs.contains_key("roll"));
}

#[test]
fn files_are_looked_for_beside_the_recipe_and_above_then_here() {
    let project = Project::new();
    project.write("a/b/deep.toml", "[recipe]\nextends = \"base\"\n[stages.stems]\nsoundfont = \"sounds/x.sf2\"\n");
    project.write("sounds/x.sf2", "far");
    let font = || project.plan("a/b/deep.toml", &[]).unwrap().stage("stems").unwrap().files["soundfont"].clone();
    assert_eq!(font(), StageFile::At(project.path("sounds/x.sf2")));
    project.write("a/sounds/x.sf2", "near");
    assert_eq!(font(), StageFile::At(project.path("a/sounds/x.sf2")));
    let set = ["stages.stems.soundfont=sounds/x.sf2"];
    let given = project.plan("a/b/deep.toml", &set).unwrap().stage("stems").unwrap().files["soundfont"].clone();
    assert_eq!(given, StageFile::At(project.path("sounds/x.sf2")), "an argument is meant from where one stands");
}

#[test]
fn the_video_is_the_input_unless_it_is_named() {
    let project = Project::new();
    project.write("my.toml", OVER_BASE);
    assert!(project.plan("my.toml", &[]).unwrap().needs_input());
    project.write("clip.mp4", "film");
    assert!(!project.plan("my.toml", &["stages.source.file=clip.mp4"]).unwrap().needs_input());
}

#[test]
fn a_recipe_by_name_is_the_projects_own_before_the_built_in_one() {
    let project = Project::new();
    let set = ["stages.stems.soundfont=test.sf2"];
    assert_eq!(project.load("vlog", &set).unwrap().sources[0].name, "vlog.toml (built in)");
    project.write("recipes/vlog.toml", format!("{OVER_BASE}[knobs]\nloudness = -11\n"));
    let own = project.load("vlog", &set).unwrap();
    assert_eq!((own.sources[0].name.as_str(), own.knobs["loudness"].as_f64()), ("recipes/vlog.toml", Some(-11.0)));
}

#[test]
fn training_needs_no_video() {
    let project = Project::new();
    project.write("songs/index.csv", "");
    project.write(
        "train.toml",
        "[stages.songs]\nnode = \"data.pop909\"\nfolder = \"songs\"\n\n\
         [stages.chords]\nnode = \"train.chords\"\ninputs = { corpus = \"songs\" }\nsteps = 10\n",
    );
    let plan = project.plan("train.toml", &[]).unwrap();
    assert!(!plan.needs_input());
    assert_eq!(plan.recipe, "train");
    assert_eq!(plan.stages[0].files["folder"], StageFile::At(project.path("songs")));
}
