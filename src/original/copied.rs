//! A copied run: what `Index` finds.

use serde::{Deserialize, Serialize};

/// What is compared by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Voice {
    Melody,
    /// All notes of the accompaniment: a figure is copied when the whole hand is.
    Accompaniment,
}

impl Voice {
    pub(crate) const ALL: [Self; 2] = [Self::Melody, Self::Accompaniment];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Melody => "melody",
            Self::Accompaniment => "accompaniment",
        }
    }
}

/// The longest run of a piece's voice that one training song has too.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Copied {
    pub(crate) voice: Voice,
    /// 0 where nothing is copied.
    pub(crate) notes: usize,
    /// From the first copied note's onset to the last one's.
    pub(crate) beats: f64,
    /// Where in the piece the run begins, in steps.
    pub(crate) start: u32,
    /// The training song's id.
    pub(crate) song: Option<String>,
}

impl Copied {
    pub(crate) fn nothing(voice: Voice) -> Self {
        Self { voice, notes: 0, beats: 0.0, start: 0, song: None }
    }
}
