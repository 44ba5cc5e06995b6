//! Meter files: safetensors in f32, with kind and version as JSON in their metadata. Checked whole before use.

use std::{collections::HashMap, fs, io, path::Path};

use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};

use super::{
    kernel::Kernel,
    meter::{Meter, MeterKind},
    ridge::Ridge,
    scaling::Scaling,
};
use crate::error::StageError;

/// Grows when features or parameters change their meaning.
const VERSION: u32 = 1;
const METADATA_KEY: &str = "cuesmith";

#[derive(Debug, thiserror::Error)]
pub(crate) enum MeterError {
    #[error("opening the meter {path}: {source}; train it with `cuesmith run recipes/train/music_affect.toml`")]
    Unreadable { path: String, source: io::Error },
    #[error("reading the meter {path}: {reason}; expected a safetensors file that train.music_affect has written")]
    Malformed { path: String, reason: String },
    #[error("reading the meter {path}: version {found}, this program reads {VERSION}; train it again or update")]
    Version { path: String, found: u32 },
}

impl From<MeterError> for StageError {
    fn from(error: MeterError) -> Self {
        Self::usage(error.to_string())
    }
}

#[derive(Serialize, Deserialize)]
struct Label {
    version: u32,
    meter: MeterKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fading: Option<f64>,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl Meter {
    pub(crate) fn load(path: &Path) -> Result<Self, MeterError> {
        let shown = path.display().to_string();
        let bytes = fs::read(path).map_err(|source| MeterError::Unreadable { path: shown.clone(), source })?;
        Self::from_bytes(&shown, &bytes)
    }

    /// Equal meters give equal bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let (scaling, offset) = match self {
            Self::Ridge(ridge) => (&ridge.scaling, ridge.offset),
            Self::Kernel(kernel) => (&kernel.scaling, kernel.offset),
        };
        let width = scaling.mean.len();
        let mut tensors = vec![
            ("mean", vec![width], scaling.mean.clone()),
            ("spread", vec![width], scaling.spread.clone()),
            ("offset", vec![2], offset.to_vec()),
        ];
        match self {
            Self::Ridge(ridge) => tensors.push(("weights", vec![2, width], ridge.weights.concat())),
            Self::Kernel(kernel) => {
                tensors.push(("pieces", vec![kernel.pieces.len(), width], kernel.pieces.concat()));
                tensors.push(("votes", vec![2, kernel.pieces.len()], kernel.votes.concat()));
            }
        }
        let fading = if let Self::Kernel(kernel) = self { Some(kernel.fading) } else { None };
        let label = Label { version: VERSION, meter: self.kind(), fading };
        let label = serde_json::to_string(&label).expect("a label is plain JSON");
        let stored: Vec<(&str, Vec<usize>, Vec<u8>)> = tensors
            .into_iter()
            .map(|(name, shape, values)| {
                (name, shape, values.iter().flat_map(|value| (*value as f32).to_le_bytes()).collect())
            })
            .collect();
        let views = stored.iter().map(|(name, shape, bytes)| {
            (*name, TensorView::new(Dtype::F32, shape.clone(), bytes).expect("four bytes an element"))
        });
        safetensors::serialize(views, Some(HashMap::from([(METADATA_KEY.to_owned(), label)])))
            .expect("names and shapes are our own")
    }

    fn from_bytes(path: &str, bytes: &[u8]) -> Result<Self, MeterError> {
        let label = label(path, bytes)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| malformed(path, &error))?;
        let file = File { path, tensors };
        let width = label.meter.width();
        let scaling = Scaling { mean: file.values("mean", &[width])?, spread: file.values("spread", &[width])? };
        if scaling.spread.iter().any(|spread| *spread <= 0.0) {
            return Err(malformed(path, &"a spread is not above 0"));
        }
        let offset = file.pair("offset", 1)?.map(|side| side[0]);
        Ok(match label.meter {
            MeterKind::Ridge => Self::Ridge(Ridge { scaling, weights: file.pair("weights", width)?, offset }),
            MeterKind::Kernel => {
                let pieces = file.rows("pieces", width)?;
                let votes = file.pair("votes", pieces.len())?;
                let fading = label.fading.filter(|fading| *fading >= 0.0);
                let fading = fading.ok_or_else(|| malformed(path, &"its label says no fading"))?;
                Self::Kernel(Kernel { scaling, pieces, votes, offset, fading })
            }
        })
    }
}

