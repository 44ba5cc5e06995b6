//! Files change and go while they are worked on.

use std::fs;

use super::{Mode, Watching, watching::both_ways};

both_ways!(replaced_while_running, deleted_while_running, changed_after_it_was_done, moved_to_another_name);

/// Slow enough to be met while it runs: many candidates.
const SLOW: [&str; 2] = ["--set", "knobs.candidates=8"];

fn replaced_while_running(mode: Mode) {
    let watching = Watching::new(mode).with(&SLOW).start();
    watching.clip("in/a.mp4", 1);
    watching.wait_for("a.mp4", "running");
    let other = watching.clip("elsewhere/a.mp4", 2);
    fs::rename(other, watching.path("in/a.mp4")).unwrap();
    let expected = blake3::hash(&fs::read(watching.path("in/a.mp4")).unwrap()).to_hex().to_string();
    watching.wait("the new content to be done", || {
        watching.job("a.mp4").is_some_and(|job| job["state"] == "done" && job["content"] == expected)
    });
    assert_eq!(watching.agrees(), 1);
}

fn deleted_while_running(mode: Mode) {
    let watching = Watching::new(mode).with(&SLOW).start();
    watching.clip("in/a.mp4", 1);
    watching.wait_for("a.mp4", "running");
    fs::remove_file(watching.path("in/a.mp4")).unwrap();
    watching.wait_for("a.mp4", "gone");
    // Nobody is held up by what nobody wants.
    watching.clip("in/b.mp4", 2);
    watching.wait_for("b.mp4", "done");
    assert_eq!(watching.agrees(), 1);
    assert!(!watching.path("out/a").exists());
    // It comes back.
    watching.clip("in/a.mp4", 1);
    watching.wait_for("a.mp4", "done");
    assert_eq!(watching.agrees(), 2);
}

fn changed_after_it_was_done(mode: Mode) {
    let watching = Watching::new(mode).start();
    watching.clip("in/a.mp4", 1);
    let first = watching.wait_for("a.mp4", "done");
    watching.clip("in/a.mp4", 2);
    watching.wait("another result", || {
        watching.job("a.mp4").is_some_and(|job| job["state"] == "done" && job["content"] != first["content"])
    });
    assert_eq!(watching.agrees(), 1);
}

/// What is done stays done; the new name is served from the cache.
fn moved_to_another_name(mode: Mode) {
    let watching = Watching::new(mode).start();
    watching.clip("in/a.mp4", 1);
    watching.wait_for("a.mp4", "done");
    fs::rename(watching.path("in/a.mp4"), watching.path("in/b.mp4")).unwrap();
    let job = watching.wait_for("b.mp4", "done");
    assert_eq!(job["result"]["made"], 0);
    assert_eq!((watching.state("a.mp4").as_str(), watching.agrees()), ("done", 2));
}
