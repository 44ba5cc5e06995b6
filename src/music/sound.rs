//! Notes in real time: what is left of music when nothing is known of its bars.

use serde::{Deserialize, Serialize};

/// A pitched sound; drums are none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sound {
    pub(crate) start_seconds: f64,
    pub(crate) seconds: f64,
    /// MIDI number.
    pub(crate) pitch: u8,
    /// 1..127.
    pub(crate) velocity: u8,
}

impl Sound {
    pub(crate) fn end_seconds(&self) -> f64 {
        self.start_seconds + self.seconds
    }
}
