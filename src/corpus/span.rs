//! A label that holds for a while.

/// From `start` to `end`: seconds, beats or steps, as whoever holds it says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span<T> {
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) label: T,
}
