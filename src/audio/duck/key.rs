//! The side chain's key: the original sound where it speaks, brought to one level, a little early.

use crate::{
    artifact::Track,
    audio::{AudioError, BLOCK_FRAMES, Frame, RATE, gain_of, spool::SpoolReader},
};

/// The level that speech is brought to, against full scale.
pub(super) const LEVEL_DB: f64 = -20.0;
/// The key comes this much before the sound, so that the music is down when the first word comes.
const EARLY_FRAMES: usize = RATE as usize / 10;
/// Soft words are not brought up further: below is only hiss.
const MOST_GAIN_DB: f64 = 45.0;
/// The key is never heard; a bang in it must not hold the music down for seconds.
const CEILING: f32 = 0.25;

/// How much of the original sound passes into the key, row by row.
pub(crate) struct Gate {
    rows_per_second: f64,
    /// Gain factor, 0 where nobody speaks.
    gains: Vec<f32>,
}

impl Gate {
    /// From the track of `feature.speech`: `speech` 0 or 1, `level` in decibels. None where a channel is missing.
    pub(crate) fn read(speech: &Track) -> Option<Self> {
        let (spoken, levels) = (speech.channel("speech")?, speech.channel("level")?);
        let gain = |at: usize| {
            // Over three rows: the first sound of a word must not get the gain of the pause before it.
            let near = &levels[at.saturating_sub(1)..(at + 2).min(levels.len())];
            let power = near.iter().map(|level| 10_f64.powf(f64::from(*level) / 10.0)).sum::<f64>() / near.len() as f64;
            gain_of((LEVEL_DB - 10.0 * power.log10()).min(MOST_GAIN_DB)) as f32
        };
        let gains = spoken.iter().enumerate().map(|(at, spoken)| if *spoken > 0.5 { gain(at) } else { 0.0 });
        Some(Self { rows_per_second: speech.rows_per_second.max(1e-3), gains: gains.collect() })
    }

    pub(crate) fn is_shut(&self) -> bool {
        self.gains.iter().all(|gain| *gain <= 0.0)
    }

    fn gain(&self, frame: u64) -> f32 {
        let row = frame as f64 / f64::from(RATE) * self.rows_per_second;
        self.gains.get(row as usize).copied().unwrap_or(0.0)
    }
}

pub(super) struct Key<'a> {
    original: SpoolReader<'a>,
    gate: &'a Gate,
    frame: u64,
}

impl<'a> Key<'a> {
    pub(super) fn new(mut original: SpoolReader<'a>, gate: &'a Gate) -> Result<Self, AudioError> {
        let mut left = EARLY_FRAMES;
        let mut skipped = vec![[0.0; 2]; BLOCK_FRAMES];
        while left > 0 {
            let count = left.min(BLOCK_FRAMES);
            original.read(&mut skipped[..count])?;
            left -= count;
        }
        Ok(Self { original, gate, frame: EARLY_FRAMES as u64 })
    }

    /// The next piece; silence after the end.
    pub(super) fn read(&mut self, block: &mut [Frame]) -> Result<(), AudioError> {
        let read = self.original.read(block)?;
        block[read..].fill([0.0; 2]);
        for (frame, at) in block.iter_mut().zip(self.frame..) {
            let gain = self.gate.gain(at);
            *frame =
                frame.map(|sample| if sample.is_finite() { (sample * gain).clamp(-CEILING, CEILING) } else { 0.0 });
        }
        self.frame += block.len() as u64;
        Ok(())
    }
}

/// The threshold and ratio that lower the music by `depth_db` when the key is at its level.
pub(super) fn threshold_and_ratio(depth_db: f64) -> (f64, f64) {
    /// How far the key is over the threshold. More would make the onset abrupt.
    const OVER_DB: f64 = 18.0;
    /// The compressor's envelope rises faster than it falls and stands this much over the key's mean, measured on a tone.
    const ENVELOPE_DB: f64 = 1.4;
    let depth_db = depth_db.clamp(0.0, OVER_DB * 0.94);
    (gain_of(LEVEL_DB + ENVELOPE_DB - OVER_DB), OVER_DB / (OVER_DB - depth_db))
}
