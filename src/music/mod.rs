//! The music core: pitch, key, chord, note, meter, tempo and MIDI, free of any model or media code.

mod chord;
mod key;
mod note;
pub(crate) mod pitch;
pub(crate) mod smf;
pub(crate) mod tempo;

pub(crate) use self::{
    chord::{Chord, Quality},
    key::{Key, Mode},
    note::{Note, PitchClass, STEPS_PER_BAR, STEPS_PER_BEAT, TICKS_PER_QUARTER},
};
