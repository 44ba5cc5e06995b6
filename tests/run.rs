//! `cuesmith run` and what people get from it: validation, exit codes, folders, ledger.

use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt};

use crate::support::{LOOK, Project};

fn project() -> Project {
    Project::new().file("look.toml", LOOK)
}

/// Times differ from run to run.
fn without_seconds(text: &str) -> String {
    let lines = text.lines().map(|line| match line.rsplit_once("made    ") {
        Some((stage, _)) => format!("{stage}made\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn what_cannot_work_is_refused_before_work() {
    let project = project().file("notes/readme.txt", "x").file("empty.mp4", "").file("file", "x");
    let before = project.tree();
    let refuse = |arguments: &[&str], text: &str| {
        let arguments: Vec<_> = ["run", "look.toml"].iter().chain(arguments).collect();
        project.run(&arguments).stdout("").stderr(&format!("error: {text}\n")).code(2);
    };
    refuse(&[], "recipe look works on a video; give one with --input FILE");
    refuse(&["--input", "none.mp4"], "reading input none.mp4: No such file or directory (os error 2)");
    refuse(
        &["--input", "empty.mp4", "--force", "shot"],
        "--force: recipe look has no stage `shot`; did you mean `shots`?",
    );
    refuse(&["--input", "empty.mp4", "--out", "file/out"], "--out file/out: [..]/file is no folder");
    let refused = project.run(&["run", "look.toml", "--input", "notes"]).code(2);
    assert!(refused.stderr.starts_with("error: folder notes has no videos; files with these endings count: 3gp "));
    project.run(&["run", "loook.toml"]).code(2).stderr_has("loook.toml");
    assert_eq!(project.tree(), before);
}

#[test]
fn a_second_run_takes_everything_from_the_cache_and_keeps_the_folder() {
    let project = project().clip("clip.mp4");
    let run = ["run", "look.toml", "--input", "clip.mp4", "--preview", "2"];
    let first = project.run(&run).code(0);
    assert!(
        first.stdout.starts_with("clip.mp4: out/clip in ")
            && first.stdout.ends_with(", 0 of 2 stages from the cache\n"),
        "{first:?}"
    );
    assert_eq!(without_seconds(&first.stderr), "source           made\nshots            made\n");
    let json = project.json("out/clip/run.json");
    assert_eq!(json["recipe"]["resolved"]["stages"]["source"]["preview"], 2.0);
    assert_eq!(json["inputs"][0]["path"], project.path().join("clip.mp4").to_str().unwrap());
    let second = project.run(&run).code(0).stderr("source           hit\nshots            hit\n");
    assert!(second.stdout.ends_with(", 2 of 2 stages from the cache\n"), "{second:?}");
    let forced = project.run(&["run", "look.toml", "--input", "clip.mp4", "--preview", "2", "--force", "shots"]);
    assert_eq!(without_seconds(&forced.code(0).stderr), "source           hit\nshots            made\n");
    let status = project.run(&["status"]).code(0).stdout;
    let lines: Vec<_> = status.lines().collect();
    assert_eq!((lines.len(), lines[0]), (4, "nothing runs"));
    assert!(
        lines[1].contains("  look clip.mp4: done in ") && lines[1].ends_with(": 1 hits, 1 made, 0 failed"),
        "{status}"
    );
}

#[test]
fn a_broken_input_leaves_nothing_and_stops_no_other() {
    let project =
        project().file("in/broken.mp4", "no video").clip("in/whole's caf\u{e9}.mp4").file("in/.hidden.mp4", "x");
    let outcome = project.run(&["run", "look.toml", "--input", "in", "--preview", "2"]).code(3);
    assert_eq!(outcome.stderr.matches("error: broken.mp4: stage source: ").count(), 1, "{outcome:?}");
    assert!(outcome.stdout.starts_with("whole's caf\u{e9}.mp4: out/whole's caf\u{e9} in "), "{outcome:?}");
    let results: Vec<_> = project.tree().into_iter().filter(|path| path.starts_with("out/")).collect();
    assert_eq!(results, ["out/", "out/whole's caf\u{e9}/", "out/whole's caf\u{e9}/run.json"]);
}

#[test]
fn a_name_that_is_not_utf8_works() {
    let name = OsStr::from_bytes(b"clip \xff\".mp4");
    let project = project().clip(name);
    let arguments = ["run", "look.toml", "--preview", "2", "--input"].map(OsStr::new);
    project.run(&[&arguments[..], &[name]].concat()).code(0);
    let folder = project.path().join("out").join(OsStr::from_bytes(b"clip \xff\""));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    project.run(&[&arguments[..], &[name]].concat()).code(0).stderr("source           hit\nshots            hit\n");
    assert_eq!(fs::read_dir(folder.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn machines_get_one_event_a_line() {
    let project = project().clip("clip.mp4");
    let outcome =
        project.run(&["run", "look.toml", "--input", "clip.mp4", "--preview", "2", "--json"]).code(0).stderr("");
    let events: Vec<serde_json::Value> =
        outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(names.first(), Some(&"input_started"));
    assert_eq!(names[names.len() - 3..], ["input_ended", "exported", "run_ended"], "{names:?}");
    assert_eq!(events.last().unwrap()["exit"], 0);
}

#[test]
fn explain_says_what_would_run_and_why() {
    let project = project().clip("clip.mp4");
    let explain = ["explain", "look.toml", "--input", "clip.mp4", "--preview", "2"];
    let lines = "source           miss     never made\nshots            unknown  `source` runs before it\n";
    project.run(&explain).stdout(lines).stderr("").code(0);
    project.run(&["run", "look.toml", "--input", "clip.mp4", "--preview", "2"]).code(0);
    let hits = project.run(&explain).code(0).stdout;
    assert_eq!(hits.matches(" hit      made 2").count(), 2, "{hits}");
    let changed = project.run(&[&explain[..], &["--set", "stages.shots.sensitivity=0.7"]].concat()).code(0).stdout;
    assert!(changed.contains("shots            miss     sensitivity: 0.5 -> 0.7 (since 2"), "{changed}");
}
