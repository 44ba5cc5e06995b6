//! Conditions as numbers: one row of features a beat. What is asked goes into soft bins (a value between two bins lights
//! both), unknown lights none; mode, tempo, place in the piece and chord tones follow.

use super::{
    Part,
    piece::{Asked, CHANNELS, Piece, PieceBar},
};
use crate::music::Mode;

/// Evenly spaced bins of a channel.
#[derive(Clone, Copy)]
struct Bins {
    first: f32,
    step: f32,
    count: usize,
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

/// Features a beat.
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

/// For each feature, the channel that it belongs to, or `CHANNELS.len()` for what is always known.
pub(super) fn channel_of_feature() -> Vec<i64> {
    let asked = BINS.iter().enumerate().flat_map(|(channel, bins)| vec![channel as i64; bins.count]);
    asked.chain(vec![CHANNELS.len() as i64; FEATURES - ASKED]).collect()
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
        for beat in 0..bar.beats {
            rows.extend_from_slice(&row);
            let start = rows.len() - FEATURES;
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
    fn light(self, row: &mut [f32], value: f32) {
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
