//! Test support: sounds that are made.

use proptest::prelude::*;

use super::Sound;

pub(super) fn sound(start_seconds: f64, seconds: f64, pitch: u8) -> Sound {
    Sound { start_seconds, seconds, pitch, velocity: 80 }
}

/// 64 notes up and down the scale of C major, one every `seconds`, over a held fifth.
pub(super) fn scale_piece(seconds: f64) -> Vec<Sound> {
    const LINE: [u8; 14] = [72, 74, 76, 77, 79, 81, 83, 84, 83, 81, 79, 77, 76, 74];
    let line = (0..64).map(|place| sound(f64::from(place) * seconds, seconds, LINE[place as usize % LINE.len()]));
    line.collect()
}

/// Anything that may come in.
pub(super) fn sounds() -> impl Strategy<Value = Vec<Sound>> {
    let any = (0.0..60.0_f64, 0.001..8.0_f64, 0_u8..128, 1_u8..128);
    let one =
        any.prop_map(|(start_seconds, seconds, pitch, velocity)| Sound { start_seconds, seconds, pitch, velocity });
    prop::collection::vec(one, 1..60)
}
