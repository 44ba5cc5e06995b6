//! A part: what one instrument has to play, written down but not yet played.

use serde::{Deserialize, Serialize};

use super::touch::{self, Touch};
use crate::{
    artifact::{Role, ScoreNote},
    music::{Note, TICKS_PER_STEP},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) role: Role,
    /// General MIDI program 0..127; the kit of drums.
    pub(crate) program: u8,
    pub(crate) gain_db: f32,
    /// -1 left .. 1 right.
    pub(crate) pan: f32,
    /// Room send 0..1.
    pub(crate) room: f32,
    /// As written: on the grid where a composer wrote them, anywhere where a script did.
    pub(crate) notes: Vec<ScoreNote>,
    /// Whether a sustain pedal goes with the chords.
    pub(crate) pedal: bool,
    pub(crate) feel: Feel,
}

/// How a part is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Feel {
    Piano,
    PianoLead,
    Lead,
    Bass,
    Pad,
    Drums,
    /// Loud and soft as asked, but on the dot.
    Machine,
    /// Just as written: whoever wrote it plays it.
    Written,
}

impl Feel {
    pub(crate) const ALL: [(Self, &'static str); 8] = [
        (Self::Piano, "piano"),
        (Self::PianoLead, "piano lead"),
        (Self::Lead, "lead"),
        (Self::Bass, "bass"),
        (Self::Pad, "pad"),
        (Self::Drums, "drums"),
        (Self::Machine, "machine"),
        (Self::Written, "written"),
    ];

    /// What a role is played with unless somebody says otherwise.
    pub(crate) fn of(role: Role) -> Self {
        match role {
            Role::Melody => Self::Lead,
            Role::Accompaniment => Self::Piano,
            Role::Bass => Self::Bass,
            Role::Pad => Self::Pad,
            Role::Drums => Self::Drums,
        }
    }

    pub(super) fn touch(self, role: Role) -> Option<Touch> {
        match self {
            Self::Piano => Some(touch::ACCOMPANIMENT),
            Self::PianoLead => Some(touch::PIANO_LEAD),
            Self::Lead => Some(touch::LEAD),
            Self::Bass => Some(touch::BASS),
            Self::Pad => Some(touch::PAD),
            Self::Drums => Some(touch::DRUMS),
            Self::Machine if role == Role::Drums => Some(touch::DRUM_MACHINE),
            Self::Machine => Some(touch::MACHINE),
            Self::Written => None,
        }
    }
}

/// A note of the grid in ticks.
pub(crate) fn in_ticks(note: Note) -> ScoreNote {
    ScoreNote {
        start_ticks: note.start * TICKS_PER_STEP,
        pitch: note.pitch,
        duration_ticks: u32::from(note.duration) * TICKS_PER_STEP,
        velocity: note.velocity,
    }
}
