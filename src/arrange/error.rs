//! What can go wrong between composed parts, a score and an edited MIDI file.

use crate::{error::StageError, music::smf::SmfError, script::ScriptError};

/// More tracks than any arrangement has; each becomes a stem.
pub(super) const MAX_TRACKS: usize = 64;

#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum ArrangeError {
    #[error("arranging take {take}: there are {takes} takes of the {part}; lower `take` or raise `candidates`")]
    NoTake { part: &'static str, take: usize, takes: usize },
    #[error("arranging: the plan has {bars} bars and the conditions have {rows}; they must come from one plan")]
    Rows { bars: usize, rows: usize },
    #[error("arranging: the plan has no bars")]
    NoBars,
    #[error("arranging: {tracks} tracks with pitches came, a MIDI file has channels for {channels}; put some together")]
    TooManyChannels { tracks: usize, channels: usize },
    #[error("{0}")]
    Script(#[from] Box<ScriptError>),
    #[error("reading the edited score: {0}")]
    Midi(#[from] SmfError),
    #[error("reading the edited score: it has {tracks} tracks with notes, the limit is {MAX_TRACKS}; merge some")]
    TooManyTracks { tracks: usize },
    #[error("reading the edited score: its tempo reaches {bpm} beats a minute, the limit is 3000")]
    TooFast { bpm: f64 },
    #[error(
        "reading the edited score: no note begins before the end of the picture at {seconds:.2} s; was another file meant?"
    )]
    NoNotes { seconds: f64 },
}

impl From<ArrangeError> for StageError {
    fn from(error: ArrangeError) -> Self {
        match error {
            ArrangeError::Rows { .. } | ArrangeError::NoBars => Self::internal(error.to_string()),
            _ => Self::usage(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::FailureClass;

    #[test]
    fn what_people_can_mend_is_usage() {
        let error = StageError::from(ArrangeError::NoTake { part: "chords", take: 3, takes: 1 });
        assert_eq!(error.class, FailureClass::Usage);
        assert!(error.message.contains("raise `candidates`"), "{error}");
        assert_eq!(StageError::from(ArrangeError::NoBars).class, FailureClass::Internal);
        let error = StageError::from(ArrangeError::from(SmfError::FrameTime));
        assert!(error.class == FailureClass::Usage && error.message.starts_with("reading the edited score: this MIDI"));
    }
}
