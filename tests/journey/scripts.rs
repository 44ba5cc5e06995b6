//! Styles and nodes that are scripts, in the real program: a graph that scores one clip in three styles, a style of one's
//! own with errors, a node of one's own.

use std::{fs, time::Instant};

use crate::support::Project;

const SHORT: [&str; 6] = ["--input", "clip.mp4", "--preview", "4", "--out", "out"];

fn run(project: &Project, recipe: &str, more: &[&str]) -> crate::support::Outcome {
    project.run(&[&["run", recipe][..], &SHORT, more].concat())
}

fn is_hit(run: &serde_json::Value, stage: &str) -> bool {
    let stages = run["stages"].as_array().unwrap();
    stages.iter().find(|found| found["name"] == stage).unwrap()["status"] == "hit"
}

#[test]
fn one_clip_in_three_styles_is_composed_once() {
    let project = Project::new().clip("clip.mp4");
    let graph = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/graphs/three_styles.rhai")).unwrap();
    let project = project.file("three.rhai", graph);
    run(&project, "base", &["--set", "style=lofi"]).code(0);
    run(&project, "three.rhai", &[]).code(0);
    let made = project.json("out/clip/run.json");
    // All up to the notes is what the TOML recipe made, and so is its own score.
    for stage in ["source", "color", "motion", "semantic", "affect", "shots", "speech", "cue", "conditions", "chords"] {
        assert!(is_hit(&made, stage), "{stage}");
    }
    for stage in ["melody", "accompaniment"] {
        assert!(is_hit(&made, stage), "{stage}");
    }
    for style in ["lofi", "strings", "synthwave"] {
        assert!(project.path().join(format!("out/clip/{style}/clip.mp4")).is_file(), "{:?}", project.tree());
        assert!(!is_hit(&made, &format!("score_{style}")));
    }
    let begun = Instant::now();
    let again = run(&project, "three.rhai", &[]).code(0);
    assert!(begun.elapsed().as_secs_f64() < 2.0, "{again:?}");
    let stages = project.json("out/clip/run.json")["stages"].as_array().unwrap().clone();
    assert!(stages.iter().all(|stage| stage["status"] == "hit"), "{stages:?}");
}

#[test]
fn a_style_of_ones_own_fails_with_its_line_and_bar_and_then_plays() {
    let project = Project::new().clip("clip.mp4");
    let wrong = "fn arrange(score) {\n    for bar in score.bars {\n        if bar.number == 2 { bar.levl; }\n    }\n    score\n}\n";
    let project = project.file("mine.rhai", wrong);
    let refused = run(&project, "base", &["--set", "style=mine.rhai"]).code(2);
    assert!(refused.stderr.contains("mine.rhai:3:"), "{refused:?}");
    assert!(refused.stderr.contains("in hook arrange, at bar 2") && refused.stderr.contains("level"), "{refused:?}");
    let right = "fn arrange(score) {\n    let drums = score.track(\"drums\");\n    drums.gain += 3;\n    score\n}\n";
    fs::write(project.path().join("mine.rhai"), right).unwrap();
    run(&project, "base", &["--set", "style=mine.rhai"]).code(0);
    let page = fs::read_to_string(project.path().join("out/clip/report.html")).unwrap();
    assert!(page.contains("script: arrange: 5 tracks"), "what the script changed stands on the page");
    fs::write(project.path().join("mine.rhai"), right.replace("    score\n", "    score // louder drums\n")).unwrap();
    let explained =
        project.run(&[&["explain", "base"][..], &SHORT[..4], &["--set", "style=mine.rhai"]].concat()).code(0);
    assert!(explained.stdout.lines().all(|line| line.contains(" hit ")), "a comment changes nothing: {explained:?}");
}

#[test]
fn a_node_of_ones_own_changes_what_is_asked() {
    let project = Project::new().clip("clip.mp4");
    let node = "fn node(inputs) {\n    let asked = inputs.conditions;\n    for bar in 0..asked.bars.len() { asked.bars[bar].density = 3.0; }\n    asked\n}\n";
    let recipe = "[recipe]\nextends = \"base.toml\"\n\n[stages.calmer]\nnode = \"script\"\noutput = \"conditions\"\nscript = \"calmer.rhai\"\ninputs = { plan = \"cue\", conditions = \"conditions\" }\n\n[stages.melody.inputs]\nconditions = \"calmer\"\n\n[stages.accompaniment.inputs]\nconditions = \"calmer\"\n";
    let project = project.file("calmer.rhai", node).file("mine.toml", recipe);
    run(&project, "mine.toml", &[]).code(0);
    let broken = node.replace("3.0", "300.0");
    fs::write(project.path().join("calmer.rhai"), broken).unwrap();
    run(&project, "mine.toml", &[]).code(2).stderr_has("node asks for what can't be at bar 1");
}

#[test]
fn styles_are_listed_and_heard() {
    let project = Project::new();
    let listed = project.run(&["styles"]).code(0).stderr("").stdout;
    for style in ["piano", "band", "lofi", "jazz_trio", "orchestral_trailer"] {
        assert!(listed.lines().any(|line| line.starts_with(style)), "{listed}");
    }
    project.run(&["styles", "--preview", "jazz_trio"]).code(0);
    let run = project.json("out/styles/jazz_trio/run.json");
    assert!(run["checks"].to_string().contains("music"), "{run}");
    let bytes = fs::read(project.path().join("out/styles/jazz_trio/score.mid")).unwrap();
    assert!(midly::Smf::parse(&bytes).unwrap().tracks.len() >= 3);
    project.run(&["styles", "--preview", "jaz_trio"]).code(2).stderr_has("did you mean `jazz_trio`?");
}
