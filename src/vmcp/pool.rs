//! The reference pool: codes of music that neither encoder has learned from, to say how good a likeness is.

use super::{Code, Encoder, retrieval::Standing};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pool {
    pub(super) codes: Vec<Code>,
}

/// Where a piece stands beside the pool's music under the same picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) standing: Standing,
    /// Share of the pool's music that fits the picture less well, 0..100.
    pub(crate) percentile: f64,
    /// The chance that the best of as many pieces of the pool would have a lower percentile, 0..100.
    pub(crate) corrected: f64,
}

impl Pool {
    pub(crate) fn len(&self) -> usize {
        self.codes.len()
    }

    /// `candidates` is from how many the piece was picked.
    pub(crate) fn place(&self, encoder: &Encoder, picture: &Code, music: &Code, candidates: usize) -> Place {
        let own = encoder.likeness(picture, music);
        let seconds = picture.curves.first().map_or(0, Vec::len);
        let others = self.codes.iter().map(|code| encoder.likeness(picture, &code.first(seconds)));
        let standing = Standing::of(own, others);
        let share = 1.0 - standing.before / standing.others.max(1) as f64;
        Place { standing, percentile: 100.0 * share, corrected: 100.0 * share.powi(candidates.max(1) as i32) }
    }
}
