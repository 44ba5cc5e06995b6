//! Conditions as numbers: one row of features a beat. What is asked goes into soft bins (a value between two bins lights
//! both), unknown lights none; mode, tempo, place in the piece and chord tones follow.

use super::{
    Part, picture,
    piece::{Asked, CHANNELS, Piece, PieceBar},
};
use crate::music::Mode;

/// Evenly spaced bins of a channel.
#[derive(Clone, Copy)]
pub(super) struct Bins {
    pub(super) first: f32,
    pub(super) step: f32,
    pub(super) count: usize,
}

/// Bins of what is asked, in the order of `CHANNELS`. Density has bins of four notes.
const BINS: [Bins; CHANNELS.len()] = [
    Bins { first: -1.0, step: 0.5, count: 5 },
    Bins { first: -1.0, step: 0.5, count: 5 },
    Bins { first: 1.5, step: 4.0, count: 8 },
    Bins { first: 36.0, step: 8.0, count: 10 },
    Bins { first: 40.0, step: 4.0, count: 10 },
    Bins { first: 0.5, step: 2.0, count: 8 },
];
const TEMPO: Bins = Bins { first: 70.0, step: 14.0, count: 6 };
const COUNTED: usize = 12;
const SECTION: usize = 9;
const ASKED: usize = 46;
const MODE: usize = ASKED;
const SHIFT: usize = MODE + 2;
const TEMPO_AT: usize = SHIFT + 12;
const DONE: usize = TEMPO_AT + TEMPO.count;
const LEFT: usize = DONE + COUNTED;
const SINCE: usize = LEFT + COUNTED;
const UNTIL: usize = SINCE + SECTION;
const BEAT: usize = UNTIL + SECTION;
const TONES: usize = BEAT + 5;
const ROOT: usize = TONES + 12;

/// Features a beat, without those of the picture that follow them.
pub(super) const FEATURES: usize = ROOT + 12;

/// Which channels a model is asked by.
pub(super) fn channels(part: Part) -> &'static [usize] {
    match part {
        Part::Chords => &[0, 1],
        Part::Melody => &[0, 1, 3, 5],
        Part::Accompaniment => &[0, 1, 2, 3, 4, 5],
    }
}

/// How exactly training is told what a bar is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Telling {
    /// By bins, bar by bar.
    Bins,
    /// Averaged over this many bars on either side, as plans ask: steadily.
    Smooth(usize),
    /// As it was asked.
    AsAsked,
}

/// For each feature, the channel that it belongs to, `CHANNELS.len()` for what is always known, and one more for what is
/// only dropped with all the rest: the picture, `width` features in all.
pub(super) fn channel_of_feature(width: i64) -> Vec<i64> {
    let asked = BINS.iter().enumerate().flat_map(|(channel, bins)| vec![channel as i64; bins.count]);
    let known = asked.chain(vec![CHANNELS.len() as i64; FEATURES - ASKED]);
    known.chain(vec![CHANNELS.len() as i64 + 1; width as usize - FEATURES]).collect()
}

/// Features of the beats of `bars` (a range of a piece's bars), heard `shift` semitones above the neutral key.
pub(super) fn features(
    part: Part,
    piece: &Piece,
    bars: std::ops::Range<usize>,
    shift: i32,
    telling: Telling,
) -> Vec<f32> {
    let mut rows = Vec::new();
    for index in bars {
        let bar = &piece.bars[index];
        let mut row = bar_row(piece, index, shift);
        let asked = told(piece, index, telling);
        light_asked(&mut row, part, &asked);
        let picture = piece.picture.get(index).map_or(vec![], |picture| picture::seen(part, picture));
        for beat in 0..bar.beats {
            let start = rows.len();
            rows.extend_from_slice(&row);
            rows.extend_from_slice(&picture);
            light_beat(&mut rows[start..], part, piece, bar, beat, shift);
        }
    }
    rows
}

fn bar_row(piece: &Piece, index: usize, shift: i32) -> [f32; FEATURES] {
    let bar = &piece.bars[index];
    let mut row = [0.0; FEATURES];
    row[MODE + usize::from(piece.mode == Mode::Minor)] = 1.0;
    row[SHIFT + shift.rem_euclid(12) as usize] = 1.0;
    TEMPO.light(&mut row[TEMPO_AT..DONE], bar.bpm);
    row[DONE + counted(index)] = 1.0;
    row[LEFT + counted(piece.bars.len() - 1 - index)] = 1.0;
    row[SINCE + bar.since_section.min(SECTION - 1)] = 1.0;
    row[UNTIL + bar.until_section.min(SECTION - 1)] = 1.0;
    row
}

fn light_asked(row: &mut [f32], part: Part, asked: &Asked) {
    let mut start = 0;
    for (channel, bins) in BINS.iter().enumerate() {
        if let Some(value) = asked[channel].filter(|_| channels(part).contains(&channel)) {
            bins.light(&mut row[start..start + bins.count], value);
        }
        start += bins.count;
    }
}

fn light_beat(row: &mut [f32], part: Part, piece: &Piece, bar: &PieceBar, beat: u32, shift: i32) {
    row[BEAT + beat as usize % 4] = 1.0;
    row[BEAT + 4] = f32::from(u8::from(bar.beats < 4));
    if part == Part::Chords {
        return;
    }
    let chord = piece.chords[(bar.first_step / 8 + beat / 2) as usize].transposed(shift);
    for tone in chord.pitch_classes() {
        row[TONES + usize::from(tone)] = 1.0;
    }
    if let Some(root) = chord.root() {
        row[ROOT + usize::from(root)] = 1.0;
    }
}

