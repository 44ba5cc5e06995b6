//! What can go wrong between a score and its sound.

use std::io;

use rustysynth::{SoundFontError, SynthesizerError};

use crate::error::{FailureClass, StageError};

#[derive(Debug, thiserror::Error)]
pub(crate) enum AudioError {
    #[error("reading or writing sound: {0}")]
    Io(#[from] io::Error),
    #[error("opening the SoundFont {path}: {source}; install FluidR3 (Debian: fluid-soundfont-gm) or set `soundfont`")]
    NoSoundFont { path: String, source: io::Error },
    #[error("reading the SoundFont {path}: {source}; give an uncompressed .sf2 file")]
    BadSoundFont { path: String, source: SoundFontError },
    #[error("starting the synthesizer: {0}")]
    Synthesizer(#[from] SynthesizerError),
    #[error("reading a stored sound: {0}")]
    Wav(#[from] hound::Error),
    #[error("reading a stored sound: {found}, expected 48000 Hz stereo as 24-bit integers or 32-bit floats")]
    WrongFormat { found: String },
    #[error(
        "the music would be {seconds:.0} s long; a WAV file holds at most {limit:.0} s: use --preview or cut the video"
    )]
    TooLong { seconds: f64, limit: f64 },
    #[error("measuring loudness: {0}")]
    Meter(#[from] ebur128::Error),
    #[error("ducking under speech with libavfilter: {0}; original_sound = \"keep\" does without")]
    Filter(#[from] ffmpeg_next::Error),
    #[error("rendering the score: its end is at {seconds} s; expected a time above 0")]
    NoLength { seconds: f64 },
}

impl From<AudioError> for StageError {
    fn from(error: AudioError) -> Self {
        let class = match &error {
            AudioError::Io(source) | AudioError::Wav(hound::Error::IoError(source)) => {
                return Self::new(Self::from(io::Error::from(source.kind())).class, error.to_string());
            }
            AudioError::NoSoundFont { .. } | AudioError::BadSoundFont { .. } => FailureClass::Usage,
            AudioError::TooLong { .. } => FailureClass::Media,
            AudioError::Synthesizer(_)
            | AudioError::Wav(_)
            | AudioError::WrongFormat { .. }
            | AudioError::Meter(_)
            | AudioError::Filter(_)
            | AudioError::NoLength { .. } => FailureClass::Internal,
        };
        Self::new(class, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_worth_another_try() {
        let error = AudioError::Io(io::ErrorKind::StorageFull.into());
        assert_eq!(StageError::from(error).class, FailureClass::Temporary);
    }

    #[test]
    fn a_missing_soundfont_is_for_the_user_to_fix() {
        let error = AudioError::NoSoundFont { path: "x.sf2".to_owned(), source: io::ErrorKind::NotFound.into() };
        let error = StageError::from(error);
        assert_eq!(error.class, FailureClass::Usage);
        assert!(error.message.contains("x.sf2"), "{error}");
    }
}
