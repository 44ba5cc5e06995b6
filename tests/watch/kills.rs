//! `kill -9` under load, again and again: in the end every file has one whole result.

use std::{thread, time::Duration};

use super::{Mode, Watching};

/// Seconds of life between two kills, spread without a clock: the same each time.
fn life(kill: u32) -> Duration {
    Duration::from_millis(u64::from(600 + kill * 7919 % 2600))
}

fn killed(mode: Mode, kills: u32, files: u32) {
    let mut watching = Watching::new(mode).with(&["--workers", "2"]);
    for kill in 0..kills {
        watching.restart();
        for number in (0..files).filter(|number| number % kills == kill) {
            watching.clip(&format!("in/clip-{number}.mp4"), number);
        }
        thread::sleep(life(kill));
        watching.kill();
    }
    watching.run_once(0);
    let states: Vec<_> = watching.jobs().iter().map(|job| job["state"].as_str().unwrap().to_owned()).collect();
    assert!(states.iter().all(|state| state == "done"), "{states:?}\n{}", watching.log());
    assert_eq!(watching.agrees(), files as usize);
    // Nothing is done twice: another start finds nothing to do.
    let before = watching.jobs();
    watching.run_once(0);
    assert_eq!(watching.jobs(), before);
}

#[test]
fn six_kills_by_events() {
    killed(Mode::Events, 6, 12);
}

#[test]
fn six_kills_by_polling() {
    killed(Mode::Polling, 6, 12);
}

#[test]
#[ignore = "takes minutes: make test-long"]
fn thirty_kills() {
    killed(Mode::Events, 30, 40);
    killed(Mode::Polling, 30, 40);
}

/// The index over the ledger is damaged by hand: it is made anew from the jobs' files.
#[test]
fn a_damaged_index_costs_nothing() {
    let mut watching = Watching::new(Mode::Events).start();
    watching.clip("in/a.mp4", 1);
    watching.wait_for("a.mp4", "done");
    watching.kill();
    let index = watching.path("store/cache/index");
    for entry in walk(&index) {
        let bytes = std::fs::read(&entry).unwrap();
        std::fs::write(&entry, vec![0xa5; bytes.len()]).unwrap();
    }
    let before = watching.jobs();
    watching.run_once(0);
    assert_eq!(watching.jobs(), before);
    assert_eq!(watching.agrees(), 1);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