/// Bars done or left: exact to 4, then in widening ranges.
fn counted(bars: usize) -> usize {
    match bars {
        0..=4 => bars,
        5..=6 => 5,
        7..=8 => 6,
        9..=12 => 7,
        13..=16 => 8,
        17..=32 => 9,
        33..=64 => 10,
        _ => 11,
    }
}

fn told(piece: &Piece, bar: usize, telling: Telling) -> Asked {
    match telling {
        Telling::AsAsked => piece.bars[bar].asked,
        Telling::Bins => {
            let asked = piece.bars[bar].asked;
            std::array::from_fn(|channel| asked[channel].map(|value| BINS[channel].middle(value)))
        }
        Telling::Smooth(radius) => {
            let around = &piece.bars[bar.saturating_sub(radius)..(bar + radius + 1).min(piece.bars.len())];
            std::array::from_fn(|channel| {
                let known: Vec<f32> = around.iter().filter_map(|bar| bar.asked[channel]).collect();
                (!known.is_empty()).then(|| known.iter().sum::<f32>() / known.len() as f32)
            })
        }
    }
}

impl Bins {
    /// Spreads a value over the two bins that it lies between.
    pub(super) fn light(self, row: &mut [f32], value: f32) {
        let place = ((value - self.first) / self.step).clamp(0.0, (self.count - 1) as f32);
        let low = (place as usize).min(self.count - 2);
        row[low] = 1.0 - (place - low as f32);
        row[low + 1] = place - low as f32;
    }

    /// The middle of the bin that a value falls into.
    fn middle(self, value: f32) -> f32 {
        let place = ((value - self.first) / self.step).round();
        self.first + self.step * place.clamp(0.0, (self.count - 1) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        corpus::Split,
        model::testing,
        music::{Chord, Quality},
    };

    fn piece() -> Piece {
        Piece::of_song(&testing::song("1", 20, Split::Train))
    }

    /// Rows of the first beat of bar 3.
    fn row(part: Part, piece: &Piece, shift: i32, telling: Telling) -> Vec<f32> {
        features(part, piece, 3..5, shift, telling)[..FEATURES].to_vec()
    }

    #[test]
    fn every_feature_has_its_channel() {
        let channels = channel_of_feature(FEATURES as i64);
        assert_eq!(channels.len(), FEATURES);
        assert_eq!(channels.iter().filter(|channel| **channel < CHANNELS.len() as i64).count(), ASKED);
        assert_eq!(BINS.iter().map(|bins| bins.count).sum::<usize>(), ASKED);
        assert_eq!(features(Part::Melody, &piece(), 3..5, 0, Telling::Bins).len(), 8 * FEATURES);
    }

    #[test]
    fn density_is_told_by_bins_of_four_notes() {
        let density = BINS[2];
        for (notes, bin) in [(0.0, 0), (3.0, 0), (4.0, 1), (11.0, 2), (12.0, 3), (27.0, 6), (28.0, 7), (90.0, 7)] {
            let mut row = [0.0; 8];
            density.light(&mut row, density.middle(notes));
            assert_eq!(row.iter().position(|light| *light > 0.99), Some(bin), "{notes} notes: {row:?}");
        }
    }

    #[test]
    fn a_value_between_bins_lights_both() {
        let mut row = [0.0; 5];
        BINS[0].light(&mut row, 0.1);
        assert!((row[2] - 0.8).abs() < 1e-6 && (row[3] - 0.2).abs() < 1e-6, "{row:?}");
        for beyond in [-7.0, 7.0] {
            let mut row = [0.0; 5];
            BINS[0].light(&mut row, beyond);
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6 && row[if beyond < 0.0 { 0 } else { 4 }] > 0.99);
        }
    }

    #[test]
    fn models_are_told_only_their_own_channels() {
        let changed = |channel: usize, part: Part| {
            let mut other = piece();
            let highest = BINS[channel].first + BINS[channel].step * (BINS[channel].count - 1) as f32;
            other.bars[3].asked[channel] = Some(highest);
            row(part, &piece(), 0, Telling::AsAsked) != row(part, &other, 0, Telling::AsAsked)
        };
        for part in [Part::Chords, Part::Melody, Part::Accompaniment] {
            for channel in 0..CHANNELS.len() {
                assert_eq!(changed(channel, part), channels(part).contains(&channel), "{part:?} {channel}");
            }
        }
    }

    #[test]
    fn chords_are_no_secret_but_to_the_chord_model() {
        let mut other = piece();
        other.chords[6] = Chord::new(1, Quality::Diminished);
        for (part, told) in [(Part::Chords, false), (Part::Melody, true), (Part::Accompaniment, true)] {
            assert_eq!(row(part, &piece(), 0, Telling::Bins) != row(part, &other, 0, Telling::Bins), told);
        }
        let shifted = row(Part::Melody, &piece(), 2, Telling::Bins);
        let root = piece().chords[6].root().unwrap();
        assert!(shifted[ROOT + usize::from(root) + 2] > 0.99);
    }

    #[test]
    fn unknown_lights_nothing_and_smooth_averages_what_is_known() {
        let mut piece = piece();
        piece.bars[3].asked[3] = None;
        let start = BINS[..3].iter().map(|bins| bins.count).sum::<usize>();
        let dynamics = start..start + BINS[3].count;
        assert!(row(Part::Accompaniment, &piece, 0, Telling::Bins)[dynamics.clone()].iter().all(|light| *light == 0.0));
        assert!(row(Part::Accompaniment, &piece, 0, Telling::Smooth(1))[dynamics].iter().sum::<f32>() > 0.99);
    }
}