fn label(path: &str, bytes: &[u8]) -> Result<Label, MeterError> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| malformed(path, &error))?;
    let text = header.metadata().as_ref().and_then(|metadata| metadata.get(METADATA_KEY));
    let text = text.ok_or_else(|| malformed(path, &format!("it has no metadata \"{METADATA_KEY}\"")))?;
    let version: Version = serde_json::from_str(text).map_err(|error| malformed(path, &error))?;
    // Of another kind of weights the fields differ before the version does.
    match serde_json::from_str(text) {
        Ok(label) if version.version == VERSION => Ok(label),
        Err(error) if version.version == VERSION => Err(malformed(path, &error)),
        _ => Err(MeterError::Version { path: path.to_owned(), found: version.version }),
    }
}

struct File<'a> {
    path: &'a str,
    tensors: SafeTensors<'a>,
}

impl File<'_> {
    fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f64>, MeterError> {
        let view = self.tensors.tensor(name).map_err(|error| malformed(self.path, &error))?;
        if view.shape() != shape || view.dtype() != Dtype::F32 {
            let (dtype, found) = (view.dtype(), view.shape());
            return Err(malformed(self.path, &format!("{name} is {dtype:?} {found:?}, expected F32 {shape:?}")));
        }
        let values: Vec<f64> = view
            .data()
            .chunks_exact(4)
            .map(|four| f64::from(f32::from_le_bytes([four[0], four[1], four[2], four[3]])))
            .collect();
        if values.iter().all(|value| value.is_finite()) {
            return Ok(values);
        }
        Err(malformed(self.path, &format!("{name} holds a number that is not finite")))
    }

    /// Valence's row and arousal's.
    fn pair(&self, name: &str, width: usize) -> Result<[Vec<f64>; 2], MeterError> {
        let shape: &[usize] = if width == 1 { &[2] } else { &[2, width] };
        let values = self.values(name, shape)?;
        Ok([values[..width].to_vec(), values[width..].to_vec()])
    }

    fn rows(&self, name: &str, width: usize) -> Result<Vec<Vec<f64>>, MeterError> {
        let view = self.tensors.tensor(name).map_err(|error| malformed(self.path, &error))?;
        let count = view.shape().first().copied().filter(|count| *count > 1);
        let count = count.ok_or_else(|| malformed(self.path, &format!("{name} holds too few rows")))?;
        Ok(self.values(name, &[count, width])?.chunks_exact(width).map(<[f64]>::to_vec).collect())
    }
}

fn malformed(path: &str, reason: &impl ToString) -> MeterError {
    MeterError::Malformed { path: path.to_owned(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::affect::{testing::scale_piece, training::tests::ratings};

    fn meters() -> [Meter; 2] {
        let trained = |kind| crate::affect::train(&ratings(24), kind, crate::seed::Seed::master(3)).unwrap().meter;
        [trained(MeterKind::Ridge), trained(MeterKind::Kernel)]
    }

    #[test]
    fn what_is_written_is_read() {
        for meter in meters() {
            let bytes = meter.to_bytes();
            let read = Meter::from_bytes("meter", &bytes).unwrap();
            assert_eq!(read.kind(), meter.kind());
            assert_eq!(read.to_bytes(), bytes, "f32 once is f32 for ever");
            let (one, other) = (meter.measure(&scale_piece(0.3), 90.0), read.measure(&scale_piece(0.3), 90.0));
            assert!((one.valence - other.valence).abs() < 1e-4 && (one.arousal - other.arousal).abs() < 1e-4);
        }
    }

    #[test]
    fn damaged_files_are_refused() {
        let [ridge, _] = meters();
        let bytes = ridge.to_bytes();
        for length in (0..bytes.len()).step_by(97) {
            assert!(Meter::from_bytes("short", &bytes[..length]).is_err(), "{length} bytes");
        }
        let nan = [&bytes[..bytes.len() - 4], &f32::NAN.to_le_bytes()].concat();
        let error = Meter::from_bytes("m", &nan).unwrap_err().to_string();
        assert!(error.contains("not finite") || error.contains("not above 0"), "{error}");
    }

    #[test]
    fn other_weights_are_no_meter() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("store/models/chords.safetensors");
        let error = Meter::load(&path).unwrap_err().to_string();
        assert!(error.contains("missing field `meter`"), "{error}");
        let error = Meter::load(Path::new("/nowhere/meter.safetensors")).unwrap_err().to_string();
        assert!(error.contains("recipes/train/music_affect.toml"), "{error}");
    }
}
