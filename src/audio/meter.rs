//! Loudness to EBU R128: integrated, true peak, and the short-term loudness once a second.

use ebur128::{EbuR128, Mode};

use super::{AudioError, Frame, RATE, decibels};

/// Silence as a number: R128's absolute gate.
pub(crate) const SILENCE_LUFS: f64 = -70.0;

/// Digital silence has no peak; half a step of 24 bits is at -144 dB.
const SILENCE_DBTP: f64 = -144.0;

/// What a piece measures.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Levels {
    /// None where nothing is above the gate.
    pub(crate) integrated_lufs: Option<f64>,
    pub(crate) true_peak_dbtp: f64,
    /// Short-term loudness at the end of each second, at least `SILENCE_LUFS`.
    pub(crate) curve_lufs: Vec<f64>,
}

pub(crate) struct Meter {
    ebu: EbuR128,
    frames: u64,
    curve: Vec<f64>,
}

impl Meter {
    /// Measures everything.
    pub(crate) fn full() -> Result<Self, AudioError> {
        Self::new(Mode::I | Mode::S | Mode::TRUE_PEAK)
    }

    /// Measures integrated loudness and the curve in a third of the time; the peak is that of the samples.
    pub(crate) fn quick() -> Result<Self, AudioError> {
        Self::new(Mode::I | Mode::S | Mode::SAMPLE_PEAK)
    }

    fn new(mode: Mode) -> Result<Self, AudioError> {
        Ok(Self { ebu: EbuR128::new(2, RATE, mode)?, frames: 0, curve: Vec::new() })
    }

    pub(crate) fn add(&mut self, mut block: &[Frame]) -> Result<(), AudioError> {
        let second = u64::from(RATE);
        while !block.is_empty() {
            let until_second = (second - self.frames % second).min(block.len() as u64) as usize;
            let (piece, rest) = block.split_at(until_second);
            self.ebu.add_frames_f32(piece.as_flattened())?;
            self.frames += piece.len() as u64;
            if self.frames.is_multiple_of(second) {
                self.curve.push(audible(self.ebu.loudness_shortterm()?));
            }
            block = rest;
        }
        Ok(())
    }

    pub(crate) fn levels(self) -> Result<Levels, AudioError> {
        let integrated = self.ebu.loudness_global()?;
        let peak = |side| {
            if self.ebu.mode().contains(Mode::TRUE_PEAK) {
                self.ebu.true_peak(side)
            } else {
                self.ebu.sample_peak(side)
            }
        };
        let peak = peak(0)?.max(peak(1)?);
        Ok(Levels {
            integrated_lufs: integrated.is_finite().then_some(integrated),
            true_peak_dbtp: decibels(peak).max(SILENCE_DBTP),
            curve_lufs: self.curve,
        })
    }
}

fn audible(lufs: f64) -> f64 {
    // Not `clamp`: what is no number is silent too.
    if lufs > SILENCE_LUFS { lufs } else { SILENCE_LUFS }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::testing::sine;

    fn measure(frames: &[Frame]) -> Levels {
        let mut meter = Meter::full().unwrap();
        frames.chunks(1000).for_each(|block| meter.add(block).unwrap());
        meter.levels().unwrap()
    }

    #[test]
    fn a_reference_tone_measures_as_the_standard_says() {
        // EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS is at -23 LUFS.
        let amplitude = 10_f32.powf(-23.0 / 20.0);
        let levels = measure(&sine(1000.0, amplitude, 20.0));
        assert!((levels.integrated_lufs.unwrap() + 23.0).abs() < 0.1, "{levels:?}");
        assert!((levels.true_peak_dbtp + 23.0).abs() < 0.1, "{levels:?}");
        assert_eq!(levels.curve_lufs.len(), 20);
        assert!(levels.curve_lufs[3..].iter().all(|lufs| (lufs + 23.0).abs() < 0.1));
    }

    #[test]
    fn silence_is_a_number() {
        let levels = measure(&vec![[0.0; 2]; 96_000]);
        assert_eq!(levels.integrated_lufs, None);
        assert_eq!(levels.curve_lufs, [SILENCE_LUFS; 2]);
        assert!(levels.true_peak_dbtp <= SILENCE_DBTP);
    }

    #[test]
    fn peaks_between_samples_count() {
        // A quarter of the sampling rate with its samples 45 degrees off the crest: 3 dB under it.
        let frames: Vec<Frame> = (0..48_000).map(|n| [if n % 4 < 2 { 0.5 } else { -0.5 }; 2]).collect();
        let levels = measure(&frames);
        assert!((levels.true_peak_dbtp - decibels(0.5_f64.hypot(0.5))).abs() < 0.3, "{levels:?}");
    }
}
