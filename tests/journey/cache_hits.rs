//! A second run does nothing; a turned knob runs what depends on it and nothing else; `explain` says why.

use std::{collections::BTreeSet, fs, path::Path, process::Command, time::Instant};

use super::Scored;
use crate::support::{Project, demo_clip};

/// A project in which the demo clip's first seconds are scored.
fn scored_project() -> Project {
    let project = Project::new();
    run(&project, &[]);
    project
}

fn run(project: &Project, more: &[&str]) {
    let clip = demo_clip();
    let arguments = ["run", "demo", "--preview", "6", "--input", clip.to_str().unwrap()];
    project.run(&[&arguments[..], more].concat()).code(0);
}

fn results(project: &Project) -> Scored {
    Scored::at(project.path().join("out/big-buck-bunny"))
}

fn misses(scored: &Scored) -> BTreeSet<String> {
    scored.statuses().into_iter().filter(|(_, status)| status == "miss").map(|(name, _)| name).collect()
}

#[test]
fn a_second_run_needs_no_worker_and_no_time() {
    let project = scored_project();
    let before = results(&project).digests();
    let alone = front_without_worker();
    let clip = demo_clip();
    let start = Instant::now();
    let arguments = ["run", "demo", "--preview", "6", "--input", clip.to_str().unwrap()];
    let output = Command::new(alone.join("cuesmith")).args(arguments).current_dir(project.path()).output().unwrap();
    let seconds = start.elapsed().as_secs_f64();
    fs::remove_dir_all(&alone).unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(misses(&results(&project)), BTreeSet::new());
    assert_eq!(results(&project).digests(), before);
    assert!(seconds < 0.6, "{seconds} s");
}

/// The front in a folder of its own below the build's, so that it finds recipes and weights but no worker.
fn front_without_worker() -> std::path::PathBuf {
    let front = Path::new(env!("CARGO_BIN_EXE_cuesmith"));
    let folder = front.with_file_name(format!("alone-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    fs::copy(front, folder.join("cuesmith")).unwrap();
    folder
}

#[test]
fn a_turned_knob_runs_what_depends_on_it_and_explain_names_it() {
    let project = scored_project();
    let clip = demo_clip();
    let arguments = ["explain", "demo", "--preview", "6", "--input", clip.to_str().unwrap(), "--set", "loudness=-20"];
    let explained = project.run(&arguments).code(0);
    assert!(explained.stdout.contains("loudness"), "{}", explained.stdout);
    run(&project, &["--set", "loudness=-20"]);
    let expected = ["bed", "page", "sync", "video"].map(str::to_owned);
    assert_eq!(misses(&results(&project)), BTreeSet::from(expected));
}

#[test]
fn a_lost_or_damaged_index_costs_no_stage() {
    let project = scored_project();
    let index = project.path().join("store/cache/index");
    fs::remove_dir_all(&index).unwrap();
    run(&project, &[]);
    assert_eq!(misses(&results(&project)), BTreeSet::new());
    for file in ["db", "conf"] {
        fs::write(index.join(file), vec![0xa5; 4096]).unwrap();
        run(&project, &[]);
        assert_eq!(misses(&results(&project)), BTreeSet::new(), "{file}");
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "only the release profile leaves the libraries out")]
fn the_front_is_linked_to_no_media_and_no_tensors() {
    let front = env!("CARGO_BIN_EXE_cuesmith");
    let output = Command::new("readelf").args(["--dynamic", front]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let needed: Vec<_> = text.lines().filter(|line| line.contains("NEEDED")).collect();
    assert!(!needed.is_empty(), "{text}");
    let heavy = ["torch", "libav", "libsw", "c10"];
    assert!(!needed.iter().any(|line| heavy.iter().any(|name| line.contains(name))), "{needed:#?}");
}
