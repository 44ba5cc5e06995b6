//! Pictures in: probe, the one decode pass, features; pictures out: mux.
//!
//! `pass::analyse` opens a file once and gives `Media`, `Frames` and `Stills`; `color`, `motion` and `shots` turn `Frames`
//! into what the planner reads and never see the file. Nothing here knows jobs or stores.

pub(crate) mod input;
pub(crate) mod libav_path;
pub(crate) mod pass;

mod channel;
mod clock;
mod color;
mod decoder;
mod error;
mod gallery;
mod libav;
mod limits;
mod measure;
mod motion;
mod observer;
mod photo;
mod rotation;
mod scaler;
mod seconds;
mod shots;
mod sketch;
mod still;
mod streams;
mod thumbnail;

#[cfg(test)]
mod clips;

#[cfg(test)]
pub(crate) use self::seconds::tests::frames as made_frames;
pub(crate) use self::{
    color::color, error::VideoError, limits::VideoLimits, motion::motion, photo::photo, seconds::MissingMeasure,
    shots::shots,
};
