//! Order, sharing and outcomes over any graph.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;

use super::fake::{SEEDED, World, check, plan, read, stage, statuses};
use crate::{
    error::FailureClass,
    graph::{Plan, PlannedStage},
    recipe::OnFail,
    run::{Event, InputOutcome, Status},
};

/// Up to seven stages with any edges; few values of `same`, so that equal keys are common; some fail.
fn any_plan() -> impl Strategy<Value = Plan> {
    let stage = (0..2_u8, any::<u8>(), prop::option::weighted(0.1, prop_oneof![Just("media"), Just("internal")]));
    prop::collection::vec(stage, 1..8).prop_map(|stages| plan(stages.iter().enumerate().map(any_stage).collect()))
}

fn any_stage((place, (same, edges, fail)): (usize, &(u8, u8, Option<&str>))) -> PlannedStage {
    let names: Vec<_> = (0..place).map(|place| place.to_string()).collect();
    let from = names.iter().filter(|name| edges >> name.parse::<u8>().unwrap() & 1 == 1).map(|name| &**name);
    let params = match fail {
        Some(fail) => json!({ "same": same, "fail": fail }),
        None => json!({ "same": same }),
    };
    stage(&place.to_string(), params, &from.collect::<Vec<_>>())
}

fn producers(stage: &PlannedStage) -> BTreeSet<&str> {
    stage.inputs.values().flatten().map(|edge| edge.stage.as_str()).collect()
}

/// What must come of a stage, by what came of those before it.
fn expected(plan: &Plan) -> BTreeMap<&str, &'static str> {
    let mut ends = BTreeMap::new();
    for stage in &plan.stages {
        let blocked = producers(stage).iter().any(|producer| ends[producer] != "given");
        let end = match (blocked, stage.params.contains_key("fail")) {
            (true, _) => "skipped",
            (false, true) => "failed",
            (false, false) => "given",
        };
        ends.insert(stage.name.as_str(), end);
    }
    ends
}

fn found(outcome: &InputOutcome) -> BTreeMap<&str, &'static str> {
    let end = |status| match status {
        Status::Hit | Status::Miss => "given",
        Status::Failed => "failed",
        Status::Skipped => "skipped",
    };
    outcome.stages.iter().map(|stage| (stage.name.as_str(), end(stage.status))).collect()
}

