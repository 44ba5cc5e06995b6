//! A worker that dies in mid-stage costs one input, says why, and the rest of the batch goes on.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Stdio},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::{Project, demo_clip};

/// Two inputs, one worker; the worker is sent a signal while it decodes the first input.
fn batch_with_a_dying_worker(signal: Signal) -> (Project, String, Option<i32>) {
    let project = Project::new();
    for name in ["first.mp4", "second.mp4"] {
        fs::copy(demo_clip(), project.path().join(name)).unwrap();
    }
    // Another content, or the first one's death would be that of both.
    let mut first = fs::read(project.path().join("first.mp4")).unwrap();
    first.extend([0; 8]);
    fs::write(project.path().join("first.mp4"), first).unwrap();
    let arguments = ["run", "demo", "--json", "--jobs", "1", "--preview", "6", "--input", "first.mp4", "second.mp4"];
    let mut run = project.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(run.stdout.take().unwrap()).lines();
    for line in lines.by_ref() {
        let event: Value = serde_json::from_str(&line.unwrap()).unwrap();
        if event["event"] == "stage_started" && event["stage"] == "accompaniment" && event["input"] == 0 {
            break;
        }
    }
    kill_process(worker_of(&run), signal).unwrap();
    lines.for_each(drop);
    let output = run.wait_with_output().unwrap();
    (project, String::from_utf8(output.stderr).unwrap(), output.status.code())
}

/// The only child of the front.
fn worker_of(front: &Child) -> Pid {
    for _ in 0..200 {
        // Any of the front's threads may have started it.
        let threads = fs::read_dir(format!("/proc/{}/task", front.id())).unwrap();
        let children =
            threads.map(|thread| fs::read_to_string(thread.unwrap().path().join("children")).unwrap_or_default());
        if let Some(pid) = children.collect::<String>().split_whitespace().next().and_then(|pid| pid.parse().ok()) {
            return Pid::from_raw(pid).unwrap();
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("the front has no worker");
}

fn lines_with(text: &str, word: &str) -> usize {
    text.lines().filter(|line| line.contains(word)).count()
}

#[track_caller]
fn dies_clearly(signal: Signal, name: &str) {
    let (project, stderr, code) = batch_with_a_dying_worker(signal);
    assert_eq!(code, Some(1), "{stderr}");
    assert_eq!(lines_with(&stderr, "error:"), 1, "{stderr}");
    assert!(stderr.contains("first.mp4") && stderr.contains("accompaniment") && stderr.contains(name), "{stderr}");
    assert!(!project.path().join("out/first").exists());
    assert!(project.path().join("out/second/second.mp4").exists(), "{stderr}");
}

#[test]
fn a_segmentation_fault_costs_one_input() {
    dies_clearly(Signal::SEGV, "SIGSEGV");
}

#[test]
fn a_kill_costs_one_input() {
    dies_clearly(Signal::KILL, "SIGKILL");
}

#[test]
fn the_memory_limit_ends_a_stage_with_a_clear_error() {
    let project = Project::new();
    let clip = demo_clip();
    let set = "stages.stems.memory_mib=64";
    let outcome =
        project.run(&["run", "demo", "--preview", "6", "--set", set, "--input", clip.to_str().unwrap()]).code(75);
    assert!(outcome.stderr.contains("memory_mib") && outcome.stderr.contains("stems"), "{outcome:?}");
    assert!(!Path::new(&project.path().join("out")).exists());
}
