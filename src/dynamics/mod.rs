//! How loud music is over a picture, learned from music videos: a line on motion, cuts, their smoothings and the place in the
//! video. docs/correspondence.md has the figures.
//!
//! | step | file |
//! |---|---|
//! | what of the picture loudness follows | `features` |
//! | from a picture to decibels | `model`, `shown` |
//! | learning from pairs, and figures on videos that were held out | `training` |
//! | weights and card | `file`, `card` |

mod card;
mod features;
pub(crate) mod file;
mod model;
mod shown;
mod training;

pub(crate) use self::{
    card::Card,
    model::Dynamics,
    training::{TooFewVideos, Trained, train},
};
