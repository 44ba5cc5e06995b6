//! Notes on the grid of 16 steps a bar.

use serde::{Deserialize, Serialize};

pub(crate) const STEPS_PER_BEAT: u32 = 4;
pub(crate) const STEPS_PER_BAR: u32 = 16;
pub(crate) const TICKS_PER_QUARTER: u32 = 480;

/// 0 is C, 11 is B.
pub(crate) type PitchClass = u8;

/// A note of one part. Steps count sixteenths from the first downbeat on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) start: u32,
    /// MIDI number.
    pub(crate) pitch: u8,
    /// Steps, at least 1.
    pub(crate) duration: u16,
    /// 1..127.
    pub(crate) velocity: u8,
}
