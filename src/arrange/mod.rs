//! Arranging: composed parts to a score with instruments, by style; and a score to MIDI and back.
//!
//! | step | file |
//! |---|---|
//! | one take in the heard key, closed on the tonic | `piece`, `harmony`, `ending` |
//! | how full each bar is | `form` |
//! | what each instrument plays, on the grid | `lead`, `piano`, `bass`, `pad`, `drums`, with `groove` and `voicing` |
//! | accents, stops and starts that people wrote | `hits` |
//! | how it is played | `humanise`, `touch`, `pedal` |
//! | which instruments, how loud, where | `style`, `instrument`, `part`, `built_in` |
//! | a script in the place of a style | `scripted` |
//! | parts to tracks on channels | `play` |
//! | MIDI out, edited MIDI back in | `midi`, `edited` |
//!
//! Parts are plain functions from a piece to notes, so that styles can be put together from them.

mod bass;
mod built_in;
mod drums;
mod edited;
mod ending;
mod error;
mod form;
mod groove;
mod harmony;
mod hits;
mod humanise;
mod instrument;
mod lead;
mod midi;
mod pad;
mod part;
mod pedal;
mod piano;
mod piece;
mod play;
mod scripted;
mod style;
#[cfg(test)]
pub(crate) mod testing;
mod touch;
mod voicing;

pub(crate) use self::{
    built_in::{NAMES as BUILT_IN_PARTS, melody_within, part as built_in_part},
    edited::edited,
    ending::tonic_chord,
    error::ArrangeError,
    form::{BarShape, Level, Place, shapes},
    harmony::{ChordSpan, nearest_tone},
    midi::to_midi,
    part::{Feel, Part, in_ticks},
    piece::{Piece, Take},
    style::{Playing, StyleName, arrange, of_style},
    voicing::voicing,
};
