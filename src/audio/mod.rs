//! Sound: synthesis, loudness, limiting, mixing.
