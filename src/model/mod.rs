//! The three transformers: configuration, layers, weights, sampling, training.

mod affect;
mod chord_lesson;
mod chord_network;
mod condition;
mod dropping;
mod form;
mod layers;
mod lesson;
mod line;
mod note_lesson;
mod note_network;
mod parts;
mod piece;
mod rotary;
mod scene;
#[cfg(test)]
mod testing;
mod token;
mod trunk;
pub(crate) mod weights;
mod window;

pub(crate) use self::{
    lesson::{Batch, Config, Lesson, Nats, Network, Part},
    parts::{lesson_of, network_of},
};
