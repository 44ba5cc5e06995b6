//! Artifacts: the typed values that pass between stages, each with one canonical byte form and its digest.
//!
//! Small ones are canonical JSON (fields in declaration order); large ones (`Audio`, `Video`, `Midi`) are files as they are.

mod chords;
mod conditions;
mod cue_plan;
mod cuts;
mod frames;
mod media;
mod notes;
mod report;
mod score;
mod stills;
mod track;

use serde::{Deserialize, Serialize};

pub(crate) use self::{
    chords::Chords,
    conditions::{BarConditions, BarPicture, Conditions},
    cue_plan::{Bar, CuePlan, Hit, HitKind, Section, TempoMark},
    cuts::{Cut, Cuts},
    frames::Frames,
    media::{AudioStream, Media, VideoStream},
    notes::{Notes, Roll, Rolled},
    report::Report,
    score::{Control, Marker, Role, Score, ScoreNote, ScoreTrack},
    stills::Stills,
    track::Track,
};
use crate::digest::Digest;

/// What an artifact is; edges of the graph join equal kinds only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Media,
    Frames,
    Stills,
    Track,
    Cuts,
    CuePlan,
    Conditions,
    Chords,
    Notes,
    Score,
    Midi,
    Audio,
    Video,
    Report,
    Page,
    Picture,
    Weights,
    Card,
    Dataset,
    Pieces,
    Metrics,
    Clips,
    Ratings,
    RatedPictures,
}

/// An artifact as it lies in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BlobRef {
    pub(crate) kind: Kind,
    pub(crate) digest: Digest,
    /// Tells blobs of one port apart: a stem's track, a weight file's name, the ending of a video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    pub(crate) bytes: u64,
}

/// Why stored bytes are not the artifact that was expected.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArtifactError {
    #[error("these bytes are no {kind:?}: {reason}")]
    Malformed { kind: Kind, reason: String },
}

/// A value that can be stored. `from_bytes(to_bytes(x)) == x`, and equal values have equal bytes.
pub(crate) trait Artifact: Sized {
    const KIND: Kind;
    fn to_bytes(&self) -> Vec<u8>;
    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError>;
}

/// Stores a serde type as canonical JSON.
macro_rules! json_artifact {
    ($type:ty, $kind:expr) => {
        impl $crate::artifact::Artifact for $type {
            const KIND: $crate::artifact::Kind = $kind;

            fn to_bytes(&self) -> Vec<u8> {
                serde_json::to_vec(self).expect("artifacts hold no maps with keys other than strings")
            }

            fn from_bytes(bytes: &[u8]) -> Result<Self, $crate::artifact::ArtifactError> {
                serde_json::from_slice(bytes).map_err(|error| $crate::artifact::ArtifactError::Malformed {
                    kind: $kind,
                    reason: error.to_string(),
                })
            }
        }
    };
}
pub(crate) use json_artifact;
