//! `cuesmith doctor`.

use std::{fs, process::Command};

use crate::support::Project;

#[test]
fn what_is_missing_is_named_with_the_next_step() {
    let project = Project::new();
    // A front that was copied away from all that it needs.
    let lonely = project.path().join("cuesmith");
    fs::copy(env!("CARGO_BIN_EXE_cuesmith"), &lonely).unwrap();
    let outcome = Command::new(&lonely).arg("doctor").current_dir(project.path()).output().unwrap();
    assert_eq!(outcome.status.code(), Some(2), "{outcome:?}");
    let stdout = String::from_utf8(outcome.stdout).unwrap();
    for (what, next_step) in [("weights chords", "recipes/train/chords.toml"), ("cuesmith-worker", "make build")] {
        let line = stdout.lines().find(|line| line.contains(what)).unwrap();
        assert!(line.starts_with("MISSING") && line.contains(next_step), "{line}");
    }
    assert!(stdout.starts_with("ok      cuesmith "), "{stdout}");
    assert!(!project.path().join("store").exists(), "looking makes nothing");
}

#[test]
fn what_ships_is_found_from_any_folder() {
    let outcome = Project::new().run(&["doctor"]).stderr("");
    let line = outcome.stdout.lines().find(|line| line.contains("weights chords")).unwrap();
    assert!(line.starts_with("ok") && line.contains("store/models/chords.safetensors"), "{line}");
}

#[test]
fn machines_get_one_object_a_line() {
    let outcome = Project::new().run(&["doctor", "--json"]);
    for line in outcome.stdout.lines() {
        let finding: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(finding["what"].is_string() && finding["state"].is_string(), "{line}");
    }
}
