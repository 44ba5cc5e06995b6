//! One seed, one result: whatever the store, the number of workers, the number of takes.

use std::collections::BTreeMap;

use super::Scored;
use crate::support::{Project, demo_clip};

fn digests(more: &[&str]) -> BTreeMap<String, String> {
    let project = Project::new();
    let clip = demo_clip();
    let arguments = ["run", "demo", "--preview", "8", "--input", clip.to_str().unwrap()];
    project.run(&[&arguments[..], more].concat()).code(0);
    let digests = Scored::at(project.path().join("out/big-buck-bunny")).digests();
    digests.into_iter().filter(|(path, _)| path != "report.html").collect()
}

#[test]
fn the_seed_alone_decides() {
    let first = digests(&["--jobs", "1"]);
    assert!(first.contains_key("score.mid") && first.contains_key("music.wav"));
    assert_eq!(digests(&["--jobs", "2", "--set", "candidates=3"]), first);
    let other = digests(&["--seed", "4711"]);
    assert_ne!(other["score.mid"], first["score.mid"]);
    assert_ne!(other["music.wav"], first["music.wav"]);
}
