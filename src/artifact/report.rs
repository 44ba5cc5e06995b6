//! A report: what a stage measured and, for checks, whether it is good enough.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Kind, json_artifact};

/// Measures by name, with what they mean for the result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    /// Checks only: whether every threshold held. The recipe's `on_fail` says what a failure does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) passed: Option<bool>,
    /// One line for people: what was asked, what came, which knob moves it.
    pub(crate) summary: String,
    /// Measures with units in their names (`integrated_lufs`, `longest_silence_beats`).
    pub(crate) values: BTreeMap<String, Value>,
}

json_artifact!(Report, Kind::Report);
