//! Measures of one piece on the step grid, the same for composed pieces and real songs: one number each.
//!
//! Definitions and sources stand with each measure; `docs/evaluation.md` has them in words. Where `MusPy` has a measure, ours
//! is defined as its own.

mod degenerate;
mod harmony;
mod pitches;
mod rhythm;
mod structure;
mod texture;

pub(crate) use self::degenerate::{Defect, defects};
use crate::corpus::Song;

/// A measure by name; none where it means nothing (the voice leading of one chord).
pub(crate) struct Measure {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) of: fn(&Song) -> Option<f64>,
}

const fn measure(name: &'static str, about: &'static str, of: fn(&Song) -> Option<f64>) -> Measure {
    Measure { name, about, of }
}

/// All measures, in the order of tables.
pub(crate) const MEASURES: [Measure; 17] = [
    measure("scale_consistency", "share of notes in the best scale (MusPy)", pitches::scale_consistency),
    measure("pitch_entropy", "bits, of the pitch histogram (MusPy)", pitches::pitch_entropy),
    measure("pitch_class_entropy", "bits, of the pitch-class histogram (MusPy)", pitches::pitch_class_entropy),
    measure("pitch_class_entropy_4_bars", "bits, mean over 4-bar windows (Wu & Yang 2020)", pitches::entropy_of_4_bars),
    measure("pitch_range", "semitones from the lowest to the highest note (MusPy)", pitches::pitch_range),
    measure("empty_beat_rate", "share of beats in which nothing sounds (MusPy)", rhythm::empty_beat_rate),
    measure(
        "inter_onset_interval",
        "beats from onset to onset, mean (Yang & Lerch 2020)",
        rhythm::inter_onset_interval,
    ),
    measure(
        "grooving_similarity",
        "of onsets, mean over all pairs of bars (Wu & Yang 2020)",
        rhythm::grooving_similarity,
    ),
    measure("note_density", "notes a bar", rhythm::note_density),
    measure("polyphony", "pitches that sound at once where any does (MusPy)", texture::polyphony),
    measure("repetition", "share of the melody's 4-note figures heard before", texture::repetition),
    measure("structure_4", "likeness of bars 4 apart, mean", structure::of_4_bars),
    measure("structure_8", "likeness of bars 8 apart, mean", structure::of_8_bars),
    measure("structure_16", "likeness of bars 16 apart, mean", structure::of_16_bars),
    measure("chord_irregularity", "share of chord trigrams that are unique (Wu & Yang 2020)", harmony::irregularity),
    measure("clash_rate", "share of the melody's strong beats a semitone off a chord tone", harmony::clash_rate),
    measure("voice_leading", "semitones from chord to chord to the nearest tone, mean", harmony::voice_leading),
];

/// All measures of a piece.
pub(crate) fn measure_all(song: &Song) -> Vec<Option<f64>> {
    MEASURES.iter().map(|measure| (measure.of)(song)).collect()
}
