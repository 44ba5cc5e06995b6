//! A small world for the dispatcher: plans of made-up nodes, and hands that do as their parameters say.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock, Mutex},
    thread,
    time::Duration,
};

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::{
    artifact::{Artifact, BlobRef, Kind, Report},
    error::{FailureClass, StageError},
    graph::{Edge, Plan, PlannedStage},
    node::{Arity, Lane, Limits, NodeSpec, Port},
    recipe::OnFail,
    run::{
        Attempts, Device, Event, InputOutcome, Options, Request, Status,
        execute::execute_with,
        hand::{Hand, Notice, Task},
        key::Blobs,
    },
    stage::StageContext,
    store::Store,
};

const INPUTS: &[Port] = &[Port::one("in", Kind::Report, "whatever").arity(Arity::Many)];
const OUTPUTS: &[Port] = &[Port::one("report", Kind::Report, "a report")];

pub(super) static NODE: LazyLock<NodeSpec> = LazyLock::new(|| node("test.node", false));
pub(super) static SEEDED: LazyLock<NodeSpec> = LazyLock::new(|| node("test.seeded", true));

fn node(name: &'static str, seeded: bool) -> NodeSpec {
    let limits = Limits::new(60, 1024);
    let (inputs, outputs) = (INPUTS, OUTPUTS);
    NodeSpec { name, version: 1, about: "", inputs, outputs, params: &[], knobs: &[], seeded, lane: Lane::Cpu, limits }
}

/// A stage with parameters as JSON that reads from others. `fail`: class; `sleep_ms`; `passed`; `passes_below`: by a
/// reading of the first input, 0..256; `same`: any value.
pub(super) fn stage(name: &str, params: Value, from: &[&str]) -> PlannedStage {
    let Value::Object(params) = params else { panic!("parameters are a table") };
    let edges: Vec<_> = from.iter().map(|stage| Edge { stage: (*stage).to_owned(), port: "report".into() }).collect();
    let inputs = if edges.is_empty() { BTreeMap::new() } else { BTreeMap::from([("in".to_owned(), edges)]) };
    let (files, limits) = (BTreeMap::new(), NODE.limits);
    PlannedStage { name: name.to_owned(), node: &NODE, params, files, inputs, limits, on_fail: None }
}

pub(super) fn check(name: &str, passed: bool, on_fail: OnFail, from: &[&str]) -> PlannedStage {
    PlannedStage { on_fail: Some(on_fail), ..stage(name, json!({ "passed": passed }), from) }
}

pub(super) fn plan(stages: Vec<PlannedStage>) -> Plan {
    Plan { recipe: "test".into(), seed: 7, stages }
}

/// A store, a list of what the hands did, and how to run.
pub(super) struct World {
    _folder: TempDir,
    pub(super) store: Store,
    pub(super) options: Options,
    done: Arc<Mutex<Vec<String>>>,
    pub(super) events: Vec<Event>,
}

impl World {
    pub(super) fn new(jobs: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let options = Options { jobs, ..Options::new(Device::Cpu) };
        Self { _folder: folder, store, options, done: Arc::default(), events: Vec::new() }
    }

    pub(super) fn run(&mut self, plans: Vec<Plan>) -> Vec<InputOutcome> {
        self.run_with(plans, |_| {})
    }

    /// With the attempts of an earlier run.
    pub(super) fn run_holding(&mut self, plan: Plan, attempts: Attempts) -> InputOutcome {
        self.run_requests(&[Request { input: None, plan, attempts: Some(attempts) }], |_| {}).remove(0)
    }

    pub(super) fn run_with(&mut self, plans: Vec<Plan>, on_event: impl FnMut(&Event)) -> Vec<InputOutcome> {
        let requests: Vec<_> = plans.into_iter().map(|plan| Request { input: None, plan, attempts: None }).collect();
        self.run_requests(&requests, on_event)
    }

    fn run_requests(&mut self, requests: &[Request], mut on_event: impl FnMut(&Event)) -> Vec<InputOutcome> {
        self.done.lock().unwrap().clear();
        let done = Arc::clone(&self.done);
        let hire = move |_| -> Box<dyn Hand> { Box::new(FakeHand(Arc::clone(&done))) };
        let mut events = Vec::new();
        let outcomes = execute_with(&self.store, requests, &self.options, &hire, &mut |event| {
            on_event(&event);
            events.push(event);
        });
        self.events = events;
        outcomes
    }

    /// Keys that hands worked on, as often as they did.
    pub(super) fn done(&self) -> Vec<String> {
        self.done.lock().unwrap().clone()
    }

    pub(super) fn warnings(&self) -> Vec<String> {
        let warning = |event: &Event| match event {
            Event::Warning { stage, message, .. } => Some(format!("{stage}: {message}")),
            _ => None,
        };
        self.events.iter().filter_map(warning).collect()
    }
}

pub(super) fn statuses(outcome: &InputOutcome) -> Vec<Status> {
    outcome.stages.iter().map(|stage| stage.status).collect()
}

struct FakeHand(Arc<Mutex<Vec<String>>>);

impl Hand for FakeHand {
    fn execute(&mut self, task: &Task, tell: &mut dyn FnMut(Notice)) -> Result<Blobs, StageError> {
        let params = &task.job.params;
        let key = task.job.scratch.0.file_name().unwrap().to_str().unwrap().to_owned();
        self.0.lock().unwrap().push(key);
        tell(Notice::Progress { fraction: 0.5, note: "half".into() });
        thread::sleep(Duration::from_millis(params.get("sleep_ms").and_then(Value::as_u64).unwrap_or(0)));
        if let Some(class) = params.get("fail") {
            let class: FailureClass = serde_json::from_value(class.clone()).unwrap();
            return Err(StageError::new(class, format!("stage {} was told to fail", task.job.stage)));
        }
        report(task, params)
    }
}

/// Reads what comes in, verified, and puts out a report that depends on all of it.
fn report(task: &Task, params: &Map<String, Value>) -> Result<Blobs, StageError> {
    let mut context = StageContext::new(&task.job, Box::new(|_, _| {}));
    let inputs: Vec<BlobRef> = context.blobs("in").to_vec();
    inputs.iter().try_for_each(|blob| context.blob_file(blob).map(|_| ()))?;
    let digests: Vec<_> = inputs.iter().map(|blob| blob.digest).collect();
    let seed = (task.job.node == SEEDED.name).then_some(task.job.seed);
    let mut values = BTreeMap::from([("made_from".to_owned(), json!([params, digests, seed]))]);
    let mut passed = params.get("passed").and_then(Value::as_bool);
    if let Some(most) = params.get("passes_below").and_then(Value::as_u64) {
        let reading = u64::from_str_radix(&digests[0].to_string()[..2], 16).unwrap();
        passed = Some(reading < most);
        values.insert("shortfall".to_owned(), reading.into());
    }
    context.output("report", &Report { passed, summary: "as told".into(), values })?;
    Ok(context.into_outputs())
}

/// The report of a stage, read back.
pub(super) fn read(world: &World, outcome: &InputOutcome, stage: &str) -> Report {
    let blob = &outcome.stage(stage).unwrap().outputs["report"][0];
    Report::from_bytes(&world.store.blobs().read(blob).unwrap()).unwrap()
}
