//! Training songs and rated pieces: loaders that know their data's defects, and the forms all of them end in.

pub(crate) mod pop909;
mod ratings;
mod song;
pub(crate) mod vgmidi;

pub(crate) use self::{
    ratings::{RatedPiece, Ratings},
    song::{Corpus, Song, Split},
};
