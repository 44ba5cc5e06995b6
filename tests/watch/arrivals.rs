//! Files come: slowly, at once, under other names, while nobody looks.

use std::{fs, io::Write, thread, time::Duration};

use super::{Mode, Watching, watching::both_ways};

both_ways!(
    a_slow_copy,
    renamed_into_place,
    a_copy_under_another_name,
    fifty_at_once,
    while_nobody_looked,
    the_same_twice
);

/// Twenty seconds long, in pieces; it is taken when it is whole, and once.
fn a_slow_copy(mode: Mode) {
    let watching = Watching::new(mode).start();
    let whole = fs::read(watching.clip("elsewhere/slow.mp4", 1)).unwrap();
    let mut file = fs::File::create(watching.path("in/slow.mp4")).unwrap();
    for piece in whole.chunks(whole.len().div_ceil(40)) {
        file.write_all(piece).unwrap();
        file.sync_all().unwrap();
        thread::sleep(Duration::from_millis(500));
        assert!(!watching.path("out").exists(), "it was taken too soon\n{}", watching.log());
    }
    drop(file);
    let job = watching.wait_for("slow.mp4", "done");
    assert_eq!((job["attempts"].as_u64(), watching.agrees()), (Some(0), 1));
}

fn renamed_into_place(mode: Mode) {
    let watching = Watching::new(mode).start();
    let away = watching.clip("elsewhere/a.mp4", 1);
    fs::create_dir(watching.path("in/day")).unwrap();
    fs::rename(away, watching.path("in/day/a.mp4")).unwrap();
    watching.wait_for("a.mp4", "done");
    assert!(watching.path("out/day/a/score.mid").exists());
    assert_eq!(watching.agrees(), 1);
    // A folder comes as a whole.
    watching.clip("elsewhere/trip/b.mp4", 2);
    fs::rename(watching.path("elsewhere/trip"), watching.path("in/trip")).unwrap();
    watching.wait_for("b.mp4", "done");
    assert!(watching.path("out/trip/b/run.json").exists());
}

/// Names that programs give to what is not finished are never taken; hidden files and folders neither.
fn a_copy_under_another_name(mode: Mode) {
    let watching = Watching::new(mode).start();
    let names = ["in/a.mp4.part", "in/.b.mp4.Xy12", "in/c.part.mp4", "in/_UNPACK_d/d.mp4", "in/.e/e.mp4"];
    let paths = names.map(|name| watching.clip(name, 1));
    thread::sleep(Duration::from_secs(4));
    assert!(watching.jobs().is_empty(), "{:?}", watching.jobs());
    fs::rename(&paths[0], watching.path("in/a.mp4")).unwrap();
    fs::rename(&paths[1], watching.path("in/b.mp4")).unwrap();
    watching.wait_for("a.mp4", "done");
    watching.wait_for("b.mp4", "done");
    assert_eq!((watching.jobs().len(), watching.agrees()), (2, 2));
}

fn fifty_at_once(mode: Mode) {
    let watching = Watching::new(mode).with(&["--workers", "2"]).start();
    for number in 0..50 {
        watching.clip(&format!("in/clip-{number}.mp4"), number);
    }
    let done = || watching.jobs().iter().filter(|job| job["state"] == "done").count() == 50;
    watching.wait("fifty results", done);
    assert_eq!(watching.agrees(), 50);
}

fn while_nobody_looked(mode: Mode) {
    let mut watching = Watching::new(mode).start();
    watching.clip("in/a.mp4", 1);
    watching.wait_for("a.mp4", "done");
    assert_eq!(watching.stop(), Some(0));
    watching.clip("in/b.mp4", 2);
    watching.clip("in/a.mp4", 3);
    watching.restart();
    watching.wait_for("b.mp4", "done");
    watching.wait("the new a.mp4", || {
        watching.job("a.mp4").is_some_and(|job| job["state"] == "done" && job["stamp"]["bytes"] == job_bytes(&watching))
    });
    watching.wait("both to agree", || watching.jobs().iter().all(|job| job["state"] == "done"));
    assert_eq!(watching.agrees(), 2);
}

fn job_bytes(watching: &Watching) -> u64 {
    fs::metadata(watching.path("in/a.mp4")).unwrap().len()
}

/// A file of the same content under another name is served from the cache, also when both come at once.
fn the_same_twice(mode: Mode) {
    let watching = Watching::new(mode).with(&["--workers", "2"]).start();
    watching.clip("in/a.mp4", 1);
    watching.clip("in/b.mp4", 1);
    let (a, b) = (watching.wait_for("a.mp4", "done"), watching.wait_for("b.mp4", "done"));
    let made = |job: &serde_json::Value| job["result"]["made"].as_u64().unwrap();
    assert_eq!(made(&a).min(made(&b)), 0, "{a} {b}");
    assert!(made(&a).max(made(&b)) > 5);
    watching.clip("in/sub/c.mov", 1);
    let c = watching.wait_for("c.mov", "done");
    assert_eq!((made(&c), watching.agrees()), (0, 3));
}
