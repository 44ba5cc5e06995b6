//! Spools that sound together, each at a gain of its own.

use super::{AudioError, BLOCK_FRAMES, Frame, Levels, Meter, Spool, bed::add};

pub(crate) struct Blend<'a> {
    parts: Vec<(&'a mut Spool, f64)>,
    frames: u64,
}

impl<'a> Blend<'a> {
    pub(crate) fn new(frames: u64) -> Self {
        Self { parts: Vec::new(), frames }
    }

    /// One more, at a gain in decibels.
    pub(crate) fn with(mut self, spool: &'a mut Spool, gain_db: f64) -> Self {
        self.parts.push((spool, super::gain_of(gain_db)));
        self
    }

    pub(crate) fn frames(&self) -> u64 {
        self.frames
    }

    /// Loudness, curve and sample peak as it is.
    pub(crate) fn measure(&mut self) -> Result<Levels, AudioError> {
        let mut meter = Meter::quick()?;
        self.for_each_block(0, |block| meter.add(block))?;
        meter.levels()
    }

    /// All frames in blocks, then `more` silent ones.
    pub(crate) fn for_each_block(
        &mut self,
        more: usize,
        mut take: impl FnMut(&mut [Frame]) -> Result<(), AudioError>,
    ) -> Result<(), AudioError> {
        let frames = self.frames + more as u64;
        let mut readers = Vec::new();
        for (spool, gain) in &mut self.parts {
            readers.push((spool.reader()?, *gain as f32));
        }
        let (mut block, mut piece) = (vec![[0.0; 2]; BLOCK_FRAMES], vec![[0.0; 2]; BLOCK_FRAMES]);
        for first in (0..frames).step_by(BLOCK_FRAMES) {
            let count = (frames - first).min(BLOCK_FRAMES as u64) as usize;
            let block = &mut block[..count];
            block.fill([0.0; 2]);
            for (reader, gain) in &mut readers {
                let read = reader.read(&mut piece[..count])?;
                add(block, &piece[..read], *gain);
            }
            take(block)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::testing::{sine, spool};

    #[test]
    fn parts_sound_together_at_their_gains() {
        let (a, b) = (sine(440.0, 0.5, 0.5), sine(1000.0, 0.25, 0.2));
        let (mut first, mut second) = (spool(&a), spool(&b));
        let mut blended = Vec::new();
        let mut blend = Blend::new(20_000).with(&mut first, 0.0).with(&mut second, -6.0);
        blend
            .for_each_block(7, |block| {
                blended.extend_from_slice(block);
                Ok(())
            })
            .unwrap();
        assert_eq!(blended.len(), 20_007);
        let gain = 10_f32.powf(-6.0 / 20.0);
        assert!((blended[5000][0] - a[5000][0] - gain * b[5000][0]).abs() < 1e-6);
        assert!((blended[15_000][0] - a[15_000][0]).abs() < 1e-6, "the second has ended");
    }
}
