//! How an attempt follows another.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::fake::{SEEDED, check, plan, stage};
use crate::{
    graph::Plan,
    recipe::OnFail,
    run::{
        Attempts,
        attempts::{Next, Refusal, Trial, seed},
    },
};

fn song() -> Plan {
    let mut plan = plan(vec![
        stage("cue", json!({}), &[]),
        stage("chords", json!({}), &["cue"]),
        check("fit", true, OnFail::Reroll { rerolls: 2 }, &["chords"]),
        stage("sound", json!({}), &["chords"]),
    ]);
    plan.stages[1].node = &SEEDED;
    plan
}

fn refusal(shortfall: f64) -> BTreeMap<String, Refusal> {
    BTreeMap::from([("fit".to_owned(), Refusal { message: format!("{shortfall} too little"), shortfall })])
}

#[test]
fn what_a_trial_needs_and_what_it_draws_anew() {
    let song = song();
    let trial = Trial::new(&song, None);
    assert_eq!(trial.needed(), BTreeSet::from(["chords", "cue", "fit"]));
    assert_eq!(trial.redrawn(), BTreeSet::from(["chords", "fit", "sound"]));
    assert_eq!(seed(&song, &song.stages[0], 2), seed(&song, &song.stages[0], 1));
    assert_ne!(seed(&song, &song.stages[1], 2), seed(&song, &song.stages[1], 1));
    assert_ne!(seed(&song, &song.stages[1], 2), seed(&song, &song.stages[1], 3));
}

#[test]
fn the_first_that_passes_is_kept() {
    let song = song();
    let mut trial = Trial::new(&song, None);
    assert_eq!(trial.judge(&refusal(0.5)), Next::Redraw);
    assert!(!trial.is_settled());
    assert_eq!(trial.judge(&BTreeMap::new()), Next::Keep);
    assert_eq!(trial.attempts().summary(), "attempt 2 of 2 is kept, it passed; attempt 1: fit: 0.5 too little");
    assert!(trial.is_settled());
}

#[test]
fn where_none_passes_the_nearest_is_kept() {
    let song = song();
    let mut trial = Trial::new(&song, None);
    for shortfall in [0.5, 0.25, 0.75] {
        assert_eq!(trial.judge(&refusal(shortfall)), Next::Redraw);
    }
    assert!(trial.is_settled());
    let summary = trial.attempts().summary();
    assert!(summary.starts_with("attempt 2 of 3 is kept, it came nearest, none passed; attempt 1: "), "{summary}");
    let held = trial.attempts().clone();
    assert!(Trial::new(&song, Some(&held)).is_settled());
}

#[test]
fn nothing_is_tried_again_that_no_seed_changes() {
    let mut fixed = song();
    fixed.stages[1].node = fixed.stages[0].node;
    let mut trial = Trial::new(&fixed, None);
    assert_eq!(trial.judge(&refusal(0.5)), Next::Keep);
    assert_eq!(trial.attempts(), &Attempts::default());
}
