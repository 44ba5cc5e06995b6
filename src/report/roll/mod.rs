//! `report.roll`: the score as a piano roll, a PNG with its own small font, so that it looks the same on every machine.
//!
//! `view` says what lies where in seconds and rows; `paint` puts that into pixels.

mod canvas;
mod font;
mod paint;
mod view;

pub(crate) use self::{paint::RollError, view::Roll};
