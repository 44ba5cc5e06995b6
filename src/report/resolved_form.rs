//! A resolved recipe as it lies in run.json: enough to run it again when the recipe itself has changed or is gone.

use std::{
    collections::BTreeMap,
    path::{self, Path},
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    graph::{Edge, Plan, PlannedStage},
    node::{self, Limits},
    recipe::{OnFail, StageFile},
    run::protocol::FilePath,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ResolvedForm {
    pub(crate) name: String,
    /// All knobs there are; the stages hold those they read.
    pub(crate) knobs: Map<String, Value>,
    /// In an order in which each comes after those it reads.
    stages: Vec<StageForm>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct StageForm {
    name: String,
    node: String,
    /// Parameters and knobs.
    params: Map<String, Value>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    files: BTreeMap<String, FileForm>,
    inputs: BTreeMap<String, Vec<EdgeForm>>,
    deadline_seconds: u32,
    memory_mib: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_fail: Option<OnFailForm>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FileForm {
    /// The video that `inputs` names.
    Input,
    At(FilePath),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct EdgeForm {
    stage: String,
    port: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OnFailForm {
    Fail,
    Warn,
}

/// Why a stored form does not run with this version.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("stage {stage}: this version of cuesmith has no node {node}; replay with the version that wrote run.json")]
pub(crate) struct UnknownNode {
    stage: String,
    node: String,
}

impl ResolvedForm {
    /// `plan` is that of any input: which one it was does not belong to the recipe.
    pub(crate) fn of(plan: &Plan, knobs: &Map<String, Value>, preview_seconds: f64) -> Self {
        let stages = plan.stages.iter().map(|stage| StageForm::of(stage, preview_seconds)).collect();
        Self { name: plan.recipe.clone(), knobs: knobs.clone(), stages }
    }

    pub(crate) fn plan(&self, seed: u64) -> Result<Plan, UnknownNode> {
        let stages = self.stages.iter().map(StageForm::planned).collect::<Result<_, _>>()?;
        Ok(Plan { recipe: self.name.clone(), seed, stages })
    }

    /// How much of the video was scored; 0 is all of it.
    pub(crate) fn preview_seconds(&self) -> f64 {
        let readers = self.stages.iter().filter(|stage| stage.reads_input());
        readers.filter_map(|stage| stage.params.get("preview")?.as_f64()).next().unwrap_or(0.0)
    }
}

impl StageForm {
    fn of(stage: &PlannedStage, preview_seconds: f64) -> Self {
        let edges = |edges: &Vec<Edge>| edges.iter().map(EdgeForm::of).collect();
        let mut form = Self {
            name: stage.name.clone(),
            node: stage.node.name.to_owned(),
            params: stage.params.clone(),
            files: stage.files.iter().map(|(param, file)| (param.clone(), FileForm::of(file))).collect(),
            inputs: stage.inputs.iter().map(|(port, joined)| (port.clone(), edges(joined))).collect(),
            deadline_seconds: stage.limits.deadline_seconds,
            memory_mib: stage.limits.memory_mib,
            on_fail: stage.on_fail.map(OnFailForm::of),
        };
        if form.reads_input()
            && let Some(preview) = form.params.get_mut("preview")
        {
            *preview = preview_seconds.into();
        }
        form
    }

    fn reads_input(&self) -> bool {
        self.files.values().any(|file| *file == FileForm::Input)
    }

    fn planned(&self) -> Result<PlannedStage, UnknownNode> {
        let unknown = || UnknownNode { stage: self.name.clone(), node: self.node.clone() };
        let edges = |edges: &Vec<EdgeForm>| edges.iter().map(EdgeForm::edge).collect();
        Ok(PlannedStage {
            name: self.name.clone(),
            node: node::find(&self.node).ok_or_else(unknown)?,
            params: self.params.clone(),
            files: self.files.iter().map(|(param, file)| (param.clone(), file.stage_file())).collect(),
            inputs: self.inputs.iter().map(|(port, joined)| (port.clone(), edges(joined))).collect(),
            limits: Limits::new(self.deadline_seconds, self.memory_mib),
            on_fail: self.on_fail.map(OnFailForm::on_fail),
        })
    }
}

impl FileForm {
    /// Absolute, so that it is found from any folder.
    fn of(file: &StageFile) -> Self {
        match file {
            StageFile::Input => Self::Input,
            StageFile::At(path) => Self::At(absolute(path)),
        }
    }

    fn stage_file(&self) -> StageFile {
        match self {
            Self::Input => StageFile::Input,
            Self::At(FilePath(path)) => StageFile::At(path.clone()),
        }
    }
}

pub(super) fn absolute(path: &Path) -> FilePath {
    FilePath(path::absolute(path).unwrap_or_else(|_| path.to_owned()))
}

impl EdgeForm {
    fn of(edge: &Edge) -> Self {
        Self { stage: edge.stage.clone(), port: edge.port.clone() }
    }

    fn edge(&self) -> Edge {
        Edge { stage: self.stage.clone(), port: self.port.clone() }
    }
}

impl OnFailForm {
    fn of(on_fail: OnFail) -> Self {
        match on_fail {
            OnFail::Fail => Self::Fail,
            OnFail::Warn => Self::Warn,
        }
    }

    fn on_fail(self) -> OnFail {
        match self {
            Self::Fail => OnFail::Fail,
            Self::Warn => OnFail::Warn,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    pub(in crate::report) fn plan() -> Plan {
        let stage = |name: &str, node: &str, params: Value| PlannedStage {
            name: name.to_owned(),
            node: node::find(node).unwrap(),
            params: params.as_object().unwrap().clone(),
            files: BTreeMap::new(),
            inputs: BTreeMap::new(),
            limits: Limits::new(60, 512),
            on_fail: None,
        };
        let mut source = stage("source", "source.video", json!({ "preview": 0 }));
        source.files.insert("file".into(), StageFile::Input);
        let mut shots = stage("shots", "feature.shots", json!({ "sensitivity": 0.5 }));
        shots.inputs.insert("frames".into(), vec![Edge { stage: "source".into(), port: "frames".into() }]);
        let mut chords = stage("chords", "generate.chords", json!({ "temperature": 1.0 }));
        chords.files.insert("weights".into(), StageFile::At("/models/chords.safetensors".into()));
        let mut sync = stage("sync", "check.sync", json!({ "loudness": -16.0 }));
        sync.on_fail = Some(OnFail::Warn);
        Plan { recipe: "vlog".into(), seed: 7, stages: vec![source, shots, chords, sync] }
    }

    #[test]
    fn a_form_gives_its_plan_back() {
        let form = ResolvedForm::of(&plan(), &Map::new(), 0.0);
        let text = serde_json::to_string(&form).unwrap();
        let mut again = serde_json::from_str::<ResolvedForm>(&text).unwrap().plan(7).unwrap();
        again.stages[0].params.insert("preview".into(), 0.into());
        assert_eq!(again, plan());
    }

    #[test]
    fn a_preview_stays_a_preview() {
        assert!((ResolvedForm::of(&plan(), &Map::new(), 12.5).preview_seconds() - 12.5).abs() < 1e-9);
    }

    #[test]
    fn a_node_that_is_gone_is_named() {
        let mut form = ResolvedForm::of(&plan(), &Map::new(), 0.0);
        form.stages[1].node = "feature.smell".into();
        assert!(form.plan(7).unwrap_err().to_string().starts_with("stage shots: this version of cuesmith has no node"));
    }
}
