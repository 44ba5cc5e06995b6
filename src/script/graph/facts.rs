//! What graph scripts may know of the video: `clip().seconds > 120`.

use rhai::Map;
use serde::{Deserialize, Serialize};

use crate::artifact::Media;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ClipFacts {
    /// Of picture, or of the preview.
    pub(crate) seconds: f64,
    /// Pixels, as shown.
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) frames_per_second: f64,
    pub(crate) has_sound: bool,
}

impl From<&Media> for ClipFacts {
    fn from(media: &Media) -> Self {
        Self {
            seconds: media.scored_seconds(),
            width: media.video.width,
            height: media.video.height,
            frames_per_second: 1.0 / media.frame_seconds(),
            has_sound: media.audio.is_some(),
        }
    }
}

/// What stands for the video where none is given: for `cuesmith check`.
impl Default for ClipFacts {
    fn default() -> Self {
        Self { seconds: 60.0, width: 1920, height: 1080, frames_per_second: 25.0, has_sound: true }
    }
}

impl ClipFacts {
    pub(super) fn to_map(&self) -> Map {
        Map::from([
            ("seconds".into(), self.seconds.into()),
            ("width".into(), i64::from(self.width).into()),
            ("height".into(), i64::from(self.height).into()),
            ("frames_per_second".into(), self.frames_per_second.into()),
            ("has_sound".into(), self.has_sound.into()),
        ])
    }
}
