//! The course of one input through its plan: which stages wait, run, and how each ended. No store, no workers.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use serde_json::{Map, Value};

use super::{
    Device, InputOutcome, Request, StageOutcome, Status,
    attempts::{self, Attempts, Next, Refusal, Trial},
    key::{self, Blobs},
    outside::Outside,
};
use crate::{
    artifact::BlobRef,
    digest::Digest,
    error::{FailureClass, StageError},
    graph::{Edge, PlannedStage},
    seed::Seed,
    store::Key,
};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Standing {
    /// For other stages.
    #[default]
    Waiting,
    /// Looked up and found wanting: it waits for a hand or for another that makes the same, or runs.
    Working,
    Ended,
}

/// One stage on its way.
#[derive(Debug, Default)]
pub(super) struct Step {
    pub(super) standing: Standing,
    pub(super) key: Option<Key>,
    outcome: Option<StageOutcome>,
    /// Its start was told.
    pub(super) started: bool,
    /// It already got a second chance after a damaged input.
    pub(super) healed: bool,
    /// Its result was damaged earlier in this run.
    pub(super) remade: bool,
}

impl Step {
    /// Its end was taken back because its result is damaged: it runs again whatever the store says.
    pub(super) fn must_run(&self) -> bool {
        self.outcome.is_some() && self.standing != Standing::Ended
    }
}

pub(super) struct Course<'a> {
    pub(super) request: &'a Request,
    pub(super) outside: Outside,
    begun: Instant,
    places: BTreeMap<&'a str, usize>,
    steps: Vec<Step>,
    trial: Trial<'a>,
    /// What has to end before an attempt is judged.
    needed: BTreeSet<usize>,
    /// What the checks of this attempt said no with.
    refusals: BTreeMap<String, Refusal>,
}

impl<'a> Course<'a> {
    pub(super) fn new(request: &'a Request, outside: Outside, begun: Instant) -> Self {
        let stages = &request.plan.stages;
        let places: BTreeMap<_, _> =
            stages.iter().enumerate().map(|(place, stage)| (stage.name.as_str(), place)).collect();
        let steps = stages.iter().map(|_| Step::default()).collect();
        let trial = Trial::new(&request.plan, request.attempts.as_ref());
        let needed = trial.needed().into_iter().map(|name| places[name]).collect();
        Self { request, outside, begun, places, steps, trial, needed, refusals: BTreeMap::new() }
    }

