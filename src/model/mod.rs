//! The three transformers: configuration, layers, weights, sampling, training.

mod lesson;
mod parts;
pub(crate) mod weights;

pub(crate) use self::{
    lesson::{Batch, Config, Lesson, Nats, Network, Part},
    parts::{lesson_of, network_of},
};
