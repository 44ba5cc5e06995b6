//! The networks in plain Rust, for composing on a processor: a step is a few small products, for which libtorch's way of
//! calling costs more than the work.
//!
//! Every number is a sum in one fixed order, so that a row's bits depend neither on how many rows run beside it nor on how
//! wide the processor's vectors are. Networks are packed from those that were trained; nothing here is trained.

#![expect(
    clippy::inline_always,
    reason = "what is not inlined into a dispatched function is compiled without the processor's vectors"
)]

mod math;
mod matrix;
mod note_decoder;
mod notes;
mod trunk;

pub(super) use self::{note_decoder::PlainDecoder, notes::PlainNotes};
