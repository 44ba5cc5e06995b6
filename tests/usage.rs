//! What is wrong with a command line is found before work and leaves nothing behind.

use crate::support::Project;

#[test]
fn no_command_is_a_usage_error() {
    let outcome = Project::new().run(&[] as &[&str]).code(2).stdout("");
    assert!(outcome.stderr.contains("Usage: cuesmith <COMMAND>"), "{outcome:?}");
}

#[test]
fn help_and_version_are_no_errors() {
    let project = Project::new();
    assert!(project.run(&["--help"]).code(0).stderr("").stdout.contains("  replay "));
    project.run(&["--version"]).code(0).stdout(&format!("cuesmith {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn moods_are_listed_for_people_and_programs() {
    let project = Project::new();
    let listed = project.run(&["moods"]).code(0).stderr("").stdout.clone();
    let json: Vec<serde_json::Value> = serde_json::from_str(&project.run(&["moods", "--json"]).code(0).stdout).unwrap();
    assert_eq!(listed.lines().count(), json.len() + 1);
    assert!(json.len() >= 60 && json.iter().all(|mood| mood["valence"].is_number() && mood["arousal"].is_number()));
}

#[test]
fn an_unknown_argument_is_a_usage_error() {
    let project = Project::new();
    project.run(&["run", "vlog", "--loud"]).code(2).stderr_has("unexpected argument '--loud'");
    project.run(&["run", "vlog", "--preview", "0"]).code(2).stderr_has("write seconds from 1 to 86400");
    project.run(&["run", "vlog", "--jobs", "0"]).code(2).stderr_has("0 is not in 1..=1024");
    project
        .run(&["run", "vlog", "--device", "gpu"])
        .code(2)
        .stderr("error: `gpu` is no device; write auto, cpu, cuda or cuda:N\n");
    assert_eq!(project.tree(), Vec::<String>::new());
}
