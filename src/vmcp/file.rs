//! Encoders with their reference pool as files: safetensors, the pool in f16, all else in f32; the rest in their metadata.

use std::{collections::HashMap, fs, io, path::Path};

use half::f16;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};

use super::{
    Channels, Code, Encoder, Pool,
    cca::{Cca, DIRECTIONS, Side},
    curves,
    mixing::{Mixing, RANK},
};
use crate::{
    error::StageError,
    tensor_file::{self, floats, values},
};

/// Grows when curves, rows or parameters change their meaning.
const VERSION: u32 = 2;
const METADATA_KEY: &str = "cuesmith";
const MOST_POOL: usize = 10_000;
const MOST_BYTES: u64 = 64 << 20;

#[derive(Debug, thiserror::Error)]
pub(crate) enum EncoderFileError {
    #[error("opening the encoders {path}: {source}; train them with `cuesmith run recipes/train/vmcp.toml`")]
    Unreadable { path: String, source: io::Error },
    #[error("reading the encoders {path}: {reason}; expected a safetensors file that train.vmcp has written")]
    Malformed { path: String, reason: String },
}

impl From<EncoderFileError> for StageError {
    fn from(error: EncoderFileError) -> Self {
        Self::usage(error.to_string())
    }
}

#[derive(Serialize, Deserialize)]
struct Label {
    version: u32,
    encoders: Sort,
    channels: Channels,
    place_weight: f64,
    valence_at_5_50_95_percent: [f32; 3],
    arousal_at_5_50_95_percent: [f32; 3],
    /// Seconds of each piece in the pool.
    pool_seconds: Vec<usize>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sort {
    Vmcp,
}

/// Reads encoders and their pool.
pub(crate) fn load(path: &Path) -> Result<(Encoder, Pool), EncoderFileError> {
    let shown = path.display().to_string();
    let unreadable = |source| EncoderFileError::Unreadable { path: path.display().to_string(), source };
    let malformed = |reason| EncoderFileError::Malformed { path: shown, reason };
    let bytes = fs::metadata(path).map_err(unreadable)?.len();
    if bytes > MOST_BYTES {
        return Err(malformed(format!("{bytes} bytes, over {MOST_BYTES}")));
    }
    from_bytes(&fs::read(path).map_err(unreadable)?).map_err(malformed)
}

/// Equal encoders give equal bytes.
pub(crate) fn to_bytes(encoder: &Encoder, pool: &Pool) -> Vec<u8> {
    let Cca { picture, music } = &encoder.cca;
    let mixing = &encoder.mixing;
    let (pictures, musics) = (picture.mean.len(), music.mean.len());
    let places: Vec<f64> = pool.codes.iter().flat_map(|code| code.place.iter().copied()).collect();
    let heard: Vec<f32> = pool.codes.iter().flat_map(|code| code.curves.concat()).collect();
    let tensors = [
        ("picture.mean", vec![pictures], floats(&picture.mean)),
        ("picture.spread", vec![pictures], floats(&picture.spread)),
        ("picture.directions", vec![DIRECTIONS, pictures], floats(&picture.directions.concat())),
        ("music.mean", vec![musics], floats(&music.mean)),
        ("music.spread", vec![musics], floats(&music.spread)),
        ("music.directions", vec![DIRECTIONS, musics], floats(&music.directions.concat())),
        ("picture.mixtures", vec![mixing.picture.len(), RANK], floats(&mixing.picture.concat())),
        ("music.mixtures", vec![mixing.music.len(), RANK], floats(&mixing.music.concat())),
        ("pool.places", vec![pool.codes.len(), DIRECTIONS], floats(&places)),
    ];
    let halves: Vec<u8> = heard.iter().flat_map(|value| f16::from_f32(*value).to_le_bytes()).collect();
    let view = |dtype, shape: &[usize], bytes| {
        TensorView::new(dtype, shape.to_vec(), bytes).expect("as many bytes as the shape says")
    };
    let mut views: Vec<(&str, TensorView)> =
        tensors.iter().map(|(name, shape, bytes)| (*name, view(Dtype::F32, shape, bytes))).collect();
    views.push(("pool.mixtures", view(Dtype::F16, &[heard.len()], &halves)));
    let label = Label {
        version: VERSION,
        encoders: Sort::Vmcp,
        channels: encoder.channels,
        place_weight: encoder.place_weight,
        valence_at_5_50_95_percent: encoder.moods[0],
        arousal_at_5_50_95_percent: encoder.moods[1],
        pool_seconds: pool.codes.iter().map(|code| code.curves.first().map_or(0, Vec::len)).collect(),
    };
    let label = serde_json::to_string(&label).expect("a label is plain JSON");
    safetensors::serialize(views, Some(HashMap::from([(METADATA_KEY.to_owned(), label)])))
        .expect("names and shapes are our own")
}

fn from_bytes(bytes: &[u8]) -> Result<(Encoder, Pool), String> {
    let label = label(bytes)?;
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let side = |name: &str| {
        let mean = tensors.tensor(&format!("{name}.mean")).map_err(|error| error.to_string())?;
        let &[width] = mean.shape() else { return Err(format!("{name}.mean is no row")) };
        let values = |what: &str, shape: &[usize]| values(&tensors, &format!("{name}.{what}"), shape);
        let spread = values("spread", &[width])?;
        if width == 0 || spread.iter().any(|spread| *spread <= 0.0) {
            return Err(format!("{name}.spread is not above 0"));
        }
        let directions = values("directions", &[DIRECTIONS, width])?;
        let directions = directions.chunks_exact(width).map(<[f64]>::to_vec).collect();
        Ok(Side { mean: values("mean", &[width])?, spread, directions })
    };
    let count = label.pool_seconds.len();
    let rows = label.pool_seconds.iter().try_fold(0_usize, |sum, seconds| sum.checked_add(*seconds));
    let rows = rows.filter(|rows| count <= MOST_POOL && *rows <= bytes.len()).ok_or("its pool is too long")?;
    let places = values(&tensors, "pool.places", &[count, DIRECTIONS])?;
    let heard = values(&tensors, "pool.mixtures", &[rows * RANK])?;
    let mut heard = heard.into_iter().map(|value| value as f32);
    let mut code = |(seconds, place): (&usize, &[f64])| Code {
        place: place.to_vec(),
        curves: (0..RANK).map(|_| heard.by_ref().take(*seconds).collect()).collect(),
    };
    let pool = Pool { codes: label.pool_seconds.iter().zip(places.chunks_exact(DIRECTIONS)).map(&mut code).collect() };
    let mixtures = |name: &str, curves: usize| {
        let values = values(&tensors, name, &[curves, RANK])?;
        Ok::<_, String>(values.chunks_exact(RANK).map(<[f64]>::to_vec).collect())
    };
    let encoder = Encoder {
        channels: label.channels,
        cca: Cca { picture: side("picture")?, music: side("music")? },
        mixing: Mixing {
            picture: mixtures("picture.mixtures", label.channels.picture_curves())?,
            music: mixtures("music.mixtures", curves::MUSIC.len())?,
        },
        place_weight: label.place_weight,
        moods: [label.valence_at_5_50_95_percent, label.arousal_at_5_50_95_percent],
    };
    Ok((encoder, pool))
}

fn label(bytes: &[u8]) -> Result<Label, String> {
    let label: Label = tensor_file::label(bytes, METADATA_KEY)?;
    if label.version != VERSION {
        return Err(format!("version {}, this program reads {VERSION}", label.version));
    }
    Ok(label)
}
