//! A network's file: safetensors in f16, bf16 or f32, with the names that its `PyTorch` implementation gives them.

use std::{fs, io, path::Path};

use half::{bf16, f16};
use safetensors::{Dtype, SafeTensors};
use tch::{Device, Tensor};

use crate::error::StageError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum NetworkFileError {
    #[error("opening the picture network {path}: {source}; expected {expected}")]
    Unreadable { path: String, source: io::Error, expected: &'static str },
    #[error("reading the picture network {path}: {reason}; expected {expected}")]
    Malformed { path: String, reason: String, expected: &'static str },
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
    /// What the file should have been.
    expected: &'static str,
}

pub(super) fn read(path: &Path, expected: &'static str) -> Result<Vec<u8>, NetworkFileError> {
    fs::read(path).map_err(|source| NetworkFileError::Unreadable { path: path.display().to_string(), source, expected })
}

impl<'a> Tensors<'a> {
    pub(super) fn new(
        path: &'a Path,
        bytes: &'a [u8],
        device: Device,
        expected: &'static str,
    ) -> Result<Self, NetworkFileError> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| malformed(path, &error, expected))?;
        Ok(Self { path, file, device, expected })
    }

    /// A tensor in f32.
    pub(super) fn get(&self, name: &str, shape: &[i64]) -> Result<Tensor, NetworkFileError> {
        let malformed = |reason: &dyn ToString| malformed(self.path, &reason.to_string(), self.expected);
        let view = self.file.tensor(name).map_err(|error| malformed(&error))?;
        if !view.shape().iter().map(|side| *side as i64).eq(shape.iter().copied()) {
            return Err(malformed(&format!("{name} has shape {:?}, expected {shape:?}", view.shape())));
        }
        let values: Vec<f32> = match view.dtype() {
            Dtype::F16 => {
                view.data().chunks_exact(2).map(|two| f16::from_le_bytes([two[0], two[1]]).to_f32()).collect()
            }
            Dtype::F32 => {
                let four = view.data().chunks_exact(4);
                four.map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
            }
            Dtype::BF16 => {
                view.data().chunks_exact(2).map(|two| bf16::from_le_bytes([two[0], two[1]]).to_f32()).collect()
            }
            other => return Err(malformed(&format!("{name} is stored as {other:?}, expected F16, BF16 or F32"))),
        };
        if values.iter().any(|value| !value.is_finite()) {
            return Err(malformed(&format!("{name} holds a number that is not finite")));
        }
        Ok(Tensor::from_slice(&values).view(shape).to_device(self.device))
    }
}

fn malformed(path: &Path, reason: &impl ToString, expected: &'static str) -> NetworkFileError {
    NetworkFileError::Malformed { path: path.display().to_string(), reason: reason.to_string(), expected }
}
