//! What our small weight files (safetensors) have in common: a label in JSON among the metadata, and rows of numbers.

use half::f16;
use safetensors::{Dtype, SafeTensors};
use serde::de::DeserializeOwned;

/// What a file says of itself under `key`.
pub(crate) fn label<L: DeserializeOwned>(bytes: &[u8], key: &str) -> Result<L, String> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
    let text = header.metadata().as_ref().and_then(|metadata| metadata.get(key));
    let text = text.ok_or_else(|| format!("it has no metadata \"{key}\""))?;
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Finite numbers of a shape, stored as f16 or f32.
pub(crate) fn values(tensors: &SafeTensors, name: &str, shape: &[usize]) -> Result<Vec<f64>, String> {
    let view = tensors.tensor(name).map_err(|error| error.to_string())?;
    if view.shape() != shape {
        return Err(format!("{name} has shape {:?}, expected {shape:?}", view.shape()));
    }
    let four = |four: &[u8]| f64::from(f32::from_le_bytes([four[0], four[1], four[2], four[3]]));
    let values: Vec<f64> = match view.dtype() {
        Dtype::F16 => view.data().chunks_exact(2).map(|two| f16::from_le_bytes([two[0], two[1]]).to_f64()).collect(),
        Dtype::F32 => view.data().chunks_exact(4).map(four).collect(),
        other => return Err(format!("{name} is stored as {other:?}, expected F16 or F32")),
    };
    if values.iter().all(|value| value.is_finite()) {
        return Ok(values);
    }
    Err(format!("{name} holds a number that is not finite"))
}

/// Bytes of f32.
pub(crate) fn floats(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|value| (*value as f32).to_le_bytes()).collect()
}
