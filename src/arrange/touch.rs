//! Touches: how each kind of part is played.

/// Velocities in MIDI units, times in ticks (about a millisecond each).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Touch {
    /// Louder (or softer) than the dynamics that the bar asks for.
    pub(super) above: f32,
    /// How far a bar's mean is drawn to what is asked, 0..1.
    pub(super) obedience: f32,
    /// How far a part that keeps its own balance rises and falls with what is asked, 0..1.
    pub(super) follow: f32,
    /// Weight of strong beats.
    pub(super) accent: f32,
    /// From the ends of a phrase to its top.
    pub(super) swell: f32,
    pub(super) uneven: f32,
    /// Most that an onset is early or late.
    pub(super) jitter: f32,
    /// All onsets this much later.
    pub(super) late: f32,
    /// From one note of a chord to the next, upwards.
    pub(super) roll: f32,
    /// Share of the written length that sounds in a neutral bar.
    pub(super) length: f32,
    /// How far notes are detached and accents marked in crisp bars, and bound and levelled in others, 0..1.
    pub(super) articulation: f32,
    /// Louder than the dynamics that the bar asks for by this in the utmost excitement, softer in calm.
    pub(super) excitement: f32,
}

pub(super) const ACCOMPANIMENT: Touch = Touch {
    above: 0.0,
    obedience: 0.95,
    follow: 0.0,
    accent: 4.0,
    swell: 8.0,
    uneven: 5.0,
    jitter: 8.0,
    late: 0.0,
    roll: 3.0,
    length: 0.98,
    articulation: 1.0,
    excitement: 1.5,
};
/// A melody sings: it is detached half as far.
pub(super) const PIANO_LEAD: Touch = Touch {
    above: 16.0,
    accent: 3.0,
    swell: 10.0,
    uneven: 4.0,
    jitter: 9.0,
    late: 2.0,
    roll: 0.0,
    articulation: 0.5,
    excitement: 16.0,
    ..ACCOMPANIMENT
};
/// What is blown or bowed is detached less again.
pub(super) const LEAD: Touch =
    Touch { above: 12.0, jitter: 8.0, late: 3.0, length: 0.96, articulation: 0.4, excitement: 12.0, ..PIANO_LEAD };
pub(super) const BASS: Touch = Touch {
    above: 8.0,
    obedience: 0.8,
    swell: 4.0,
    uneven: 3.0,
    jitter: 4.0,
    late: 1.0,
    roll: 0.0,
    length: 0.94,
    articulation: 0.6,
    ..ACCOMPANIMENT
};
pub(super) const PAD: Touch = Touch {
    above: -4.0,
    obedience: 0.8,
    accent: 0.0,
    swell: 12.0,
    uneven: 2.0,
    jitter: 3.0,
    roll: 0.0,
    length: 1.0,
    articulation: 0.0,
    excitement: 0.0,
    ..ACCOMPANIMENT
};
/// Hats and kicks must not meet at a bar's mean.
pub(super) const DRUMS: Touch = Touch {
    obedience: 0.0,
    follow: 0.4,
    accent: 2.0,
    swell: 5.0,
    uneven: 4.0,
    jitter: 2.0,
    roll: 0.0,
    length: 0.9,
    articulation: 0.0,
    excitement: 0.0,
    ..ACCOMPANIMENT
};
/// A sequencer: as loud as asked, on the dot.
pub(super) const MACHINE: Touch = Touch {
    above: 0.0,
    obedience: 0.6,
    follow: 0.0,
    accent: 2.0,
    swell: 6.0,
    uneven: 1.0,
    jitter: 0.0,
    late: 0.0,
    roll: 0.0,
    length: 0.96,
    articulation: 0.6,
    excitement: 2.0,
};
pub(super) const DRUM_MACHINE: Touch = Touch { uneven: 1.0, jitter: 0.0, ..DRUMS };
