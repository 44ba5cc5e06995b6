//! Damaged results are made anew by the stage that made them.

use std::fs;

use serde_json::json;

use super::fake::{World, plan, read, stage, statuses};
use crate::{
    graph::Plan,
    run::{Event, InputOutcome, Status},
};

fn chain(last: i32) -> Plan {
    plan(vec![
        stage("a", json!({}), &[]),
        stage("b", json!({}), &["a"]),
        stage("c", json!({ "same": last }), &["b"]),
        stage("d", json!({ "same": last }), &["a", "b"]),
    ])
}

/// Turns one byte of what a stage made.
fn damage(world: &World, outcome: &InputOutcome, stage: &str) {
    let path = world.store.blobs().path(outcome.stage(stage).unwrap().outputs["report"][0].digest);
    let mut bytes = fs::read(&path).unwrap();
    bytes[3] ^= 1;
    fs::write(&path, bytes).unwrap();
}

#[test]
fn a_damaged_input_is_made_anew_and_its_readers_run_again() {
    let mut world = World::new(2);
    let first = world.run(vec![chain(1)]).remove(0);
    damage(&world, &first, "b");
    let second = world.run(vec![chain(2)]).remove(0);
    assert_eq!(statuses(&second), [Status::Hit, Status::Miss, Status::Miss, Status::Miss]);
    assert_eq!(second.stage("b").unwrap().outputs, first.stage("b").unwrap().outputs);
    read(&world, &second, "b");
    assert!(world.warnings().iter().all(|warning| warning == "b: its stored result is damaged and is made anew"));
    assert_eq!(world.warnings().len(), 1);
    let ended = world.events.iter().filter(|event| matches!(event, Event::StageEnded { .. })).count();
    assert_eq!(ended, 4);
}

#[test]
fn damage_goes_back_as_far_as_it_has_to() {
    let mut world = World::new(1);
    let first = world.run(vec![chain(1)]).remove(0);
    damage(&world, &first, "a");
    damage(&world, &first, "b");
    let second = world.run(vec![chain(2)]).remove(0);
    assert_eq!(statuses(&second), [Status::Miss; 4]);
    assert_eq!(statuses(&world.run(vec![chain(2)])[0]), [Status::Hit; 4]);
}

#[test]
fn a_lost_result_is_no_hit() {
    let mut world = World::new(1);
    let first = world.run(vec![chain(1)]).remove(0);
    let path = world.store.blobs().path(first.stage("b").unwrap().outputs["report"][0].digest);
    fs::remove_file(path).unwrap();
    assert_eq!(statuses(&world.run(vec![chain(1)])[0]), [Status::Hit, Status::Miss, Status::Hit, Status::Hit]);
}

#[test]
fn a_failure_with_whole_inputs_is_final() {
    let mut world = World::new(1);
    let broken = plan(vec![stage("a", json!({}), &[]), stage("b", json!({ "fail": "temporary" }), &["a"])]);
    assert_eq!(statuses(&world.run(vec![broken])[0]), [Status::Miss, Status::Failed]);
    assert_eq!(world.done().len(), 2);
}
