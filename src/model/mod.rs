//! The three transformers: configuration, layers, weights, sampling, training.

mod affect;
mod chord_fit;
mod chord_lesson;
mod chord_network;
mod compose_chords;
mod compose_notes;
mod composing;
mod condition;
mod critic;
mod decoder;
mod desk;
mod dropping;
mod editor;
mod encoding;
mod ensemble;
mod form;
mod guidance;
mod kept;
mod layers;
mod lesson;
mod line;
pub(crate) mod ngram;
mod note_lesson;
mod note_network;
mod parts;
mod picture;
mod piece;
mod plain;
mod prompter;
mod returning;
mod rotary;
mod rules;
mod sampler;
mod scene;
mod steering;
mod take;
mod taste;
mod tensor_decoder;
#[cfg(test)]
pub(crate) mod testing;
mod token;
pub(crate) mod training;
mod trunk;
pub(crate) mod weights;
mod window;

pub(crate) use self::{
    chord_network::ChordNetwork,
    compose_chords::compose_chords,
    compose_notes::compose_notes,
    composing::{Composing, ROWS, Shaping},
    critic::Critic,
    form::boundaries as section_starts,
    kept::KeptNetwork,
    layers::fast_kind,
    lesson::{Batch, Config, Lesson, Nats, Network, Part},
    note_network::NoteNetwork,
    parts::{lesson_of, network_of},
    piece::Piece,
    prompter::Kept,
    returning::find_section,
    sampler::Sampling,
};
