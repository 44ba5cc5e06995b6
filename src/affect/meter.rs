//! A meter of either kind.

use serde::{Deserialize, Serialize};

use super::{Affect, Sound, histograms, kernel::Kernel, ridge::Ridge, simple, texture::Texture};

/// Which features and which learner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MeterKind {
    /// Rates and means, ridge regression: labels training songs.
    Ridge,
    /// Histograms, kernel ridge regression: only judges.
    Kernel,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Meter {
    Ridge(Ridge),
    Kernel(Kernel),
}

impl MeterKind {
    /// Stem of the meter's file in store/models/.
    pub(crate) fn file_stem(self) -> &'static str {
        match self {
            Self::Ridge => "music_affect",
            Self::Kernel => "music_affect_check",
        }
    }

    /// None where nothing sounds.
    pub(super) fn features(self, sounds: &[Sound], bpm: f64) -> Option<Vec<f64>> {
        let texture = Texture::of(sounds)?;
        Some(match self {
            Self::Ridge => simple::features(&texture, bpm),
            Self::Kernel => histograms::features(&texture),
        })
    }

    /// How many features there are.
    pub(super) fn width(self) -> usize {
        match self {
            Self::Ridge => simple::NAMES.len(),
            Self::Kernel => histograms::COUNT,
        }
    }
}

impl Meter {
    pub(crate) fn kind(&self) -> MeterKind {
        match self {
            Self::Ridge(_) => MeterKind::Ridge,
            Self::Kernel(_) => MeterKind::Kernel,
        }
    }

    /// What people would feel, on the scale of their ratings. Of a window, give the sounds that begin in it, cut at its end;
    /// where nothing sounds, the rated pieces' mean.
    pub(crate) fn measure(&self, sounds: &[Sound], bpm: f64) -> Affect {
        let features = self.kind().features(sounds, bpm);
        let [valence, arousal] = match (self, features) {
            (Self::Ridge(ridge), Some(row)) => ridge.measure(&row),
            (Self::Kernel(kernel), Some(row)) => kernel.measure(&row),
            (Self::Ridge(ridge), None) => ridge.offset,
            (Self::Kernel(kernel), None) => kernel.offset,
        };
        Affect { valence: valence.clamp(-1.0, 1.0), arousal: arousal.clamp(-1.0, 1.0) }
    }

    /// As `measure`, of features.
    pub(super) fn measure_row(&self, row: &[f64]) -> [f64; 2] {
        match self {
            Self::Ridge(ridge) => ridge.measure(row),
            Self::Kernel(kernel) => kernel.measure(row),
        }
    }
}
