//! `kill -9` at any moment, then a run: it always succeeds, with the result of an undisturbed one.

use std::{
    collections::BTreeMap,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::Scored;
use crate::support::{Project, demo_clip};

const PREVIEW: [&str; 2] = ["--preview", "6"];

fn command(project: &Project) -> Command {
    let clip = demo_clip();
    let mut arguments = vec!["run".to_owned(), "demo".into(), "--input".into(), clip.display().to_string()];
    arguments.extend(PREVIEW.map(str::to_owned));
    let mut command = project.command(&arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn digests(project: &Project) -> BTreeMap<String, String> {
    Scored::at(project.path().join("out/big-buck-bunny")).digests()
}

/// Kills at `count` moments spread over a run, each followed by a whole run.
fn kill_and_continue(count: u32) {
    let undisturbed = Project::new();
    let start = Instant::now();
    assert!(command(&undisturbed).status().unwrap().success());
    let whole = start.elapsed();
    for moment in 1..=count {
        let project = Project::new();
        let mut run = command(&project).spawn().unwrap();
        thread::sleep(whole * moment / (count + 1));
        run.kill().unwrap();
        run.wait().unwrap();
        thread::sleep(Duration::from_millis(50));
        let outcome = command(&project).status().unwrap();
        assert!(outcome.success(), "killed at {moment} of {}: {outcome}", count + 1);
        assert_eq!(digests(&project), digests(&undisturbed), "killed at {moment} of {}", count + 1);
        let hidden: Vec<_> = project.tree().into_iter().filter(|path| path.starts_with("out/.")).collect();
        assert_eq!(hidden, Vec::<String>::new());
    }
}

#[test]
fn a_killed_run_is_continued() {
    kill_and_continue(3);
}

#[test]
#[ignore = "takes minutes: make test-long"]
fn a_run_killed_at_twenty_moments_is_continued() {
    kill_and_continue(20);
}
