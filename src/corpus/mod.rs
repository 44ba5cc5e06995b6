//! Training songs: loaders that know their data's defects, and the one form all of them end in.

pub(crate) mod pop909;
mod song;

pub(crate) use self::song::{Corpus, Song, Split};
