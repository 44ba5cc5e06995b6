//! Arranging: composed parts to a score with instruments, by style; and a score to MIDI and back.
//!
//! | step | file |
//! |---|---|
//! | one take in the heard key, closed on the tonic | `piece`, `harmony`, `ending` |
//! | how full each bar is | `form` |
//! | what each instrument plays, on the grid | `lead`, `piano`, `bass`, `pad`, `drums`, with `groove` and `voicing` |
//! | accents, stops and starts that people wrote | `hits` |
//! | how it is played | `humanise`, `touch`, `pedal` |
//! | which instruments, how loud, where | `style`, `instrument` |
//! | MIDI out, edited MIDI back in | `midi`, `edited` |
//!
//! Parts are plain functions from a piece to notes, so that styles can be put together from them.

mod bass;
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
mod pedal;
mod piano;
mod piece;
mod style;
#[cfg(test)]
mod testing;
mod touch;
mod voicing;

pub(crate) use self::{
    edited::edited,
    error::ArrangeError,
    midi::to_midi,
    piece::Take,
    style::{StyleName, arrange},
};
