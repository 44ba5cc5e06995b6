//! Ctrl-C: the first finishes what runs, nothing new starts; the next run goes on from there.

use serde_json::json;

use super::fake::{World, plan, stage, statuses};
use crate::{
    graph::Plan,
    run::{Event, Interrupt, Status},
};

fn slow(name: i32) -> Plan {
    plan(vec![
        stage("a", json!({ "same": name, "sleep_ms": 50 }), &[]),
        stage("b", json!({ "same": name }), &["a"]),
        stage("c", json!({ "same": name, "sleep_ms": 51 }), &[]),
    ])
}

#[test]
fn what_runs_finishes_and_nothing_new_starts() {
    let mut world = World::new(1);
    let interrupt = world.options.interrupt.clone();
    let outcomes = world.run_with((0..5).map(slow).collect(), |event| {
        if matches!(event, Event::StageStarted { .. }) {
            interrupt.press();
        }
    });
    assert_eq!(statuses(&outcomes[0]), [Status::Miss, Status::Skipped, Status::Skipped]);
    assert!(outcomes.iter().all(|outcome| outcome.interrupted && outcome.stages.len() == 3));
    assert_eq!(world.done().len(), 1);
    let stopping = world.events.iter().filter(|event| matches!(event, Event::Stopping)).count();
    let ended = world.events.iter().filter(|event| matches!(event, Event::InputEnded { .. })).count();
    assert_eq!((stopping, ended), (1, 5));

    world.options.interrupt = Interrupt::default();
    let outcomes = world.run((0..5).map(slow).collect());
    assert_eq!(statuses(&outcomes[0]), [Status::Hit, Status::Miss, Status::Miss]);
    assert!(outcomes.iter().all(|outcome| !outcome.interrupted));
}

#[test]
fn an_input_whose_last_stage_finished_is_not_interrupted() {
    let mut world = World::new(1);
    let interrupt = world.options.interrupt.clone();
    let outcomes = world.run_with(vec![plan(vec![stage("a", json!({}), &[])])], |event| {
        if matches!(event, Event::StageStarted { .. }) {
            interrupt.press();
        }
    });
    assert_eq!(statuses(&outcomes[0]), [Status::Miss]);
    assert!(!outcomes[0].interrupted);
}
