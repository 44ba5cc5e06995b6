//! Training songs and rated pieces: loaders that know their data's defects, and the forms all of them end in.
//!
//! `tracking` finds beats where none are written, `grid` and `phase` lay music on bars, `harmony`, `template` and `key_path`
//! say its chords and keys, `voices` its melody; `laid` is where all loaders end.

mod draft;
mod fit;
mod free_note;
mod grid;
mod harmony;
mod join;
mod key_path;
mod laid;
pub(crate) mod midi;
pub(crate) mod muvisync;
pub(crate) mod oasis;
pub(crate) mod pairs;
mod phase;
pub(crate) mod pop909;
mod rated_pictures;
mod ratings;
mod report;
mod song;
mod span;
pub(crate) mod symmv;
mod template;
mod tracking;
pub(crate) mod vgmidi;
mod voices;

pub(crate) use self::{
    join::join,
    rated_pictures::{RatedPicture, RatedPictures},
    ratings::{RatedPiece, Ratings},
    report::Loaded,
    song::{Corpus, Song, Split},
};
