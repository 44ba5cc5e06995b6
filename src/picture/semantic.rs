//! What each second of a video shows: the network's features and classes of its stills.

use tch::{Kind, Tensor};

use super::{
    clip::Clip,
    network::{CLASSES, EfficientNet, FEATURES as WIDTH},
};
use crate::artifact::{Stills, Track};

/// Features of a row.
pub(crate) const FEATURES: usize = WIDTH as usize;
/// Pictures at once: always as many, so that a picture's numbers do not depend on how many there are.
const BATCH: usize = 8;
/// Digits beyond these are noise of the arithmetic.
const STEPS: f32 = 1e4;
/// A length this little over a whole span is that span.
const ROUNDING_SECONDS: f64 = 1e-6;

pub(crate) struct Semantic {
    /// `feature_0` to `feature_1279`.
    pub(crate) features: Track,
    /// `class_0` to `class_999`, probabilities of the classes of `ImageNet`.
    pub(crate) classes: Track,
}

/// One row a span; a span without a still holds the last.
pub(crate) fn semantic(stills: &Stills, network: &EfficientNet, mut on_progress: impl FnMut(f32)) -> Semantic {
    let (mut features, mut classes) = (Vec::new(), Vec::new());
    for batch in stills.rgb.chunks(BATCH) {
        on_progress(features.len() as f32 / stills.rgb.len() as f32);
        let seen = network.look(&pictures(batch));
        features.extend(rows(&seen.features, FEATURES).take(batch.len()));
        classes.extend(rows(&seen.logits.softmax(-1, Kind::Float), CLASSES as usize).take(batch.len()));
    }
    Semantic {
        features: track(stills, "feature", FEATURES, &features),
        classes: track(stills, "class", CLASSES as usize, &classes),
    }
}

/// `clip_0`, `clip_1` and so on: what CLIP makes of each span, not normalised.
pub(crate) fn embeddings(stills: &Stills, clip: &Clip, mut on_progress: impl FnMut(f32)) -> Track {
    let mut seen = Vec::new();
    for batch in stills.rgb.chunks(BATCH) {
        on_progress(seen.len() as f32 / stills.rgb.len() as f32);
        seen.extend(rows(&clip.look(&pictures(batch)), clip.width()).take(batch.len()));
    }
    track(stills, "clip", clip.width(), &seen)
}

fn track(stills: &Stills, name: &str, width: usize, rows: &[Vec<f32>]) -> Track {
    Track {
        channels: (0..width).map(|channel| format!("{name}_{channel}")).collect(),
        rows_per_second: 1.0 / stills.span_seconds,
        rows: held(stills, rows),
    }
}

/// Bytes to pictures x color x row x column; black ones fill up the batch.
fn pictures(batch: &[Vec<u8>]) -> Tensor {
    let side = Stills::SIDE as i64;
    let mut bytes = batch.concat();
    bytes.resize(BATCH * 3 * Stills::SIDE * Stills::SIDE, 0);
    Tensor::from_slice(&bytes).view([BATCH as i64, side, side, 3]).permute([0, 3, 1, 2]).contiguous()
}

fn rows(tensor: &Tensor, width: usize) -> impl Iterator<Item = Vec<f32>> + use<> {
    let mut values = vec![0.0_f32; tensor.numel()];
    let count = values.len();
    tensor.to_device(tch::Device::Cpu).contiguous().copy_data(&mut values, count);
    let rows: Vec<Vec<f32>> = values
        .chunks_exact(width)
        .map(|row| row.iter().map(|value| (value * STEPS).round() / STEPS).collect())
        .collect();
    rows.into_iter()
}

fn held(stills: &Stills, seen: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let spans = ((stills.seconds - ROUNDING_SECONDS) / stills.span_seconds).ceil().max(1.0) as usize;
    let shown = |span: usize| {
        let end = (span + 1) as f64 * stills.span_seconds;
        stills.times.partition_point(|time| *time < end).saturating_sub(1)
    };
    (0..spans).filter_map(|span| seen.get(shown(span)).cloned()).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tch::Device;

    use super::*;

    fn stills(times: &[f64], seconds: f64) -> Stills {
        let still =
            |level: usize| (0..Stills::SIDE * Stills::SIDE * 3).map(move |at| ((at / 97 + level * 31) % 256) as u8);
        let rgb = (0..times.len()).map(|level| still(level).collect()).collect();
        Stills { span_seconds: 1.0, seconds, times: times.to_vec(), rgb }
    }

    fn seen(stills: &Stills) -> Semantic {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("store/models/efficientnet_lite0.safetensors");
        semantic(stills, &EfficientNet::load(&path, Device::Cpu).unwrap(), |_| ())
    }

    #[test]
    fn a_row_a_second_whatever_stands_beside_it() {
        let several = seen(&stills(&[0.5, 1.5, 4.5], 6.0));
        assert_eq!((several.features.rows.len(), several.features.channels.len()), (6, FEATURES));
        let rows = &several.features.rows;
        assert!(rows[1] == rows[3] && rows[4] == rows[5] && rows[0] != rows[1] && rows[3] != rows[4]);
        assert!(several.classes.rows.iter().all(|row| (row.iter().sum::<f32>() - 1.0).abs() < 0.02));
        let one = seen(&stills(&[0.5], 0.9));
        assert_eq!(one.features.rows, rows[..1], "the same bits alone and among others");
    }
}
