//! A resolved recipe: every knob and parameter has a checked value, every file is found.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::place::{Place, Source};
use crate::{
    node::{Limits, NodeSpec},
    script::{ScriptLimits, Survey},
};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ResolvedRecipe {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) seed: u64,
    /// All knobs there are.
    pub(crate) knobs: Map<String, Value>,
    pub(crate) scripts: ScriptLimits,
    /// Scripts by the text that stands for them in knobs and parameters.
    pub(crate) surveys: BTreeMap<String, Arc<Survey>>,
    /// Where each of the knob `hits` is written.
    pub(crate) hits: Vec<Place>,
    /// Stages and checks; names are shared.
    pub(crate) stages: BTreeMap<String, ResolvedStage>,
    /// The texts it was read from: the recipe itself, then those it extends, then modules of graph scripts.
    pub(crate) sources: Vec<Arc<Source>>,
    /// A graph script asked for the video: with another one it may be another graph.
    pub(crate) asked_clip: bool,
    /// What a graph script printed.
    pub(crate) printed: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ResolvedStage {
    pub(crate) node: &'static NodeSpec,
    /// Parameters of the node, without files, and the knobs that this stage sets for itself.
    pub(crate) params: Map<String, Value>,
    pub(crate) files: BTreeMap<String, StageFile>,
    /// By input port, as written; `graph::plan` joins them.
    pub(crate) inputs: BTreeMap<String, Joint>,
    pub(crate) limits: Limits,
    /// Set for checks only.
    pub(crate) on_fail: Option<OnFail>,
    /// Where the node is named.
    pub(crate) place: Place,
}

/// What a recipe writes at an input port.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Joint {
    /// Where the port is named.
    pub(crate) port: Place,
    pub(crate) references: Vec<Reference>,
    /// How many are written, whether they can be read as references or not.
    pub(crate) written: usize,
}

/// `stage` or `stage.port`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reference {
    pub(crate) text: String,
    pub(crate) place: Place,
}

/// Where a `File` or `Folder` parameter points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StageFile {
    /// Found when the recipe was resolved.
    At(PathBuf),
    /// The video that `--input` names.
    Input,
    /// A script with all that it imports.
    Script(Arc<Survey>),
}

/// What a failed check does to the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnFail {
    Fail,
    Warn,
    /// The piece is composed anew, at most so many times; the best attempt is kept.
    Reroll {
        rerolls: u32,
    },
}

impl OnFail {
    /// As recipes write it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Reroll { .. } => "reroll",
        }
    }
}

impl ResolvedRecipe {
    /// The whole recipe in the form of a recipe, with nothing left to defaults.
    pub(crate) fn to_json(&self) -> Value {
        let part = |is_check: bool| -> Map<String, Value> {
            let stages = self.stages.iter().filter(|(_, stage)| stage.on_fail.is_some() == is_check);
            stages.map(|(name, stage)| (name.clone(), stage.to_json())).collect()
        };
        json!({
            "recipe": { "name": self.name, "about": self.about, "seed": self.seed },
            "knobs": self.knobs,
            "scripts": self.scripts,
            "stages": part(false),
            "checks": part(true),
        })
    }
}

impl ResolvedStage {
    fn to_json(&self) -> Value {
        let mut table = self.params.clone();
        table.insert("node".to_owned(), self.node.name.into());
        table.insert(
            "inputs".to_owned(),
            self.inputs.iter().map(|(port, joint)| (port.clone(), joint.to_json())).collect(),
        );
        table.insert("deadline_seconds".to_owned(), self.limits.deadline_seconds.into());
        table.insert("memory_mib".to_owned(), self.limits.memory_mib.into());
        if let Some(on_fail) = self.on_fail {
            table.insert("on_fail".to_owned(), on_fail.name().into());
        }
        if let Some(OnFail::Reroll { rerolls }) = self.on_fail {
            table.insert("rerolls".to_owned(), rerolls.into());
        }
        for (param, file) in &self.files {
            if let StageFile::At(path) = file {
                table.insert(param.clone(), path.to_string_lossy().into());
            }
        }
        Value::Object(table)
    }
}

impl Joint {
    fn to_json(&self) -> Value {
        match self.references.as_slice() {
            [only] => only.text.clone().into(),
            several => several.iter().map(|reference| Value::from(reference.text.clone())).collect(),
        }
    }
}
