//! The one gate of tests that need a GPU: they run where an NVIDIA driver is loaded and say so where it is not.

use std::path::Path;

use super::Scored;
use crate::support::{Project, demo_clip};

fn has_gpu() -> bool {
    let there = Path::new("/proc/driver/nvidia/version").exists();
    if !there {
        eprintln!("not run: this machine has no NVIDIA driver");
    }
    there
}

#[test]
fn the_demo_is_composed_on_the_gpu() {
    if !has_gpu() {
        return;
    }
    let project = Project::new();
    let clip = demo_clip();
    project.run(&["run", "demo", "--preview", "6", "--device", "cuda", "--input", clip.to_str().unwrap()]).code(0);
    let scored = Scored::at(project.path().join("out/big-buck-bunny"));
    assert_eq!(scored.run_json()["device"].as_str().map(|device| device.starts_with("cuda")), Some(true));
    assert!(scored.notes_in_midi() > 0);
}

#[test]
fn asking_for_a_gpu_that_is_not_there_is_a_usage_error() {
    if Path::new("/proc/driver/nvidia/version").exists() {
        return;
    }
    let project = Project::new();
    let clip = demo_clip();
    let refused = project.run(&["run", "demo", "--device", "cuda", "--input", clip.to_str().unwrap()]).code(2);
    assert!(refused.stderr.starts_with("error: cuda") && refused.stderr.contains("--device cpu"), "{refused:?}");
}
