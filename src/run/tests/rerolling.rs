//! Pieces that a check has composed anew.

use serde_json::json;

use super::fake::{SEEDED, World, check, plan, stage, statuses};
use crate::{
    graph::Plan,
    recipe::OnFail,
    run::{Attempts, Device, Event, Explanation, InputOutcome, Status, explain},
};

/// A song whose fit passes below a reading that another seed changes.
fn song(passes_below: u64) -> Plan {
    let mut plan = plan(vec![
        stage("cue", json!({}), &[]),
        stage("chords", json!({}), &["cue"]),
        check("fit", true, OnFail::Reroll { rerolls: 3 }, &["chords"]),
        stage("sound", json!({ "same": 1 }), &["chords"]),
        stage("page", json!({ "same": 2 }), &["sound", "fit"]),
    ]);
    plan.stages[1].node = &SEEDED;
    plan.stages[2].params = json!({ "passes_below": passes_below }).as_object().unwrap().clone();
    plan
}

fn run(world: &mut World, passes_below: u64) -> InputOutcome {
    world.run(vec![song(passes_below)]).remove(0)
}

fn rerolls(world: &World) -> usize {
    world.events.iter().filter(|event| matches!(event, Event::Rerolled { .. })).count()
}

#[test]
fn the_best_attempt_stays_where_none_passes() {
    let mut world = World::new(2);
    let outcome = run(&mut world, 0);
    let Attempts { kept, refused } = &outcome.attempts;
    assert_eq!(refused.len(), 4, "{refused:?}");
    let best = refused.iter().min_by(|a, b| a.shortfall.total_cmp(&b.shortfall)).unwrap();
    assert_eq!(*kept, best.attempt);
    assert!(outcome.failure().is_none() && outcome.stages.iter().all(|stage| !stage.outputs.is_empty()));
    assert_eq!(world.warnings(), [format!("fit: attempt {kept} of 4 is kept though none passed: as told")]);
    assert_eq!(world.done().len(), 1 + 2 * 4 + 2, "what no check needs is made once, for the attempt that stays");
}

#[test]
fn the_first_attempt_that_passes_is_kept_and_the_next_run_has_it() {
    let mut world = World::new(2);
    let refused = run(&mut world, 0).attempts.refused;
    let last = &refused[1..].iter().min_by(|a, b| a.shortfall.total_cmp(&b.shortfall)).unwrap();
    let passes_below = last.shortfall as u64 + 1;
    let expected = refused.iter().find(|refused| (refused.shortfall as u64) < passes_below).unwrap().attempt;
    let first = run(&mut world, passes_below);
    assert_eq!((first.attempts.kept, first.attempts.refused.len()), (expected, expected as usize - 1));
    assert_eq!(rerolls(&world), expected as usize - 1);
    assert!(world.warnings().is_empty());
    let again = run(&mut world, passes_below);
    assert_eq!(statuses(&again), [Status::Hit; 5]);
    assert_eq!((&again.attempts, rerolls(&world)), (&first.attempts, expected as usize - 1));
    assert!(world.done().is_empty());
    let states = explain(&world.store, &song(passes_below), None, Device::Cpu);
    assert!(states.iter().all(|stage| matches!(stage.state, Explanation::Hit { .. })), "{states:?}");
    let keys = |outcome: &InputOutcome| outcome.stages.iter().map(|stage| stage.key).collect::<Vec<_>>();
    let held = world.run_holding(song(passes_below), first.attempts.clone());
    assert_eq!((keys(&held), rerolls(&world)), (keys(&again), 0), "an attempt that is named is made and no other");
}

#[test]
fn explain_stops_where_a_run_would_go_on() {
    let mut world = World::new(1);
    let attempts = run(&mut world, 0).attempts;
    let states = |passes_below| {
        let states = explain(&world.store, &song(passes_below), None, Device::Cpu);
        states.into_iter().map(|stage| matches!(stage.state, Explanation::Hit { .. })).collect::<Vec<_>>()
    };
    assert_eq!(states(0), [true; 5]);
    assert_eq!(states(256), [true, true, false, attempts.kept == 1, false], "the check has another bound");
}
