//! The network's file: safetensors in f16 or f32, with the names that its `PyTorch` implementation gives them.

use std::{fs, io, path::Path};

use half::f16;
use safetensors::{Dtype, SafeTensors};
use tch::{Device, Tensor};

use crate::error::StageError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum NetworkFileError {
    #[error(
        "opening the picture network {path}: {source}; store/models/efficientnet_lite0.safetensors ships with cuesmith"
    )]
    Unreadable { path: String, source: io::Error },
    #[error("reading the picture network {path}: {reason}; expected the safetensors file of an EfficientNet-Lite0")]
    Malformed { path: String, reason: String },
}

impl From<NetworkFileError> for StageError {
    fn from(error: NetworkFileError) -> Self {
        Self::usage(error.to_string())
    }
}

/// The tensors of a file, checked one by one as they are asked for.
pub(super) struct Tensors<'a> {
    path: &'a Path,
    file: SafeTensors<'a>,
    device: Device,
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, NetworkFileError> {
    fs::read(path).map_err(|source| NetworkFileError::Unreadable { path: path.display().to_string(), source })
}

impl<'a> Tensors<'a> {
    pub(super) fn new(path: &'a Path, bytes: &'a [u8], device: Device) -> Result<Self, NetworkFileError> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| malformed(path, &error))?;
        Ok(Self { path, file, device })
    }

    /// A tensor in f32.
    pub(super) fn get(&self, name: &str, shape: &[i64]) -> Result<Tensor, NetworkFileError> {
        let view = self.file.tensor(name).map_err(|error| malformed(self.path, &error))?;
        if !view.shape().iter().map(|side| *side as i64).eq(shape.iter().copied()) {
            return Err(malformed(self.path, &format!("{name} has shape {:?}, expected {shape:?}", view.shape())));
        }
        let values: Vec<f32> = match view.dtype() {
            Dtype::F16 => {
                view.data().chunks_exact(2).map(|two| f16::from_le_bytes([two[0], two[1]]).to_f32()).collect()
            }
            Dtype::F32 => {
                let four = view.data().chunks_exact(4);
                four.map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
            }
            other => return Err(malformed(self.path, &format!("{name} is stored as {other:?}, expected F16 or F32"))),
        };
        if values.iter().any(|value| !value.is_finite()) {
            return Err(malformed(self.path, &format!("{name} holds a number that is not finite")));
        }
        Ok(Tensor::from_slice(&values).view(shape).to_device(self.device))
    }
}

fn malformed(path: &Path, reason: &impl ToString) -> NetworkFileError {
    NetworkFileError::Malformed { path: path.display().to_string(), reason: reason.to_string() }
}
