//! Weight files: safetensors in f16 with what the model is in their metadata.

use std::path::Path;

use serde::{Deserialize, Serialize};
use tch::{Device, nn};

use super::{Config, Part};

/// What a weight file says of itself, beside its tensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Label {
    pub(crate) part: Part,
    pub(crate) config: Config,
    /// Conditions that the model knows, in order.
    pub(crate) channels: Vec<String>,
    pub(crate) version: u32,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum WeightsError {}

/// Writes all variables of a store as f16.
pub(crate) fn save(path: &Path, part: Part, config: &Config, store: &nn::VarStore) -> Result<(), WeightsError> {
    let _ = (path, part, config, store);
    unimplemented!("comes with the models")
}

/// Reads a file's label and puts its tensors into a store of that part's network.
pub(crate) fn load(path: &Path, part: Part, device: Device) -> Result<(Label, nn::VarStore), WeightsError> {
    let _ = (path, part, device);
    unimplemented!("comes with the models")
}
