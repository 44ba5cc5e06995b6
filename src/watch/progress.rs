//! How a running job stands, stage by stage, put on the board as events come.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use super::{Board, JobId, Live, LiveStage, Standing};
use crate::run::{Event, Status};

/// How long stages took so far: what is left is guessed from it. Clones share what they know.
#[derive(Clone, Debug, Default)]
pub(super) struct Pace(Arc<Mutex<BTreeMap<String, f64>>>);

impl Pace {
    /// A moving mean: clips of one folder are alike.
    fn learn(&self, node: &str, seconds: f64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(node.to_owned()).and_modify(|mean| *mean += 0.3 * (seconds - *mean)).or_insert(seconds);
    }

    fn seconds(&self, node: &str) -> Option<f64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(node).copied()
    }
}

pub(super) struct Progress {
    id: JobId,
    board: Board,
    pace: Pace,
    live: Live,
    started: BTreeMap<String, Instant>,
    warnings: Vec<String>,
}

impl Progress {
    pub(super) fn new(id: JobId, board: Board, pace: Pace) -> Self {
        Self { id, board, pace, live: Live::default(), started: BTreeMap::new(), warnings: Vec::new() }
    }

    /// What checks and stages wanted people to know.
    pub(super) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    pub(super) fn begin(&mut self, stages: &[(String, &'static str)]) {
        let stage = |(name, node): &(String, &'static str)| LiveStage {
            name: name.clone(),
            node: (*node).to_owned(),
            standing: Standing::Waiting,
            fraction: 0.0,
            seconds: 0.0,
            note: String::new(),
        };
        self.live.stages = stages.iter().map(stage).collect();
        self.publish();
    }

    pub(super) fn show(&mut self, event: &Event) {
        match event {
            Event::StageStarted { stage, .. } => {
                self.started.insert(stage.clone(), Instant::now());
                self.change(stage, |live| live.standing = Standing::Running);
            }
            Event::StageProgress { stage, fraction, note, .. } => self.change(stage, |live| {
                live.fraction = *fraction;
                live.note.clone_from(note);
            }),
            Event::StageEnded { outcome, .. } => {
                if outcome.status == Status::Miss {
                    self.pace.learn(outcome.node, outcome.seconds);
                }
                let (status, seconds) = (outcome.status, outcome.seconds);
                self.change(&outcome.name, |live| {
                    (live.standing, live.fraction, live.seconds) = (status.into(), 1.0, seconds);
                    live.note.clear();
                });
            }
            Event::Warning { stage, message, .. } => self.warnings.push(format!("{stage}: {message}")),
            Event::Rerolled { .. } => self.started.clear(),
            _ => return,
        }
        self.publish();
    }

    fn change(&mut self, stage: &str, change: impl FnOnce(&mut LiveStage)) {
        if let Some(live) = self.live.stages.iter_mut().find(|live| live.name == stage) {
            change(live);
        }
    }

    fn publish(&mut self) {
        let pace = |stage: &LiveStage| self.pace.seconds(&stage.node);
        let is_known = self.live.stages.iter().any(|stage| pace(stage).is_some());
        let left = |stage: &LiveStage| pace(stage).unwrap_or(0.5) * f64::from(1.0 - stage.fraction);
        let (all, left): (f64, f64) = self
            .live
            .stages
            .iter()
            .fold((0.0, 0.0), |(all, sum), stage| (all + pace(stage).unwrap_or(0.5), sum + left(stage)));
        self.live.fraction = if all > 0.0 { (1.0 - left / all) as f32 } else { 0.0 };
        self.live.seconds_left = is_known.then_some(left);
        let live = self.live.clone();
        self.board.change(|view| drop(view.live.insert(self.id.clone(), live)));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.board.change(|view| drop(view.live.remove(&self.id)));
    }
}
