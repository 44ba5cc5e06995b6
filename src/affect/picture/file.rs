//! Picture meters as files: safetensors, photographs in f16, all else in f32; version and calibration in their metadata.

use std::{collections::HashMap, fs, io, path::Path};

use half::f16;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};

use super::meter::PictureMeter;
use crate::{
    affect::{calibration::Calibration, kernel::Kernel, scaling::Scaling},
    error::StageError,
    tensor_file::{self, floats, values},
};

/// Grows when features or parameters change their meaning.
const VERSION: u32 = 1;
const METADATA_KEY: &str = "cuesmith";
const MOST_PICTURES: usize = 100_000;

#[derive(Debug, thiserror::Error)]
pub(crate) enum PictureMeterError {
    #[error("opening the picture meter {path}: {source}; train it with `cuesmith run recipes/train/affect.toml`")]
    Unreadable { path: String, source: io::Error },
    #[error("reading the picture meter {path}: {reason}; expected a safetensors file that train.affect has written")]
    Malformed { path: String, reason: String },
}

impl From<PictureMeterError> for StageError {
    fn from(error: PictureMeterError) -> Self {
        Self::usage(error.to_string())
    }
}

#[derive(Serialize, Deserialize)]
struct Label {
    version: u32,
    meter: Sort,
    fading: f64,
    valence_at_5_50_95_percent: [f64; 3],
    arousal_at_5_50_95_percent: [f64; 3],
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sort {
    Picture,
}

impl PictureMeter {
    pub(crate) fn load(path: &Path) -> Result<Self, PictureMeterError> {
        let shown = path.display().to_string();
        let bytes = fs::read(path).map_err(|source| PictureMeterError::Unreadable { path: shown.clone(), source })?;
        Self::from_bytes(&bytes).map_err(|reason| PictureMeterError::Malformed { path: shown, reason })
    }

    /// Equal meters give equal bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let Kernel { scaling, pieces, votes, offset, fading } = &self.kernel;
        let (width, count) = (scaling.mean.len(), pieces.len());
        let tensors = [
            ("mean", Dtype::F32, vec![width], floats(&scaling.mean)),
            ("spread", Dtype::F32, vec![width], floats(&scaling.spread)),
            ("offset", Dtype::F32, vec![2], floats(offset)),
            ("votes", Dtype::F32, vec![2, count], floats(&votes.concat())),
            ("pictures", Dtype::F16, vec![count, width], halves(pieces)),
        ];
        let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
            (*name, TensorView::new(*dtype, shape.clone(), bytes).expect("as many bytes as the shape says"))
        });
        let [valence, arousal] = self.calibrations.map(|calibration| calibration.values);
        let label = Label {
            version: VERSION,
            meter: Sort::Picture,
            fading: *fading,
            valence_at_5_50_95_percent: valence,
            arousal_at_5_50_95_percent: arousal,
        };
        let label = serde_json::to_string(&label).expect("a label is plain JSON");
        safetensors::serialize(views, Some(HashMap::from([(METADATA_KEY.to_owned(), label)])))
            .expect("names and shapes are our own")
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let label = label(bytes)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
        let pictures = tensors.tensor("pictures").map_err(|error| error.to_string())?;
        let &[count, width] = pictures.shape() else { return Err("its pictures are no table".to_owned()) };
        if !(1..=MOST_PICTURES).contains(&count) || width == 0 {
            return Err(format!("it holds {count} pictures of {width} features"));
        }
        let values = |name: &str, shape: &[usize]| values(&tensors, name, shape);
        let scaling = Scaling { mean: values("mean", &[width])?, spread: values("spread", &[width])? };
        if scaling.spread.iter().any(|spread| *spread <= 0.0) || label.fading < 0.0 {
            return Err("a spread or its fading is not above 0".to_owned());
        }
        let (offset, votes) = (values("offset", &[2])?, values("votes", &[2, count])?);
        let kernel = Kernel {
            scaling,
            pieces: values("pictures", &[count, width])?.chunks_exact(width).map(<[f64]>::to_vec).collect(),
            votes: [votes[..count].to_vec(), votes[count..].to_vec()],
            offset: [offset[0], offset[1]],
            fading: label.fading,
        };
        let placed = [label.valence_at_5_50_95_percent, label.arousal_at_5_50_95_percent];
        Ok(Self { kernel, calibrations: placed.map(|values| Calibration { values }) })
    }
}

fn label(bytes: &[u8]) -> Result<Label, String> {
    let label: Label = tensor_file::label(bytes, METADATA_KEY)?;
    if label.version != VERSION {
        return Err(format!("version {}, this program reads {VERSION}", label.version));
    }
    Ok(label)
}

fn halves(rows: &[Vec<f64>]) -> Vec<u8> {
    rows.iter().flatten().flat_map(|value| f16::from_f64(*value).to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        affect::picture::{train, training::tests::made},
        seed::Seed,
    };

    #[test]
    fn what_is_written_is_read_and_damage_is_refused() {
        let (rated, semantic) = made(40);
        let meter = train(&rated, &semantic, Seed::master(2), |_| ()).unwrap().meter;
        let bytes = meter.to_bytes();
        let read = PictureMeter::from_bytes(&bytes).unwrap();
        assert_eq!(read.to_bytes(), bytes, "f16 once is f16 for ever");
        let (one, other) = (meter.measure(&semantic).unwrap(), read.measure(&semantic).unwrap());
        for (one, other) in one.rows.iter().flatten().zip(other.rows.iter().flatten()) {
            assert!((one - other).abs() < 5e-3, "{one} {other}");
        }
        for length in [0, 9, 300, bytes.len() / 2, bytes.len() - 1] {
            assert!(PictureMeter::from_bytes(&bytes[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn other_weights_are_no_picture_meter() {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("store/models");
        let error = PictureMeter::load(&models.join("music_affect_check.safetensors")).unwrap_err().to_string();
        assert!(error.contains("unknown variant `kernel`"), "{error}");
        let error = PictureMeter::load(Path::new("/nowhere/meter.safetensors")).unwrap_err().to_string();
        assert!(error.contains("recipes/train/affect.toml"), "{error}");
    }
}
