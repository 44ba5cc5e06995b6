//! `cuesmith status`.

use crate::support::Project;

#[test]
fn an_empty_store_says_that_nothing_runs_and_is_not_made() {
    let project = Project::new();
    project.run(&["status"]).stdout("nothing runs\n").stderr("").code(0);
    project.run(&["status", "--json"]).stdout("{\"running\":null}\n").code(0);
    assert_eq!(project.tree(), Vec::<String>::new());
}

#[test]
fn past_runs_are_told_newest_first() {
    let end = r#"{"exit":4,"seconds":7.31,"hits":3,"misses":14,"failed":1}"#;
    let done = format!(r#"{{"pid":7,"started_ms":1764000000000,"recipe":"vlog","inputs":["clip.mp4"],"end":{end}}}"#);
    let killed = r#"{"pid":8,"started_ms":1764000060000,"recipe":"train-chords","inputs":[]}"#;
    let project = Project::new()
        .file("store/cache/runs/001764000000000-7.json", done)
        .file("store/cache/runs/001764000060000-8.json", killed);
    let lines = "nothing runs\n\
        2025-11-24 16:01:00  train-chords: killed\n\
        2025-11-24 16:00:00  vlog clip.mp4: check failed in 7.3 s: 3 hits, 14 made, 1 failed\n";
    project.run(&["status"]).stdout(lines).code(0);
    project.run(&["status", "--last", "0"]).stdout("nothing runs\n").code(0);
}
