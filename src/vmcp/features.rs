//! A clip as the encoders see it before anything is learned: a pooled row and curves of each side.

use serde::{Deserialize, Serialize};

use super::{MusicSeconds, PictureSeconds, curves, pooled};

/// What of the picture is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Channels {
    /// Valence, arousal, motion, cuts: what our own features tell of any video.
    Default,
    /// These and CLIP's features.
    Clip,
}

/// One side of a clip.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Side {
    pub(super) pooled: Vec<f64>,
    /// Curves of equal length, a row a second.
    pub(super) curves: Vec<Vec<f32>>,
}

impl Channels {
    fn has_semantic(self) -> bool {
        self == Self::Clip
    }

    pub(super) fn picture_curves(self) -> usize {
        curves::PICTURE.len() + if self.has_semantic() { curves::SEMANTIC.len() } else { 0 }
    }
}

impl Side {
    pub(super) fn of_picture(picture: &PictureSeconds, channels: Channels) -> Self {
        let semantic = channels.has_semantic();
        Self { pooled: pooled::of_picture(picture, semantic), curves: curves::of_picture(picture, semantic) }
    }

    pub(super) fn of_music(music: &MusicSeconds) -> Self {
        Self { pooled: pooled::of_music(music), curves: curves::of_music(music) }
    }
}
