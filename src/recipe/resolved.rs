//! A resolved recipe: every knob and parameter has a checked value, every file is found.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::node::{Limits, NodeSpec};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ResolvedRecipe {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) seed: u64,
    /// All knobs there are.
    pub(crate) knobs: Map<String, Value>,
    /// Stages and checks; names are shared.
    pub(crate) stages: BTreeMap<String, ResolvedStage>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ResolvedStage {
    pub(crate) node: &'static NodeSpec,
    /// Parameters of the node, without knobs and files.
    pub(crate) params: Map<String, Value>,
    pub(crate) files: BTreeMap<String, StageFile>,
    pub(crate) limits: Limits,
    /// Set for checks only.
    pub(crate) on_fail: Option<OnFail>,
}

/// Where a `File` or `Folder` parameter points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StageFile {
    /// Found when the recipe was resolved.
    At(PathBuf),
    /// The video that `--input` names.
    Input,
}

/// What a failed check does to the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnFail {
    Fail,
    Warn,
}
