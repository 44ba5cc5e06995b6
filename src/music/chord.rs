//! Chords: a root and one of eight qualities, or none.

use serde::{Deserialize, Serialize};

use super::PitchClass;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Quality {
    Major,
    Minor,
    Seventh,
    MajorSeventh,
    MinorSeventh,
    Suspended,
    Diminished,
    Augmented,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Chord {
    None,
    Sounding { root: PitchClass, quality: Quality },
}
