//! What nodes share of their versions: each grows when what it names gives other bits, and with it all nodes that do it.

/// Chords, as they are composed.
pub(super) const CHORDS: u32 = 9;
/// A melody over them.
pub(super) const MELODY: u32 = 5;
/// An accompaniment under both.
pub(super) const ACCOMPANIMENT: u32 = 7;
/// What composes all three.
pub(super) const COMPOSING: u32 = CHORDS + MELODY + ACCOMPANIMENT;
/// A take, as it is arranged and played.
pub(super) const PLAYING: u32 = 7;
