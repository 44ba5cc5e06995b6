//! Sound: synthesis, loudness, limiting, mixing.

pub(crate) mod original;