    pub(super) fn stage(&self, stage: usize) -> &'a PlannedStage {
        &self.request.plan.stages[stage]
    }

    pub(super) fn step(&mut self, stage: usize) -> &mut Step {
        &mut self.steps[stage]
    }

    pub(super) fn key_digest(&self, stage: usize) -> Option<Digest> {
        self.steps[stage].key.as_ref().map(Key::digest)
    }

    /// Stages that this one reads.
    pub(super) fn producers(&self, stage: usize) -> BTreeSet<usize> {
        self.stage(stage).inputs.values().flatten().map(|edge| self.places[edge.stage.as_str()]).collect()
    }

    /// Waiting stages all of whose producers have given what they have to give. Until an attempt is kept, no others than
    /// it is judged by.
    pub(super) fn ready(&self) -> Vec<usize> {
        let is_ready = |stage: &usize| {
            let waiting = self.steps[*stage].standing == Standing::Waiting;
            let wanted = self.trial.is_settled() || self.needed.contains(stage);
            waiting && wanted && self.producers(*stage).into_iter().all(|producer| self.gave(producer))
        };
        (0..self.steps.len()).filter(is_ready).collect()
    }

    fn gave(&self, stage: usize) -> bool {
        let step = &self.steps[stage];
        step.standing == Standing::Ended && step.outcome.as_ref().is_some_and(is_usable)
    }

    pub(super) fn inputs(&self, stage: usize) -> Blobs {
        let ports = self.stage(stage).inputs.iter();
        ports.map(|(port, edges)| (port.clone(), edges.iter().flat_map(|edge| self.blobs(edge)).collect())).collect()
    }

    /// What `stage` reads of `producer`.
    pub(super) fn read_from(&self, stage: usize, producer: usize) -> Vec<BlobRef> {
        let edges = self.stage(stage).inputs.values().flatten();
        edges.filter(|edge| self.places[edge.stage.as_str()] == producer).flat_map(|edge| self.blobs(edge)).collect()
    }

    fn blobs(&self, edge: &Edge) -> Vec<BlobRef> {
        let outcome = self.steps[self.places[edge.stage.as_str()]].outcome.as_ref();
        outcome.and_then(|outcome| outcome.outputs.get(&edge.port)).cloned().unwrap_or_default()
    }

    /// The key of a ready stage, kept for its outcome.
    pub(super) fn make_key(&mut self, stage: usize, device: Device) -> Result<Digest, StageError> {
        let inputs = self.inputs(stage);
        let key =
            key::key(&self.request.plan, self.stage(stage), &self.outside, &inputs, device, self.trial.attempts())?;
        let digest = key.digest();
        self.steps[stage].key = Some(key);
        Ok(digest)
    }

    /// What a job gets.
    pub(super) fn params(&self, stage: usize) -> Result<Map<String, Value>, StageError> {
        key::params(self.stage(stage), &self.outside, self.trial.attempts())
    }

    pub(super) fn seed(&self, stage: usize) -> Seed {
        attempts::seed(&self.request.plan, self.stage(stage), self.attempts().kept)
    }

    pub(super) fn attempts(&self) -> &Attempts {
        self.trial.attempts()
    }

    /// A check said no that asks for another attempt.
    pub(super) fn refuse(&mut self, stage: usize, refusal: Refusal) {
        self.refusals.insert(self.stage(stage).name.clone(), refusal);
    }

    /// Whether all has ended that the present attempt is judged by.
    pub(super) fn is_to_be_judged(&self) -> bool {
        !self.trial.is_settled() && self.needed.iter().all(|stage| self.steps[*stage].standing == Standing::Ended)
    }

    /// Keeps the attempt, or takes back what another makes otherwise: gives how many stages are looked up anew.
    pub(super) fn judge(&mut self) -> Option<usize> {
        let refusals = std::mem::take(&mut self.refusals);
        if self.trial.judge(&refusals) == Next::Keep {
            return None;
        }
        let redrawn: Vec<usize> = self.trial.redrawn().into_iter().map(|name| self.places[name]).collect();
        let ended = redrawn.iter().filter(|stage| self.steps[**stage].standing == Standing::Ended).count();
        for stage in redrawn {
            self.steps[stage] = Step::default();
        }
        Some(ended)
    }

    /// How a stage ended that made or had something, with what its check says of it.
    pub(super) fn given(&self, stage: usize, status: Status, seconds: f64, outputs: Blobs) -> StageOutcome {
        StageOutcome { outputs, ..self.bare(stage, status, seconds, None) }
    }

    pub(super) fn failed(&self, stage: usize, seconds: f64, error: StageError) -> StageOutcome {
        self.bare(stage, Status::Failed, seconds, Some(error))
    }

    pub(super) fn skipped(&self, stage: usize) -> StageOutcome {
        self.bare(stage, Status::Skipped, 0.0, None)
    }

    fn bare(&self, stage: usize, status: Status, seconds: f64, error: Option<StageError>) -> StageOutcome {
        let planned = self.stage(stage);
        let outputs = BTreeMap::new();
        let key = self.key_digest(stage);
        StageOutcome { name: planned.name.clone(), node: planned.node.name, key, status, seconds, outputs, error }
    }

    /// Ends a stage, and with it those that can never run now. Gives whether it ended for the first time.
    pub(super) fn end(&mut self, stage: usize, outcome: StageOutcome) -> bool {
        let usable = is_usable(&outcome);
        let step = &mut self.steps[stage];
        step.standing = Standing::Ended;
        let first = step.outcome.replace(outcome).is_none();
        if !usable {
            self.skip_after(stage);
        }
        first
    }

    fn skip_after(&mut self, stage: usize) {
        // Plans are in order, so one pass reaches all that follow.
        let mut dead = BTreeSet::from([stage]);
        for later in stage + 1..self.steps.len() {
            let waits = self.steps[later].standing == Standing::Waiting;
            if waits && !self.producers(later).is_disjoint(&dead) {
                dead.insert(later);
                let skipped = self.skipped(later);
                let step = &mut self.steps[later];
                step.standing = Standing::Ended;
                step.outcome = Some(skipped);
            }
        }
    }

    /// Takes back the end of a stage whose result is damaged: it runs again. Gives whether it had ended.
    pub(super) fn take_back(&mut self, stage: usize) -> bool {
        let step = &mut self.steps[stage];
        let had_ended = step.standing == Standing::Ended;
        if had_ended {
            step.standing = Standing::Waiting;
            step.remade = true;
        }
        had_ended
    }

    pub(super) fn is_over(&self) -> bool {
        self.steps.iter().all(|step| step.standing == Standing::Ended)
    }

    /// All that is known; stages that did not end count as skipped.
    pub(super) fn into_outcome(mut self) -> InputOutcome {
        let interrupted = !self.is_over();
        let outcomes: Vec<_> = self.steps.iter_mut().map(|step| (step.standing, step.outcome.take())).collect();
        let stages = outcomes.into_iter().enumerate().map(|(stage, (standing, outcome))| match (standing, outcome) {
            (Standing::Ended, Some(outcome)) => outcome,
            _ => self.skipped(stage),
        });
        let (stages, attempts) = (stages.collect(), self.attempts().clone());
        InputOutcome {
            stages,
            seconds: self.begun.elapsed().as_secs_f64(),
            interrupted,
            files: self.outside.list(),
            attempts,
        }
    }
}

/// A refused check still gives its report, so that the page which shows the refusal can be made.
fn is_usable(outcome: &StageOutcome) -> bool {
    match outcome.status {
        Status::Hit | Status::Miss => true,
        Status::Failed => outcome.error.as_ref().is_some_and(|error| error.class == FailureClass::Check),
        Status::Skipped => false,
    }
}
