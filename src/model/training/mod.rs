//! Training: from a lesson to a network's best weights, and what can be said about them.
//!
//! Knows the border (`Lesson`, `Network`) and nothing of the three models behind it. All randomness comes from the seed
//! and the step, so that a training that was killed goes on from its checkpoint to the very same weights.

mod adamw;
mod average;
mod card;
mod checkpoint;
mod curve;
mod history;
mod schedule;
#[cfg(test)]
mod tests;
mod trainer;

use std::{io, path::PathBuf};

pub(crate) use self::{
    card::Card,
    checkpoint::Checkpoint,
    curve::draw as draw_curve,
    history::{History, Look},
    trainer::{Pace, Settings, Trainer, Watch, nats},
};

#[derive(Debug, thiserror::Error)]
pub(crate) enum TrainingError {
    #[error(
        "training step {step}: the {what} is {value}; lower learning_rate (now {learning_rate:.6}) or look at the corpus"
    )]
    NotFinite { step: usize, what: &'static str, value: f64, learning_rate: f64 },
    #[error("the corpus has no {split} windows; it needs songs in all three splits")]
    NoWindows { split: &'static str },
    #[error("checkpoint {}: {reason}; remove it to train from the start", path.display())]
    Checkpoint { path: PathBuf, reason: String },
    #[error("writing checkpoint {}: {source}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("drawing the curve: {0}")]
    Curve(String),
    /// Whoever watches has stopped the training.
    #[error(transparent)]
    Watch(#[from] crate::error::StageError),
}
