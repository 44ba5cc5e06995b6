//! Originality: whether a piece holds longer runs of notes of a training song than two songs share by chance.
//!
//! An `Index` keeps the training songs as hashed n-grams of intervals and rhythm in their order, so that a run is always
//! one passage of one song, in any key and at any bar. It stands on `music` and `corpus` only; the nodes are in `stage`.

mod card;
mod copied;
mod file;
mod grams;
mod index;
mod sequence;
mod survey;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub(crate) use self::{
    card::Card,
    copied::{Copied, Voice},
    index::Index,
    survey::Survey,
};
