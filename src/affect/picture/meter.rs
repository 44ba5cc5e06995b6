//! The meter itself: kernel ridge regression on the network's features.

use crate::{
    affect::{calibration::Calibration, kernel::Kernel},
    artifact::Track,
};

const PREFIX: &str = "feature_";

/// A track that the network's features are not in.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error(
    "the track has {found} features, the picture meter wants {wanted}; join the output `semantic` of feature.semantic"
)]
pub(crate) struct MissingFeatures {
    found: usize,
    wanted: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PictureMeter {
    pub(super) kernel: Kernel,
    /// Of valence and arousal, from people's ratings to the scale of the knobs.
    pub(super) calibrations: [Calibration; 2],
}

impl PictureMeter {
    /// Channels `valence` and `arousal` of each row, -1..1.
    pub(crate) fn measure(&self, semantic: &Track) -> Result<Track, MissingFeatures> {
        let rows = rows(semantic, self.kernel.scaling.mean.len())?;
        let place = |row: &Vec<f64>| {
            let told = self.kernel.measure(row);
            (0..2).map(|side| self.calibrations[side].apply(told[side]) as f32).collect()
        };
        Ok(Track {
            channels: vec!["valence".to_owned(), "arousal".to_owned()],
            rows_per_second: semantic.rows_per_second,
            rows: rows.iter().map(place).collect(),
        })
    }
}

/// Rows of a semantic track as the kernel sees them: roots, since a few strong features would drown the others.
pub(super) fn rows(semantic: &Track, wanted: usize) -> Result<Vec<Vec<f64>>, MissingFeatures> {
    let found = semantic.channels.iter().filter(|channel| channel.starts_with(PREFIX)).count();
    if found != wanted || found != semantic.channels.len() || semantic.rows.iter().any(|row| row.len() != wanted) {
        return Err(MissingFeatures { found, wanted });
    }
    let seen = |value: &f32| f64::from(value.max(0.0)).sqrt();
    Ok(semantic.rows.iter().map(|row| row.iter().map(seen).collect()).collect())
}
