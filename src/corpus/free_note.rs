//! Notes before they lie on the grid, and the pulse that they are counted by.

use crate::music::Note;

/// Times in seconds, beats or steps, as its holder says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct FreeNote {
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) pitch: u8,
    /// 1..127.
    pub(super) velocity: u8,
}

impl FreeNote {
    /// In steps.
    pub(super) fn of(note: Note) -> Self {
        let start = f64::from(note.start);
        Self { start, end: start + f64::from(note.duration), pitch: note.pitch, velocity: note.velocity }
    }

    /// In beats of a pulse.
    pub(super) fn counted(self, pulse: &Pulse) -> Self {
        Self { start: pulse.beat(self.start), end: pulse.beat(self.end), ..self }
    }
}

/// Seconds of each beat, rising; beyond them the outermost interval goes on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pulse {
    beats: Vec<f64>,
}

impl Pulse {
    /// None without two beats: nothing can be counted by one.
    pub(super) fn new(beats: Vec<f64>) -> Option<Self> {
        let rises = beats.len() > 1 && beats.windows(2).all(|pair| pair[0] < pair[1]);
        rises.then_some(Self { beats })
    }

    pub(super) fn beats(&self) -> &[f64] {
        &self.beats
    }

    /// Seconds to beats, counted from the first, which is 0.
    pub(super) fn beat(&self, seconds: f64) -> f64 {
        let later = self.beats.partition_point(|beat| *beat <= seconds);
        let index = later.saturating_sub(1).min(self.beats.len() - 2);
        index as f64 + (seconds - self.beats[index]) / (self.beats[index + 1] - self.beats[index])
    }

    pub(super) fn seconds(&self, beat: f64) -> f64 {
        let index = (beat.max(0.0) as usize).min(self.beats.len() - 2);
        self.beats[index] + (beat - index as f64) * (self.beats[index + 1] - self.beats[index])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn beats_go_on_at_both_ends() {
        let pulse = Pulse::new(vec![1.0, 1.5, 2.5]).unwrap();
        for (seconds, beat) in [(0.5, -1.0), (1.0, 0.0), (1.25, 0.5), (2.0, 1.5), (4.5, 4.0)] {
            assert!((pulse.beat(seconds) - beat).abs() < 1e-12, "{seconds}");
            assert!((pulse.seconds(beat) - seconds).abs() < 1e-12, "{beat}");
        }
        assert!(Pulse::new(vec![1.0]).is_none() && Pulse::new(vec![1.0, 1.0]).is_none());
    }

    proptest! {
        #[test]
        fn there_and_back(gaps in prop::collection::vec(0.1_f64..2.0, 2..20), seconds in -5.0_f64..50.0) {
            let beats = gaps.iter().scan(0.0, |now, gap| { *now += gap; Some(*now) }).collect();
            let pulse = Pulse::new(beats).unwrap();
            prop_assert!((pulse.seconds(pulse.beat(seconds)) - seconds).abs() < 1e-9);
        }
    }
}
