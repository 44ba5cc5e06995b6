//! `cuesmith replay`.

use std::fs;

use crate::support::{LOOK, Project};

#[test]
fn a_run_is_replayed_from_its_run_json_alone() {
    let project = Project::new().file("look.toml", LOOK).clip("clip.mp4");
    project.run(&["run", "look.toml", "--input", "clip.mp4", "--preview", "2"]).code(0);
    fs::remove_dir_all(project.path().join("store")).unwrap();
    fs::write(project.path().join("look.toml"), "changed").unwrap();
    let outcome = project.run(&["replay", "out/clip/run.json"]).code(0);
    assert!(outcome.stdout.ends_with("0 of 0 results are equal\n"), "{outcome:?}");
    assert!(outcome.stderr.contains("note: [..]/look.toml has changed since the run"), "{outcome:?}");
    assert!(!project.path().join("store").exists());
    fs::write(project.path().join("clip.mp4"), "another").unwrap();
    project.run(&["replay", "out/clip/run.json"]).code(3).stderr_has("clip.mp4 has changed since the run");
}

#[test]
fn what_is_no_run_json_is_refused() {
    let project = Project::new().file("run.json", "{}");
    project.run(&["replay", "run.json"]).code(2).stderr_has("error: run.json is no run.json of cuesmith");
    project.run(&["replay", "none.json"]).code(2).stderr_has("error: reading none.json: No such file");
    project.run(&["remix", "none"]).code(2).stderr_has("error: reading none/run.json: No such file");
}
