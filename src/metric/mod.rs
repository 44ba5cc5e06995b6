//! Measures of music: scale consistency, entropy, grooving and the like.
