//! Where bars lie on the grid: steps and ticks of each downbeat, with 2/4 bars among the 4/4 ones.

use std::ops::Range;

use super::{STEPS_PER_BAR, STEPS_PER_BEAT, TICKS_PER_QUARTER};

pub(crate) const TICKS_PER_STEP: u32 = TICKS_PER_QUARTER / STEPS_PER_BEAT;
/// Chords are taken a half bar; a 2/4 bar is one.
pub(crate) const STEPS_PER_HALF_BAR: u32 = STEPS_PER_BAR / 2;

/// Bars in order from step 0, without a hole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Metre {
    /// Step of each downbeat, then the end.
    starts: Vec<u32>,
}

impl Metre {
    pub(crate) fn new(bar_beats: impl IntoIterator<Item = u8>) -> Self {
        let mut starts = vec![0];
        let mut end = 0;
        for beats in bar_beats {
            end += u32::from(beats) * STEPS_PER_BEAT;
            starts.push(end);
        }
        Self { starts }
    }

    pub(crate) fn bars(&self) -> usize {
        self.starts.len() - 1
    }

    /// The step after the last bar.
    pub(crate) fn end(&self) -> u32 {
        self.starts[self.bars()]
    }

    pub(crate) fn end_ticks(&self) -> u32 {
        self.end() * TICKS_PER_STEP
    }

    /// Steps of a bar; the empty span at the end for bars that are not there.
    pub(crate) fn span(&self, bar: usize) -> Range<u32> {
        let start = bar.min(self.bars());
        self.starts[start]..self.starts[(start + 1).min(self.bars())]
    }

    /// The bar that a step lies in; the last one for later steps.
    pub(crate) fn bar_at(&self, step: u32) -> usize {
        let later = self.starts.partition_point(|start| *start <= step);
        later.saturating_sub(1).min(self.bars().saturating_sub(1))
    }

    /// Tick of each downbeat.
    pub(crate) fn bar_ticks(&self) -> impl Iterator<Item = u32> {
        self.starts[..self.bars()].iter().map(|step| step * TICKS_PER_STEP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_bar_moves_what_follows() {
        let metre = Metre::new([4, 2, 4]);
        assert_eq!((metre.bars(), metre.end(), metre.end_ticks()), (3, 40, 4800));
        assert_eq!([metre.span(0), metre.span(1), metre.span(2), metre.span(3)], [0..16, 16..24, 24..40, 40..40]);
        assert_eq!([0, 15, 16, 23, 24, 39, 40, 99].map(|step| metre.bar_at(step)), [0, 0, 1, 1, 2, 2, 2, 2]);
        assert_eq!(metre.bar_ticks().collect::<Vec<_>>(), [0, 1920, 2880]);
    }

    #[test]
    fn no_bars_are_no_steps() {
        let metre = Metre::new([]);
        assert_eq!((metre.bars(), metre.end(), metre.bar_at(7)), (0, 0, 0));
        assert_eq!(metre.span(0), 0..0);
    }
}
