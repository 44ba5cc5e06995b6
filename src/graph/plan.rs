//! The plan: what the dispatcher runs. Plain data in a fixed order; no spans, no defaults left open.

use std::{collections::BTreeMap, path::Path};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    node::{Limits, NodeSpec},
    recipe::{OnFail, StageFile},
};

/// Stages in an order in which each comes after those it reads; equal recipes give equal plans.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Plan {
    /// Name of the recipe.
    pub(crate) recipe: String,
    pub(crate) seed: u64,
    pub(crate) stages: Vec<PlannedStage>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct PlannedStage {
    pub(crate) name: String,
    pub(crate) node: &'static NodeSpec,
    /// Parameters and knobs that the node lists, without those in `files`.
    pub(crate) params: Map<String, Value>,
    /// `File` and `Folder` parameters: the runner hashes what lies there and adds the digest to the parameters.
    pub(crate) files: BTreeMap<String, StageFile>,
    /// What is joined to each input port, in order. Optional ports that nothing feeds are absent.
    pub(crate) inputs: BTreeMap<String, Vec<Edge>>,
    pub(crate) limits: Limits,
    /// Set for checks only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) on_fail: Option<OnFail>,
}

/// An output of another stage.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Edge {
    pub(crate) stage: String,
    pub(crate) port: String,
}

impl Plan {
    /// Whether the plan works on a video, so that `--input` has to be given.
    pub(crate) fn needs_input(&self) -> bool {
        self.stages.iter().flat_map(|stage| stage.files.values()).any(|file| *file == StageFile::Input)
    }

    /// The plan for one video; `preview_seconds` shortens it where a node has that parameter, 0 takes the whole.
    pub(crate) fn for_input(&self, input: &Path, preview_seconds: f64) -> Self {
        let mut plan = self.clone();
        for stage in &mut plan.stages {
            stage.read_input(input, preview_seconds);
        }
        plan
    }

    pub(crate) fn stage(&self, name: &str) -> Option<&PlannedStage> {
        self.stages.iter().find(|stage| stage.name == name)
    }
}

impl PlannedStage {
    fn read_input(&mut self, input: &Path, preview_seconds: f64) {
        for file in self.files.values_mut().filter(|file| **file == StageFile::Input) {
            *file = StageFile::At(input.to_owned());
            if let Some(preview) = self.params.get_mut("preview") {
                *preview = preview_seconds.into();
            }
        }
    }
}
