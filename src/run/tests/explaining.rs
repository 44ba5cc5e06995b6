//! What `explain` says beside what a run then does.

use serde_json::json;

use super::fake::{SEEDED, World, plan, stage};
use crate::{
    graph::Plan,
    run::{Device, Explanation, explain},
    store::Change,
};

fn chain() -> Plan {
    let mut plan = plan(vec![
        stage("a", json!({ "loudness": -16 }), &[]),
        stage("b", json!({ "take": 1 }), &["a"]),
        stage("c", json!({ "mood": "glad" }), &[]),
    ]);
    plan.stages[2].node = &SEEDED;
    plan
}

fn states(world: &World, plan: &Plan) -> Vec<Explanation> {
    explain(&world.store, plan, None, Device::Cpu).into_iter().map(|explained| explained.state).collect()
}

fn change(field: &str, from: &str, to: &str) -> Change {
    Change { field: field.into(), from: from.into(), to: to.into() }
}

fn changes(state: &Explanation) -> &[Change] {
    match state {
        Explanation::Miss { changes, since_ms: Some(_) } | Explanation::Unknown { changes, since_ms: Some(_), .. } => {
            changes
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_empty_store_has_nothing_to_compare_with() {
    let states = states(&World::new(1), &chain());
    assert_eq!(states[0], Explanation::Miss { changes: vec![], since_ms: None });
    assert_eq!(states[1], Explanation::Unknown { because: "a".into(), changes: vec![], since_ms: None });
}

#[test]
fn after_a_run_all_are_hits() {
    let mut world = World::new(1);
    world.run(vec![chain()]);
    assert!(states(&world, &chain()).iter().all(|state| matches!(state, Explanation::Hit { .. })));
}

#[test]
fn a_changed_parameter_is_named_and_what_follows_waits_for_it() {
    let mut world = World::new(1);
    world.run(vec![chain()]);
    let mut changed = chain();
    changed.stages[0].params.insert("loudness".into(), json!(-14));
    let states_now = states(&world, &changed);
    assert_eq!(changes(&states_now[0]), [change("loudness", "-16", "-14")]);
    assert!(
        matches!(&states_now[1], Explanation::Unknown { because, changes, .. } if because == "a" && changes.is_empty())
    );
    assert!(matches!(states_now[2], Explanation::Hit { .. }));

    changed.stages[1].params.insert("take".into(), json!(2));
    assert_eq!(changes(&states(&world, &changed)[1]), [change("take", "1", "2")]);
}

#[test]
fn the_nearest_record_is_compared_not_the_latest() {
    let mut world = World::new(1);
    let mut other = chain();
    for stage in &mut other.stages {
        stage.params.insert("clip".into(), json!("other"));
    }
    world.run(vec![chain()]);
    world.run(vec![other]);
    let mut changed = chain();
    changed.seed = 8;
    assert_eq!(changes(&states(&world, &changed)[2]).len(), 1);
    assert_eq!(changes(&states(&world, &changed)[2])[0].field, "seed");
}

#[test]
fn a_lost_result_is_told_apart_from_a_change() {
    let mut world = World::new(1);
    let outcome = world.run(vec![chain()]).remove(0);
    world.store.blobs().remove(outcome.stages[0].outputs["report"][0].digest).unwrap();
    assert!(
        matches!(&states(&world, &chain())[0], Explanation::Miss { changes, since_ms: Some(_) } if changes.is_empty())
    );
}