/// Every stage that starts does so after those it reads ended; every input and stage ends once.
fn hold_order(plans: &[Plan], events: &[Event]) {
    let mut ended = BTreeSet::new();
    let mut closed = BTreeSet::new();
    for event in events {
        match event {
            Event::StageStarted { input, stage, .. } => {
                let planned = plans[*input].stage(stage).unwrap();
                for producer in producers(planned) {
                    assert!(ended.contains(&(*input, producer.to_owned())), "{stage} started before {producer} ended");
                }
            }
            Event::StageEnded { input, outcome } => {
                assert!(ended.insert((*input, outcome.name.clone())), "{} ended twice", outcome.name);
            }
            Event::InputEnded { input, .. } => assert!(closed.insert(*input), "input {input} ended twice"),
            _ => {}
        }
    }
    assert_eq!(closed.len(), plans.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_graphs_run_in_order_and_equal_keys_once(plans in prop::collection::vec(any_plan(), 1..4), jobs in 1..4_usize) {
        let mut world = World::new(jobs);
        let outcomes = world.run(plans.clone());
        hold_order(&plans, &world.events);
        for (plan, outcome) in plans.iter().zip(&outcomes) {
            prop_assert_eq!(found(outcome), expected(plan));
            prop_assert!(!outcome.interrupted);
        }
        let given: BTreeSet<_> = outcomes.iter().flat_map(|outcome| &outcome.stages)
            .filter(|stage| stage.error.is_none()).filter_map(|stage| Some(stage.key?.to_string())).collect();
        let done = world.done();
        let made: Vec<_> = done.iter().filter(|key| given.contains(*key)).collect();
        prop_assert_eq!(made.len(), given.len());

        let again = world.run(plans.clone());
        for (first, second) in outcomes.iter().zip(&again) {
            prop_assert_eq!(found(first), found(second));
            prop_assert!(second.stages.iter().all(|stage| stage.status != Status::Miss));
        }
        prop_assert!(world.done().iter().all(|key| !given.contains(key)));
    }
}

fn diamond() -> Plan {
    plan(vec![
        stage("a", json!({}), &[]),
        stage("b", json!({ "same": 1 }), &["a"]),
        stage("c", json!({ "same": 2 }), &["a"]),
        stage("d", json!({}), &["b", "c"]),
    ])
}

#[test]
fn a_second_run_hires_nobody() {
    let mut world = World::new(2);
    assert_eq!(statuses(&world.run(vec![diamond()])[0]), [Status::Miss; 4]);
    assert_eq!(statuses(&world.run(vec![diamond()])[0]), [Status::Hit; 4]);
    assert!(world.done().is_empty());
}

#[test]
fn force_makes_a_stage_anew_and_what_did_not_change_stays() {
    let mut world = World::new(2);
    world.run(vec![diamond()]);
    world.options.force = vec!["b".into()];
    let outcomes = world.run(vec![diamond(), diamond()]);
    assert_eq!(statuses(&outcomes[0]), [Status::Hit, Status::Miss, Status::Hit, Status::Hit]);
    assert_eq!(world.done().len(), 1, "two inputs that share a key force it once");
}

#[test]
fn one_changed_parameter_runs_what_depends_on_it() {
    let mut world = World::new(2);
    world.run(vec![diamond()]);
    let mut changed = diamond();
    changed.stages[1].params.insert("same".into(), 3.into());
    assert_eq!(statuses(&world.run(vec![changed])[0]), [Status::Hit, Status::Miss, Status::Hit, Status::Miss]);
}

#[test]
fn a_seed_reaches_only_stages_that_draw() {
    let mut world = World::new(1);
    let with_seed = |seed| {
        let mut plan = plan(vec![stage("plain", json!({}), &[]), stage("drawn", json!({}), &[])]);
        (plan.seed, plan.stages[1].node) = (seed, &SEEDED);
        plan
    };
    let first = world.run(vec![with_seed(1)]).remove(0);
    let second = world.run(vec![with_seed(2)]).remove(0);
    assert_eq!(statuses(&second), [Status::Hit, Status::Miss]);
    assert_ne!(read(&world, &first, "drawn"), read(&world, &second, "drawn"));
}

#[test]
fn independent_stages_overlap() {
    let mut world = World::new(3);
    let stages =
        (0..3).map(|place| stage(&place.to_string(), json!({ "same": place, "sleep_ms": 150 }), &[])).collect();
    let mut together = (0, 0);
    world.run_with(vec![plan(stages)], |event| match event {
        Event::StageStarted { .. } => together = (together.0 + 1, together.1.max(together.0 + 1)),
        Event::StageEnded { .. } => together.0 -= 1,
        _ => {}
    });
    assert_eq!(together.1, 3);
}

#[test]
fn many_inputs_are_open_a_few_at_a_time() {
    let mut world = World::new(2);
    let plans = (0..30).map(|place| plan(vec![stage("a", json!({ "same": place }), &[])])).collect();
    let mut open = (0_usize, 0);
    world.run_with(plans, |event| match event {
        Event::InputStarted { .. } => open = (open.0 + 1, open.1.max(open.0 + 1)),
        Event::InputEnded { .. } => open.0 -= 1,
        _ => {}
    });
    assert_eq!(open, (0, 3));
}

#[test]
fn a_refused_check_fails_or_warns_each_time_and_its_report_goes_on() {
    let mut world = World::new(1);
    let page = |on_fail| {
        plan(vec![
            check("sync", false, on_fail, &[]),
            check("music", true, OnFail::Fail, &[]),
            stage("page", json!({}), &["sync"]),
        ])
    };
    for expected in [Status::Miss, Status::Hit] {
        let outcome = world.run(vec![page(OnFail::Fail)]).remove(0);
        assert_eq!(statuses(&outcome), [Status::Failed, expected, expected]);
        assert_eq!(outcome.failure().unwrap().1.class, FailureClass::Check);
        assert_eq!(outcome.stages[0].outputs.len(), 1);
    }
    let outcome = world.run(vec![page(OnFail::Warn)]).remove(0);
    assert!(outcome.failure().is_none());
    assert_eq!(world.warnings(), ["sync: as told"]);
}
