//! The chords that sound, on the grid.

use std::ops::Range;

use crate::music::{Chord, Metre, STEPS_PER_HALF_BAR};

/// One chord a half bar. A 2/4 bar is one half bar, so slot `i` begins at step `8 i` whatever the metre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Harmony {
    pub(super) slots: Vec<Chord>,
}

/// Steps over which one chord sounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChordSpan {
    pub(crate) steps: Range<u32>,
    pub(crate) chord: Chord,
}

impl Harmony {
    /// Cut or filled up with the last chord to the length of the metre.
    pub(super) fn new(mut slots: Vec<Chord>, metre: &Metre) -> Self {
        let last = slots.last().copied().unwrap_or(Chord::None);
        slots.resize((metre.end() / STEPS_PER_HALF_BAR) as usize, last);
        Self { slots }
    }

    pub(super) fn at(&self, step: u32) -> Chord {
        self.slots.get((step / STEPS_PER_HALF_BAR) as usize).copied().unwrap_or(Chord::None)
    }

    #[cfg(test)]
    /// Where chords change, in order; silence is a span without a chord.
    pub(super) fn spans(&self) -> Vec<ChordSpan> {
        self.merged(|_| false)
    }

    /// As `spans`, but none reaches over a bar line.
    pub(super) fn spans_by_bar(&self, metre: &Metre) -> Vec<ChordSpan> {
        self.merged(|step| metre.span(metre.bar_at(step)).start == step)
    }

    fn merged(&self, breaks: impl Fn(u32) -> bool) -> Vec<ChordSpan> {
        let mut spans: Vec<ChordSpan> = Vec::new();
        for (slot, chord) in (0..).zip(&self.slots) {
            let steps = slot * STEPS_PER_HALF_BAR..(slot + 1) * STEPS_PER_HALF_BAR;
            match spans.last_mut() {
                Some(last) if last.chord == *chord && !breaks(steps.start) => last.steps.end = steps.end,
                _ => spans.push(ChordSpan { steps, chord: *chord }),
            }
        }
        spans
    }
}

/// The chord tone nearest to a pitch; of two equally near ones the lower. The pitch itself where there is no chord.
pub(crate) fn nearest_tone(chord: Chord, pitch: u8) -> u8 {
    let around = (0..=6).flat_map(|far| [pitch.saturating_sub(far), pitch.saturating_add(far)]);
    around.into_iter().find(|near| *near < 128 && chord.contains(*near)).unwrap_or(pitch)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chords(text: &str) -> Vec<Chord> {
        text.split(' ').map(|chord| chord.parse().unwrap()).collect()
    }

    #[test]
    fn spans_join_equal_chords() {
        let metre = Metre::new([4, 2, 4]);
        let harmony = Harmony::new(chords("C C C G"), &metre);
        let lengths = |spans: Vec<ChordSpan>| spans.into_iter().map(|span| span.steps).collect::<Vec<_>>();
        assert_eq!(lengths(harmony.spans()), [0..24, 24..40]);
        assert_eq!(lengths(harmony.spans_by_bar(&metre)), [0..16, 16..24, 24..40]);
        assert_eq!(harmony.at(39).to_string(), "G");
        assert_eq!(harmony.at(40), Chord::None);
    }

    #[test]
    fn nearest_tones() {
        let chord: Chord = "C".parse().unwrap();
        assert_eq!(
            [60, 61, 62, 65, 66, 69, 127].map(|pitch| nearest_tone(chord, pitch)),
            [60, 60, 60, 64, 67, 67, 127]
        );
        assert_eq!(nearest_tone(Chord::None, 61), 61);
    }
}
