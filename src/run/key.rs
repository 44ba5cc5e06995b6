//! From a planned stage and what comes in to the key under which the store may have its outputs.

use std::collections::BTreeMap;

use super::{Device, numeric, outside::Outside};
use crate::{
    artifact::BlobRef,
    error::StageError,
    graph::{Plan, PlannedStage},
    node::Lane,
    seed::Seed,
    store::{Key, KeyInput},
};

pub(super) type Blobs = BTreeMap<String, Vec<BlobRef>>;

/// The seed that a stage draws from; its key holds it only if the node draws at all.
pub(super) fn seed(plan: &Plan, stage: &PlannedStage) -> Seed {
    Seed::master(plan.seed).derive(&stage.name)
}

pub(super) fn key(
    plan: &Plan,
    stage: &PlannedStage,
    outside: &Outside,
    inputs: &Blobs,
    device: Device,
) -> Result<Key, StageError> {
    let inputs = inputs.iter().map(|(port, blobs)| (port.clone(), blobs.iter().map(KeyInput::from).collect()));
    Ok(Key {
        node: stage.node.name.to_owned(),
        version: stage.node.version,
        params: outside.params(stage)?,
        inputs: inputs.collect(),
        seed: stage.node.seeded.then(|| seed(plan, stage)),
        numeric: (stage.node.lane == Lane::Device).then(|| numeric::mode(device)),
    })
}
