//! The three transformers: configuration, layers, weights, sampling, training.

mod lesson;

pub(crate) use self::lesson::{Batch, Config, Lesson, Nats, Network, Part};
