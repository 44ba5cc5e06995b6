//! The music core: pitch, key, chord, note, metre, tempo and MIDI, free of any model or media code.

mod chord;
mod exact_tempo;
mod key;
mod metre;
mod note;
pub(crate) mod pitch;
pub(crate) mod smf;
mod smf_write;
mod sound;
pub(crate) mod tempo;

pub(crate) use self::{
    chord::{Chord, Quality},
    exact_tempo::ExactTempo,
    key::{Key, Mode},
    metre::{Metre, STEPS_PER_HALF_BAR, TICKS_PER_STEP},
    note::{Note, PitchClass, STEPS_PER_BAR, STEPS_PER_BEAT, TICKS_PER_QUARTER},
    sound::Sound,
};
