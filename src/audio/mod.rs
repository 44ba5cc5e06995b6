//! Sound: synthesis of stems, the room, loudness, limiting, the mix.
//!
//! Everything streams: stems, beds and results pass in blocks of stereo frames, so that memory does not grow with the
//! length of a video. Samples are `f32` at 48 kHz until a result is written as 24-bit PCM. No jobs or stores here.

mod bed;
mod blend;
pub(crate) mod clock;
mod duck;
mod error;
mod fade;
mod limiter;
mod master;
mod meter;
mod momentary;
pub(crate) mod original;
mod performance;
mod preset;
mod room;
mod soundfont;
pub(crate) mod speech;
mod spool;
mod stem;
#[cfg(test)]
mod testing;
mod true_peak;
mod wav;

pub(crate) use self::{
    bed::{Stem, sum_stems},
    blend::Blend,
    duck::{Ducking, Gate, duck},
    error::AudioError,
    fade::Fade,
    master::{Target, master, shortfall},
    meter::{Levels, Meter, SILENCE_LUFS},
    momentary::{ROWS_PER_SECOND as MOMENTARY_ROWS_PER_SECOND, momentary},
    preset::Preset,
    soundfont::SoundFontCache,
    spool::Spool,
    stem::render_stems,
    wav::{Encoding, WavReader, WavWriter},
};

/// Frames a second, everywhere.
pub(crate) const RATE: u32 = 48_000;

/// Left and right at one instant.
pub(crate) type Frame = [f32; 2];

/// Frames handled at a time.
pub(crate) const BLOCK_FRAMES: usize = 4096;

/// How many frames a length takes: the nearest whole number.
pub(crate) fn frames_of(seconds: f64) -> u64 {
    (seconds * f64::from(RATE)).round().max(0.0) as u64
}

pub(crate) fn decibels(gain: f64) -> f64 {
    20.0 * gain.log10()
}

pub(crate) fn gain_of(decibels: f64) -> f64 {
    10_f64.powf(decibels / 20.0)
}
