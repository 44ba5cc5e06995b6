//! Attempts: where a check that says `on_fail = "reroll"` refuses a piece, it is composed anew, a bounded number of times.
//!
//! An attempt is the same plan with other seeds. Only what the checks in question need is made before they have spoken;
//! all else waits for the attempt that is kept. What is planned stays: a reroll composes anew to the same bars and key.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    graph::{Plan, PlannedStage},
    recipe::OnFail,
    seed::Seed,
};

/// The attempts of one input: which is kept, and why others were refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Attempts {
    /// Counted from 1.
    pub(crate) kept: u32,
    /// All that were refused; where none passed, the one that is kept is among them.
    pub(crate) refused: Vec<Refused>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Refused {
    pub(crate) attempt: u32,
    /// What the checks said, by name.
    pub(crate) checks: BTreeMap<String, String>,
    /// How far it was from passing, for comparison.
    pub(crate) shortfall: f64,
}

/// What one check said no with.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) message: String,
    pub(super) shortfall: f64,
}

/// What follows when the checks of an attempt have spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The attempt is kept; the rest of the plan follows.
    Keep,
    /// Another attempt, or an earlier one again: stages that draw are looked up anew.
    Redraw,
}

/// One input on its way through its attempts.
#[derive(Debug)]
pub(super) struct Trial<'a> {
    plan: &'a Plan,
    attempts: Attempts,
    is_settled: bool,
}

impl Default for Attempts {
    fn default() -> Self {
        Self { kept: 1, refused: Vec::new() }
    }
}

impl Attempts {
    /// For people; empty where nothing was refused.
    pub(crate) fn summary(&self) -> String {
        let Some(last) = self.refused.last() else { return String::new() };
        let made = last.attempt.max(self.kept);
        let passed = self.refused.iter().all(|refused| refused.attempt != self.kept);
        let kept = if passed { "passed" } else { "came nearest, none passed" };
        let refused = self.refused.iter().map(|refused| format!("attempt {}: {}", refused.attempt, refused.reason()));
        format!("attempt {} of {made} is kept, it {kept}; {}", self.kept, refused.collect::<Vec<_>>().join("; "))
    }

    fn nearest(&self) -> u32 {
        let nearest = self.refused.iter().min_by(|a, b| a.shortfall.total_cmp(&b.shortfall));
        nearest.map_or(self.kept, |refused| refused.attempt)
    }
}

impl Refused {
    pub(super) fn reason(&self) -> String {
        self.checks.iter().map(|(name, message)| format!("{name}: {message}")).collect::<Vec<_>>().join("; ")
    }
}

impl<'a> Trial<'a> {
    /// `held` are the attempts of an earlier run, of which the kept one is made again and no other.
    pub(super) fn new(plan: &'a Plan, held: Option<&Attempts>) -> Self {
        let is_settled = held.is_some() || plan.stages.iter().all(|stage| rerolls(stage).is_none());
        Self { plan, attempts: held.cloned().unwrap_or_default(), is_settled }
    }

    pub(super) fn attempts(&self) -> &Attempts {
        &self.attempts
    }

    pub(super) fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// Stages that have to end before the attempt can be judged, by name: the checks that reroll, and all that they read.
    pub(super) fn needed(&self) -> BTreeSet<&'a str> {
        let mut needed = BTreeSet::new();
        for stage in self.plan.stages.iter().rev() {
            if rerolls(stage).is_some() || needed.contains(stage.name.as_str()) {
                needed.insert(stage.name.as_str());
                needed.extend(producers(stage));
            }
        }
        needed
    }

    /// Stages that another attempt makes otherwise, by name.
    pub(super) fn redrawn(&self) -> BTreeSet<&'a str> {
        let mut redrawn = BTreeSet::new();
        for stage in &self.plan.stages {
            if draws(stage) || producers(stage).any(|producer| redrawn.contains(producer)) {
                redrawn.insert(stage.name.as_str());
            }
        }
        redrawn
    }

    /// Takes what the checks said no with, by their names.
    pub(super) fn judge(&mut self, refusals: &BTreeMap<String, Refusal>) -> Next {
        let redrawn = self.redrawn();
        // Where no attempt can change what is refused, the first is as good as any.
        if refusals.is_empty() || !refusals.keys().any(|check| redrawn.contains(check.as_str())) {
            self.is_settled = true;
            return Next::Keep;
        }
        let attempt = self.attempts.kept;
        self.attempts.refused.push(Refused {
            attempt,
            checks: refusals.iter().map(|(check, refusal)| (check.clone(), refusal.message.clone())).collect(),
            shortfall: refusals.values().map(|refusal| refusal.shortfall).sum(),
        });
        if attempt <= self.most_rerolls(refusals) {
            self.attempts.kept = attempt + 1;
            return Next::Redraw;
        }
        self.is_settled = true;
        self.attempts.kept = self.attempts.nearest();
        if self.attempts.kept == attempt { Next::Keep } else { Next::Redraw }
    }

    fn most_rerolls(&self, refusals: &BTreeMap<String, Refusal>) -> u32 {
        let refused = self.plan.stages.iter().filter(|stage| refusals.contains_key(&stage.name));
        refused.filter_map(rerolls).max().unwrap_or(0)
    }
}

/// The seed that a stage draws from; its key holds it only if the node draws at all.
pub(super) fn seed(plan: &Plan, stage: &PlannedStage, attempt: u32) -> Seed {
    let seed = Seed::master(plan.seed).derive(&stage.name);
    if attempt > 1 && draws(stage) { seed.derive(&format!("attempt {attempt}")) } else { seed }
}

/// Whether a stage draws anew with every attempt.
fn draws(stage: &PlannedStage) -> bool {
    stage.node.seeded && !stage.node.name.starts_with("plan.")
}

fn rerolls(stage: &PlannedStage) -> Option<u32> {
    match stage.on_fail {
        Some(OnFail::Reroll { rerolls }) => Some(rerolls),
        _ => None,
    }
}

fn producers(stage: &PlannedStage) -> impl Iterator<Item = &str> {
    stage.inputs.values().flatten().map(|edge| edge.stage.as_str())
}
