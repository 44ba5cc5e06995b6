//! From a planned stage and what comes in to the key under which the store may have its outputs.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    Device,
    attempts::{self, Attempts},
    numeric,
    outside::Outside,
};
use crate::{
    artifact::BlobRef,
    error::StageError,
    graph::{Plan, PlannedStage},
    node::Lane,
    store::{Key, KeyInput},
};

pub(super) type Blobs = BTreeMap<String, Vec<BlobRef>>;

/// A parameter that the run fills: what was refused before the attempt that is kept.
const REFUSED: &str = "refused";

/// Parameters of a stage as its key and its job have them.
pub(super) fn params(
    stage: &PlannedStage,
    outside: &Outside,
    attempts: &Attempts,
) -> Result<Map<String, Value>, StageError> {
    let mut params = outside.params(stage)?;
    if !attempts.refused.is_empty() && stage.node.params.iter().any(|param| param.name == REFUSED) {
        params.insert(REFUSED.to_owned(), attempts.summary().into());
    }
    Ok(params)
}

pub(super) fn key(
    plan: &Plan,
    stage: &PlannedStage,
    outside: &Outside,
    inputs: &Blobs,
    device: Device,
    attempts: &Attempts,
) -> Result<Key, StageError> {
    let inputs = inputs.iter().map(|(port, blobs)| (port.clone(), blobs.iter().map(KeyInput::from).collect()));
    Ok(Key {
        node: stage.node.name.to_owned(),
        version: stage.node.version,
        params: params(stage, outside, attempts)?,
        inputs: inputs.collect(),
        seed: stage.node.seeded.then(|| attempts::seed(plan, stage, attempts.kept)),
        numeric: (stage.node.lane == Lane::Device).then(|| numeric::mode(device)),
    })
}
