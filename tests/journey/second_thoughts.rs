//! A composer's second thoughts: the chords of an earlier run are kept, one section is composed anew, all else stays.

use std::{fs, ops::Range};

use serde_json::Value;

use crate::support::{COMPOSE, Outcome, Project, demo_clip};

const RESULTS: &str = "out/big-buck-bunny/run.json";

struct Session(Project);

impl Session {
    fn new() -> Self {
        Self(Project::new().file("compose.toml", COMPOSE))
    }

    fn run(&self, more: &[&str]) -> Outcome {
        let clip = demo_clip();
        // Bars of sixteen steps: no short one for a cut.
        let arguments = ["run", "compose.toml", "--input", clip.to_str().unwrap(), "--set", "cuts_on_beats=0"];
        self.0.run(&[&arguments[..], more].concat())
    }

    fn digest(&self, stage: &str) -> String {
        let run = self.0.json(RESULTS);
        let stage = run["stages"].as_array().unwrap().iter().find(|found| found["name"] == stage).unwrap().clone();
        stage["outputs"][0]["digest"].as_str().unwrap().to_owned()
    }

    fn output(&self, stage: &str) -> Value {
        let digest = self.digest(stage);
        let blob = self.0.path().join("store/cache/blobs").join(&digest[..2]).join(&digest);
        serde_json::from_slice(&fs::read(blob).unwrap()).unwrap()
    }

    /// Number of section a, counted from 1, and its steps; all bars have sixteen.
    fn section_a(&self) -> (usize, Range<u64>) {
        let plan = self.output("cue");
        let sections = plan["sections"].as_array().unwrap();
        let number = sections.iter().position(|section| section["name"] == "a").unwrap();
        let bars = |field: &str| sections[number][field].as_u64().unwrap();
        (number + 1, 16 * bars("first_bar")..16 * (bars("first_bar") + bars("bars")))
    }

    /// Start, pitch, duration and velocity of a part's notes in the first take: those inside a stretch, and the others.
    fn split(&self, part: &str, inside: &Range<u64>) -> (Vec<Value>, Vec<Value>) {
        let notes = self.output(part)["takes"][0].as_array().unwrap().clone();
        notes.into_iter().partition(|note| inside.contains(&note["start"].as_u64().unwrap()))
    }
}

#[test]
fn locked_chords_stay_while_the_rest_is_new() {
    let session = Session::new();
    session.run(&["--preview", "12"]).code(0);
    let before = (session.digest("chords"), session.digest("melody"));
    fs::copy(session.0.path().join(RESULTS), session.0.path().join("kept.json")).unwrap();
    let lock = ["--set", "stages.chords.lock=kept.json"];
    session.run(&[&["--preview", "12", "--seed", "9"], &lock[..]].concat()).code(0);
    assert_eq!(session.digest("chords"), before.0);
    assert_ne!(session.digest("melody"), before.1);
    let refused = session.run(&[&["--preview", "24"], &lock[..]].concat()).code(2);
    assert!(
        refused.stderr.contains("kept.json fill ")
            && refused.stderr.contains(" half bars, this plan has ")
            && refused.stderr.contains("or leave `lock` out"),
        "{refused:?}"
    );
    fs::write(session.0.path().join("kept.json"), "{}").unwrap();
    session.run(&[&["--preview", "12"], &lock[..]].concat()).code(2).stderr_has("kept.json is no run.json of cuesmith");
}

#[test]
fn one_section_is_composed_anew_and_the_rest_stays_note_for_note() {
    let session = Session::new();
    let run = |more: &[&str]| session.run(&[&["--preview", "30"], more].concat());
    run(&[]).code(0);
    let (number, inside) = session.section_a();
    let parts = || ["melody", "accompaniment"].map(|part| session.split(part, &inside));
    let before = parts();
    assert!(before.iter().all(|(inside, outside)| !inside.is_empty() && !outside.is_empty()));
    run(&["--set", "stages.melody.reroll=a:1"]).code(0);
    let first = parts();
    run(&["--set", &format!("stages.melody.reroll={number}:2")]).code(0);
    let second = parts();
    for part in 0..2 {
        assert_eq!(first[part].1, before[part].1, "what lies outside stays");
        assert_eq!(second[part].1, before[part].1);
        assert_ne!(first[part].0, before[part].0);
        assert_ne!(first[part].0, second[part].0, "each roll is another one");
    }
    run(&["--set", "stages.accompaniment.reroll=a:1"]).code(0);
    let under = parts();
    assert_eq!(under[0], before[0], "the melody stays as it was");
    assert!(under[1].1 == before[1].1 && under[1].0 != before[1].0);
    let refused = run(&["--set", "stages.melody.reroll=verse:2"]).code(2);
    refused.stderr_has("reroll: the plan has no section \"verse\"; it has 1 ");
}
