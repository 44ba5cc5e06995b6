//! What can be wrong with an input video: one line each, with the value, the limit, the next step.

use std::io;

use crate::error::{FailureClass, StageError};

#[derive(Debug, thiserror::Error)]
pub(crate) enum VideoError {
    #[error("the input cannot be read: {0}")]
    Read(#[from] io::Error),
    #[error("the input is {0}, not a file; give a video file")]
    NotAFile(&'static str),
    #[error("the input is empty (0 bytes)")]
    Empty,
    #[error("the input has {bytes} bytes, over the limit of {limit}; raise max_bytes of source.video to take it")]
    TooLarge { bytes: u64, limit: u64 },
    #[error("the input is no video that libav can read: {0}")]
    Unreadable(ffmpeg_next::Error),
    #[error("the input has no video stream, only {0}")]
    NoVideo(String),
    #[error("libav has no decoder for the video stream's codec {0}")]
    NoDecoder(String),
    #[error("the decoder of codec {codec} does not open: {error}")]
    Decoder { codec: String, error: ffmpeg_next::Error },
    #[error(
        "the picture is {width}x{height}, over the limit of {limit} a side; raise max_side of source.video to take it"
    )]
    Dimensions { width: u32, height: u32, limit: u32 },
    #[error("the picture's format {0} cannot be scaled")]
    PixelFormat(String),
    #[error(
        "the video lasts {seconds:.0} s, over the limit of {limit:.0} s; raise max_seconds of source.video to take it"
    )]
    TooLong { seconds: f64, limit: f64 },
    #[error(
        "only {seconds:.2} s of picture could be decoded, at least {limit:.2} s are needed; is it a video, and whole?"
    )]
    TooShort { seconds: f64, limit: f64 },
    #[error(
        "none of the {packets} packets of the video stream gave a picture; the file is damaged or has an empty edit list"
    )]
    NoPicture { packets: u64 },
    #[error("{packets} packets in a row gave no picture (limit {limit}); the file is damaged from {seconds:.1} s on")]
    Silent { packets: u64, limit: u64, seconds: f64 },
    #[error("{errors} of {packets} packets could not be decoded, over the limit of {limit:.0} %; the file is damaged")]
    Damaged { errors: u64, packets: u64, limit: f64 },
    #[error("decoding ran out of memory; try again with less at once")]
    Memory,
}

impl From<VideoError> for StageError {
    fn from(error: VideoError) -> Self {
        let class = match error {
            VideoError::Memory => FailureClass::Temporary,
            _ => FailureClass::Media,
        };
        Self::new(class, error.to_string())
    }
}
