//! Which stages would run, and which field of their keys changed: from records alone, without lock or worker.

use std::{collections::BTreeMap, path::Path};

use super::{
    Device,
    attempts::Trial,
    key::{self, Blobs},
    outside::Outside,
    verdict::{Verdict, verdict},
};
use crate::{
    error::StageError,
    graph::{Plan, PlannedStage},
    recipe::OnFail,
    store::{Change, Key, Reader, Record},
};

/// What a run would do with one stage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Explained {
    pub(crate) stage: String,
    pub(crate) node: &'static str,
    pub(crate) state: Explanation,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Explanation {
    Hit {
        /// How long it took when it was made.
        seconds: f64,
        finished_ms: i64,
    },
    /// It would run. Without changes but with a time, its result is lost; without both, there is no earlier one.
    Miss {
        changes: Vec<Change>,
        /// When the record that it is compared with was made.
        since_ms: Option<i64>,
    },
    /// It would run because the stage `because` runs; `changes` are its own, inputs that do not exist yet left out.
    Unknown { because: String, changes: Vec<Change>, since_ms: Option<i64> },
    /// A file that it reads is not there.
    Unreadable { reason: StageError },
}

/// Each stage of the plan, in its order. `input` is the video that the plan has in place.
pub(crate) fn explain(reader: &Reader, plan: &Plan, input: Option<&Path>, device: Device) -> Vec<Explained> {
    let mut explainer = Explainer::new(reader, plan, input, device);
    loop {
        explainer.known.clear();
        let explained = plan.stages.iter().map(|stage| explainer.explain(stage)).collect();
        if !explainer.goes_on() {
            return explained;
        }
    }
}

/// Outputs of the stages that are hits, by stage.
pub(crate) fn cached_outputs(
    reader: &Reader,
    plan: &Plan,
    input: Option<&Path>,
    device: Device,
) -> BTreeMap<String, Blobs> {
    let mut explainer = Explainer::new(reader, plan, input, device);
    for stage in &plan.stages {
        explainer.explain(stage);
    }
    explainer.known.into_iter().map(|(stage, outputs)| (stage.to_owned(), outputs)).collect()
}

struct Explainer<'a> {
    reader: &'a Reader,
    plan: &'a Plan,
    outside: Outside,
    device: Device,
    /// All there are; read at the first miss.
    records: Option<Vec<Record>>,
    /// Outputs of the hits.
    known: BTreeMap<&'a str, Blobs>,
    trial: Trial<'a>,
}

impl<'a> Explainer<'a> {
    fn new(reader: &'a Reader, plan: &'a Plan, input: Option<&Path>, device: Device) -> Self {
        let outside = Outside::of(plan, input, &|path| reader.digest(path));
        let trial = Trial::new(plan, None);
        Self { reader, plan, outside, device, records: None, known: BTreeMap::new(), trial }
    }

    /// Whether a run would find this attempt refused and make another. One that is not all there is where it goes on from.
    fn goes_on(&mut self) -> bool {
        if self.trial.is_settled() || self.trial.needed().iter().any(|stage| !self.known.contains_key(stage)) {
            return false;
        }
        let mut refusals = BTreeMap::new();
        for stage in self.plan.stages.iter().filter(|stage| matches!(stage.on_fail, Some(OnFail::Reroll { .. }))) {
            if let Verdict::Refused(refusal) = verdict(stage, &self.known[&*stage.name], self.reader.blobs()) {
                refusals.insert(stage.name.clone(), refusal);
            }
        }
        let attempts = self.trial.attempts().clone();
        self.trial.judge(&refusals);
        *self.trial.attempts() != attempts
    }

    fn explain(&mut self, stage: &'a PlannedStage) -> Explained {
        let state = self.state(stage).unwrap_or_else(|reason| Explanation::Unreadable { reason });
        Explained { stage: stage.name.clone(), node: stage.node.name, state }
    }

    fn state(&mut self, stage: &'a PlannedStage) -> Result<Explanation, StageError> {
        let key = key::key(self.plan, stage, &self.outside, &self.inputs(stage), self.device, self.trial.attempts())?;
        if let Some(because) = self.missing(stage) {
            let (changes, since_ms) = self.compare(stage, &key);
            return Ok(Explanation::Unknown { because, changes, since_ms });
        }
        if let Some(record) = self.reader.hit(key.digest()) {
            self.known.insert(&stage.name, record.outputs);
            return Ok(Explanation::Hit { seconds: record.seconds, finished_ms: record.finished_ms });
        }
        let (changes, since_ms) = self.compare(stage, &key);
        Ok(Explanation::Miss { changes, since_ms })
    }

    /// What is known of the inputs; ports that read from a stage that would run are left out.
    fn inputs(&self, stage: &PlannedStage) -> Blobs {
        let ports =
            stage.inputs.iter().filter(|(_, edges)| edges.iter().all(|edge| self.known.contains_key(&*edge.stage)));
        let blobs = |edge: &crate::graph::Edge| self.known[&*edge.stage].get(&edge.port).cloned().unwrap_or_default();
        ports.map(|(port, edges)| (port.clone(), edges.iter().flat_map(blobs).collect())).collect()
    }

    /// The first stage in the plan's order that this one has to wait for.
    fn missing(&self, stage: &PlannedStage) -> Option<String> {
        let producers: Vec<_> = stage.inputs.values().flatten().map(|edge| &edge.stage).collect();
        let missing =
            |planned: &&PlannedStage| producers.contains(&&planned.name) && !self.known.contains_key(&*planned.name);
        self.plan.stages.iter().find(missing).map(|planned| planned.name.clone())
    }

    /// Changes since the record that is nearest: of the same stage if there is one, with the fewest changes, the latest.
    fn compare(&mut self, stage: &PlannedStage, key: &Key) -> (Vec<Change>, Option<i64>) {
        let reader = self.reader;
        let records =
            self.records.get_or_insert_with(|| reader.records().into_iter().map(|(_, record)| record).collect());
        let of_node = records.iter().filter(|record| record.key.node == stage.node.name);
        let nearest = of_node.map(|record| {
            let changes = changes(stage, key, &record.key);
            (record.stage != stage.name, changes.len(), -record.finished_ms, changes)
        });
        match nearest.min_by(|a, b| (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2))) {
            Some((_, _, negated_ms, changes)) => (changes, Some(-negated_ms)),
            None => (Vec::new(), None),
        }
    }
}

/// Ports whose content is not known yet count as unchanged.
fn changes(stage: &PlannedStage, key: &Key, earlier: &Key) -> Vec<Change> {
    let mut key = key.clone();
    for (port, inputs) in &earlier.inputs {
        if stage.inputs.contains_key(port) {
            key.inputs.entry(port.clone()).or_insert_with(|| inputs.clone());
        }
    }
    key.changes_since(earlier)
}
