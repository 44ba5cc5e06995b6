//! The music meter: how glad and how excited music sounds, learned from people's ratings.
//!
//! Two meters of different kinds measure notes in real time. `ridge` is linear in rates and means that a person could name:
//! it labels training songs. `kernel` compares histograms of pitch classes, intervals and rhythm with those of the rated
//! pieces and windows of them: it only judges, so that what composed and what scores do not share their blind spots. Knows
//! nothing of models or stages; what it measures is the ratings' own scale, and `label` brings it to the -1..1 of the knobs.
//! `picture` is the meter of pictures, on the same plane. `moods` places
//! words on the plane of the knobs; of all this the front calls nothing else.

mod calibration;
mod card;
mod cholesky;
mod chord_mood;
mod folds;
mod histograms;
mod kernel;
mod key_profile;
mod label;
mod lesson;
mod meter;
mod meter_file;
mod moods;
pub(crate) mod picture;
mod ridge;
mod scale;
mod scaling;
mod simple;
#[cfg(test)]
mod testing;
mod texture;
mod training;

pub(crate) use self::{
    card::Card,
    chord_mood::chord_valence,
    label::{HALF_WINDOW_BARS, label},
    meter::{Meter, MeterKind},
    moods::{MOODS, Mood, find as find_mood},
    scale::Scale,
    training::{TooFew, train},
};
pub(crate) use crate::music::Sound;

/// A place on the plane of moods, -1..1 each: sad to glad, calm to excited.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Affect {
    pub(crate) valence: f64,
    pub(crate) arousal: f64,
}
