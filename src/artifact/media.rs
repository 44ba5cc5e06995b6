//! What a video file is: the cached probe that everything else plans with.

use serde::{Deserialize, Serialize};

use super::{Kind, json_artifact};
use crate::digest::Digest;

/// A probed video file. Holds no path: the same content under another name is the same artifact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Media {
    pub(crate) digest: Digest,
    pub(crate) bytes: u64,
    /// Short libav name of the container, for example `mov,mp4,m4a,3gp,3g2,mj2`.
    pub(crate) container: String,
    pub(crate) video: VideoStream,
    /// The audio stream that ffmpeg would choose.
    pub(crate) audio: Option<AudioStream>,
    /// Seconds of picture: end of the last video packet minus the first picture's time. The music is this long.
    pub(crate) seconds: f64,
    /// Only this much is scored when a preview was asked for.
    pub(crate) preview_seconds: Option<f64>,
}

/// The video stream that ffmpeg would choose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct VideoStream {
    pub(crate) index: usize,
    pub(crate) codec: String,
    /// Pixels as shown, after rotation.
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Clockwise turn at display: 0, 90, 180 or 270.
    pub(crate) rotation_degrees: u16,
    /// Average frames a second as a fraction.
    pub(crate) frame_rate: (i32, i32),
    /// Presentation time of the first picture, in the file's own clock.
    pub(crate) first_picture_seconds: f64,
    pub(crate) frames: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AudioStream {
    pub(crate) index: usize,
    pub(crate) codec: String,
    /// Samples a second.
    pub(crate) rate: u32,
    pub(crate) channels: u16,
}

impl Media {
    /// Seconds that get music: the whole picture, or the preview.
    pub(crate) fn scored_seconds(&self) -> f64 {
        self.preview_seconds.map_or(self.seconds, |preview| preview.min(self.seconds))
    }

    pub(crate) fn frame_seconds(&self) -> f64 {
        let (frames, seconds) = self.video.frame_rate;
        f64::from(seconds) / f64::from(frames.max(1))
    }
}

json_artifact!(Media, Kind::Media);
