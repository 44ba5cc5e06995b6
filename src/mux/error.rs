//! What can go wrong between a programme and its video.

use std::io;

use ffmpeg_next::Error as Libav;

use super::Container;
use crate::{
    audio::AudioError,
    error::{FailureClass, StageError},
    video::VideoError,
};

#[derive(Debug, thiserror::Error)]
pub(crate) enum MuxError {
    #[error("opening the video again: {0}")]
    Input(#[from] VideoError),
    #[error("writing the scored video: {0}")]
    File(#[from] io::Error),
    #[error("reading the programme: {0}")]
    Programme(#[from] AudioError),
    #[error("libav has no encoder {0}; install a full build of FFmpeg")]
    NoEncoder(&'static str),
    #[error("encoding the programme as {codec}: {source}")]
    Encoder { codec: &'static str, source: Libav },
    #[error("starting a {container} file: {source}")]
    Header { container: Container, source: Libav },
    #[error("writing the scored video: {0}")]
    Write(Libav),
}

impl MuxError {
    /// Whether another container may do what this one did not.
    pub(super) fn is_about_container(&self) -> bool {
        matches!(self, Self::Header { source, .. } if class_of(*source) != FailureClass::Temporary)
    }
}

impl From<MuxError> for StageError {
    fn from(error: MuxError) -> Self {
        let text = error.to_string();
        let class = match error {
            MuxError::Input(source) => Self::from(source).class,
            MuxError::File(source) => Self::from(source).class,
            MuxError::Programme(source) => Self::from(source).class,
            MuxError::NoEncoder(_) => FailureClass::Usage,
            MuxError::Encoder { .. } => FailureClass::Internal,
            MuxError::Header { source, .. } | MuxError::Write(source) => class_of(source),
        };
        Self::new(class, text)
    }
}

/// What libav says it could not do with the file system is temporary; what it could not do with the video is not.
fn class_of(error: Libav) -> FailureClass {
    match error {
        Libav::Other { errno } => match StageError::from(io::Error::from_raw_os_error(errno)).class {
            FailureClass::Temporary => FailureClass::Temporary,
            _ => FailureClass::Media,
        },
        _ => FailureClass::Media,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_worth_another_try_and_no_reason_for_another_container() {
        let full = Libav::Other { errno: rustix::io::Errno::NOSPC.raw_os_error() };
        let header = MuxError::Header { container: Container::Mp4, source: full };
        assert!(!header.is_about_container());
        assert_eq!(StageError::from(header).class, FailureClass::Temporary);
        assert_eq!(StageError::from(MuxError::Write(Libav::InvalidData)).class, FailureClass::Media);
        assert!(MuxError::Header { container: Container::Mp4, source: Libav::InvalidData }.is_about_container());
    }
}
