//! Chords that are kept and sections that are composed anew, with random weights: what stays has to stay note for note.

use std::fs;

use serde_json::json;
use tempfile::NamedTempFile;

use super::{
    tests::{Composer, RandomWeights, composer, plan},
    *,
};
use crate::{
    artifact::Artifact,
    music::{Chord, Mode},
};

fn run_json(chords: &Chords, take: u64) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    let output = json!({ "port": "chords", "kind": "chords", "digest": Digest::of(&chords.to_bytes()) });
    let run = json!({
        "recipe": { "resolved": { "knobs": { "take": take } } },
        "stages": [
            { "name": "cue", "node": "plan.cue", "outputs": [] },
            { "name": "chords", "node": "generate.chords", "outputs": [output] },
        ],
    });
    fs::write(file.path(), run.to_string()).unwrap();
    file
}

#[test]
fn locked_chords_are_those_of_the_take_that_was_arranged() {
    let weights = RandomWeights::new();
    let composer = composer(&weights);
    let row = |name: &str| vec![name.parse::<Chord>().unwrap(); 17];
    let chords = Chords { takes: vec![row("C"), row("Am")], notes: vec![] };
    let file = run_json(&chords, 2);
    let bench = composer.bench("generate.chords", Part::Chords).input("stored", &chords);
    let found: Chords = bench.file("lock", file.path()).param("candidates", 2).run().unwrap().get("chords");
    assert_eq!(found.takes, [row("Am"), row("Am")]);
}

#[test]
fn where_a_take_was_picked_its_chords_are_locked() {
    let weights = RandomWeights::new();
    let composer = composer(&weights);
    let row = |name: &str| vec![name.parse::<Chord>().unwrap(); 17];
    let (all, picked) =
        (Chords { takes: vec![row("C"), row("Am")], notes: vec![] }, Chords { takes: vec![row("Am")], notes: vec![] });
    let output = |chords: &Chords| json!([{ "port": "chords", "digest": Digest::of(&chords.to_bytes()) }]);
    let run = json!({
        "recipe": { "resolved": { "knobs": { "take": "auto" } } },
        "stages": [
            { "name": "chords", "node": "generate.chords", "outputs": output(&all) },
            { "name": "best", "node": "select.best", "outputs": output(&picked) },
        ],
    });
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), run.to_string()).unwrap();
    let bench = composer.bench("generate.chords", Part::Chords).input("stored", &picked);
    let found: Chords = bench.file("lock", file.path()).run().unwrap().get("chords");
    assert_eq!(found.takes, [row("Am")]);
}

#[test]
fn chords_of_another_plan_are_refused() {
    let weights = RandomWeights::new();
    let composer = composer(&weights);
    let refused = |chords: &Chords, take: u64, stored: bool| {
        let file = run_json(chords, take);
        let bench = composer.bench("generate.chords", Part::Chords).file("lock", file.path());
        let bench = if stored { bench.input("stored", chords) } else { bench };
        bench.run().err().unwrap().message.replace(&file.path().display().to_string(), "run.json")
    };
    let chords = Chords { takes: vec![vec![Chord::None; 12]], notes: vec![] };
    insta::assert_snapshot!(refused(&chords, 1, true), @"lock: the chords of run.json fill 12 half bars, this plan has 17; chords stay with their plan, so give the video, tempo and preview of that run, or leave `lock` out");
    insta::assert_snapshot!(refused(&chords, 2, true), @"lock: run.json arranged take 2, but its chords have 1 takes; name a run that is whole");
    assert!(refused(&chords, 1, false).starts_with("lock: the store no longer has the chords of run.json (digest "));
}

/// Melody and accompaniment over these chords, with rolls of each.
fn rolled(composer: &Composer, chords: &Chords, of_melody: &str, of_accompaniment: &str) -> [Notes; 2] {
    tch::set_num_threads(1);
    let melody = composer.bench("generate.melody", Part::Melody).input("chords", chords).param("reroll", of_melody);
    let melody: Notes = melody.run().unwrap().get("melody");
    let accompaniment = composer.bench("generate.accompaniment", Part::Accompaniment).input("chords", chords);
    let accompaniment = accompaniment.input("melody", &melody).param("reroll", of_accompaniment);
    let accompaniment = accompaniment.run().unwrap().get("accompaniment");
    [melody, accompaniment]
}

/// Notes that begin inside the steps of bars 5 to 8, and the others, in all takes.
fn split(notes: &Notes) -> (Vec<Note>, Vec<Note>) {
    notes.takes.iter().flatten().partition(|note| (64..128).contains(&note.start))
}

#[test]
fn a_section_is_composed_anew_and_the_rest_stays() {
    let weights = RandomWeights::new();
    let sections = [("a", 0, 4), ("b", 4, 4), ("a'", 8, 4)];
    let composer = Composer { plan: plan(&[4; 12], &sections, Mode::Major), candidates: 2, ..composer(&weights) };
    let chords = composer.bench("generate.chords", Part::Chords).param("candidates", 2);
    let chords: Chords = chords.run().unwrap().get("chords");
    let before = rolled(&composer, &chords, "", "");
    let first = rolled(&composer, &chords, "b:1", "");
    let second = rolled(&composer, &chords, "b:2", "");
    let under = rolled(&composer, &chords, "", "2:1");
    let twice = rolled(&composer, &chords, "b:1, 3:1", "");
    for part in 0..2 {
        let (old, outside) = split(&before[part]);
        for roll in [&first, &second] {
            let (new, same) = split(&roll[part]);
            assert_eq!(same, outside, "part {part}");
            assert_ne!(new, old, "part {part}");
        }
        assert_ne!(split(&first[part]).0, split(&second[part]).0);
        let starts = |notes: &Notes, below: u32| {
            notes.takes.iter().flatten().filter(|note| note.start < below).copied().collect::<Vec<_>>()
        };
        assert_eq!(starts(&twice[part], 128), starts(&first[part], 128), "the second roll keeps the first");
        assert_ne!(twice[part].takes, first[part].takes);
    }
    assert_eq!(under[0], before[0]);
    assert!(split(&under[1]).1 == split(&before[1]).1 && split(&under[1]).0 != split(&before[1]).0);
    let voice = &first[0].takes[0];
    assert!(voice.windows(2).all(|pair| pair[0].start + u32::from(pair[0].duration) <= pair[1].start));
}
