//! `cuesmith cache` on an empty store and beside a writer.

use std::fs::File;

use rustix::fs::{FlockOperation, flock};

use crate::support::Project;

#[test]
fn reading_an_empty_store_makes_nothing() {
    let project = Project::new();
    project.run(&["cache", "ls"]).stdout("0 records, 0 B\n").stderr("").code(0);
    project.run(&["cache", "ls", "--json"]).stdout("").code(0);
    project.run(&["cache", "verify"]).stdout("0 files, 0 damaged, 0 missing\n").code(0);
    assert_eq!(project.tree(), Vec::<String>::new());
}

#[test]
fn an_empty_store_can_be_collected_and_rebuilt() {
    let project = Project::new();
    project.run(&["cache", "gc", "--max-size", "1GB"]).stdout("dropped 0 records, freed 0 B, 0 B stay\n").code(0);
    project.run(&["cache", "rebuild", "--store", "store"]).stdout("the index holds 0 records\n").code(0);
}

#[test]
fn a_size_that_is_none_is_refused() {
    let refused = Project::new().run(&["cache", "gc", "--max-size", "much"]).code(2);
    assert!(refused.stderr.contains("`much` is no size; write 500MB, 2GiB or a number of bytes"), "{refused:?}");
}

#[test]
fn who_writes_is_named_and_readers_go_on() {
    let holder = r#"{"pid":7,"command":"cuesmith run vlog","since_ms":0}"#;
    let project = Project::new().file("store/cache/lock", holder);
    let lock = File::open(project.path().join("store/cache/lock")).unwrap();
    flock(&lock, FlockOperation::LockExclusive).unwrap();
    project
        .run(&["cache", "rebuild"])
        .stderr(
            "error: store store: in use by process 7 (cuesmith run vlog); \
             wait until it is done, or choose another place with --store\n",
        )
        .code(75);
    project.run(&["cache", "ls"]).stdout("0 records, 0 B\n").code(0);
    project.run(&["status"]).stdout("running: process 7 (cuesmith run vlog)\n").code(0);
}

#[test]
fn a_store_that_cannot_be_made_is_the_users_to_change() {
    let project = Project::new().file("file", "x");
    let refused = project.run(&["cache", "rebuild", "--store", "file/store"]).code(2);
    assert!(refused.stderr.starts_with("error: making folder file/store/cache"), "{refused:?}");
}
