//! The model as a file: safetensors, its meaning in the metadata.

use std::{collections::HashMap, fs, io, path::Path};

use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};

use super::model::{Dynamics, FEATURES};
use crate::{
    error::StageError,
    tensor_file::{floats, label, values},
};

/// Grows when features or parameters change their meaning.
const VERSION: u32 = 1;
const METADATA_KEY: &str = "cuesmith";
const MOST_BYTES: u64 = 1 << 20;
const MOST_SPREAD: f64 = 100.0;

#[derive(Debug, thiserror::Error)]
pub(crate) enum DynamicsFileError {
    #[error("opening the model of dynamics {path}: {source}; train it with `cuesmith run recipes/train/dynamics.toml`")]
    Unreadable { path: String, source: io::Error },
    #[error(
        "reading the model of dynamics {path}: {reason}; expected a safetensors file that train.dynamics has written"
    )]
    Malformed { path: String, reason: String },
}

impl From<DynamicsFileError> for StageError {
    fn from(error: DynamicsFileError) -> Self {
        Self::usage(error.to_string())
    }
}

#[derive(Serialize, Deserialize)]
struct Label {
    version: u32,
    model: Sort,
    spread: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sort {
    Dynamics,
}

pub(crate) fn load(path: &Path) -> Result<Dynamics, DynamicsFileError> {
    let unreadable = |source| DynamicsFileError::Unreadable { path: path.display().to_string(), source };
    let malformed = |reason| DynamicsFileError::Malformed { path: path.display().to_string(), reason };
    let bytes = fs::metadata(path).map_err(unreadable)?.len();
    if bytes > MOST_BYTES {
        return Err(malformed(format!("{bytes} bytes, over {MOST_BYTES}")));
    }
    from_bytes(&fs::read(path).map_err(unreadable)?).map_err(malformed)
}

/// Equal models give equal bytes.
pub(crate) fn to_bytes(dynamics: &Dynamics) -> Vec<u8> {
    let bytes = floats(&dynamics.weights);
    let view = TensorView::new(Dtype::F32, vec![FEATURES], &bytes).expect("as many bytes as the shape says");
    let label = Label { version: VERSION, model: Sort::Dynamics, spread: dynamics.spread };
    let label = serde_json::to_string(&label).expect("a label is plain JSON");
    safetensors::serialize([("weights", view)], Some(HashMap::from([(METADATA_KEY.to_owned(), label)])))
        .expect("names and shapes are our own")
}

fn from_bytes(bytes: &[u8]) -> Result<Dynamics, String> {
    let Label { version, spread, .. } = label(bytes, METADATA_KEY)?;
    if version != VERSION {
        return Err(format!("version {version}, this program reads {VERSION}"));
    }
    if !(0.0..=MOST_SPREAD).contains(&spread) {
        return Err(format!("its spread is {spread}, expected 0 to {MOST_SPREAD}"));
    }
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let values = values(&tensors, "weights", &[FEATURES])?;
    Ok(Dynamics { weights: std::array::from_fn(|at| values[at]), spread })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_read_as_it_was_written_and_nothing_else_is_one() {
        let dynamics = Dynamics { weights: std::array::from_fn(|at| at as f64 / 4.0), spread: 2.5 };
        assert_eq!(from_bytes(&to_bytes(&dynamics)).unwrap(), dynamics);
        let turned = Dynamics { spread: -1.0, ..dynamics };
        assert!(from_bytes(&to_bytes(&turned)).unwrap_err().contains("spread is -1"));
        assert!(from_bytes(b"no file").is_err());
        let missing = load(Path::new("/nowhere.safetensors")).unwrap_err().to_string();
        assert!(missing.contains("recipes/train/dynamics.toml"), "{missing}");
    }
}
