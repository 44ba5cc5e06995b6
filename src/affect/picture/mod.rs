//! The picture meter: how pleasant and how exciting a picture is, learned from people's ratings of photographs.
//!
//! It sees what a network sees (`feature.semantic`) and lets rated photographs vote, the more alike the more. Its own scale is
//! that of the ratings; a calibration that lies in its file brings it to the -1..1 of the knobs.

mod card;
mod file;
mod meter;
mod training;

pub(crate) use self::{
    card::PictureCard,
    meter::{MissingFeatures, PictureMeter},
    training::{TooFewPictures, train},
};
