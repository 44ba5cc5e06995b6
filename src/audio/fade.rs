//! The fades: music never stops with a click, and its last 20 ms are silent; it may come in slowly too.

use super::{Frame, RATE};

/// Silence at the very end of every result.
const SILENT_FRAMES: u64 = RATE as u64 / 50;

/// A smooth fade that reaches zero 20 ms before the end, and one at the start if it is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fade {
    /// Frames until the sound is whole.
    rise: u64,
    start: u64,
    end: u64,
}

impl Fade {
    /// Fades the last `seconds` of `frames`, at most a quarter of them.
    pub(crate) fn out(frames: u64, seconds: f64) -> Self {
        let end = frames.saturating_sub(SILENT_FRAMES);
        let length = ((seconds * f64::from(RATE)) as u64).min(frames / 4);
        Self { rise: 0, start: end.saturating_sub(length), end }
    }

    /// Lets the sound come in over `seconds`, at most over the quarter of `frames`.
    pub(crate) fn rising(mut self, frames: u64, seconds: f64) -> Self {
        self.rise = ((seconds * f64::from(RATE)) as u64).min(frames / 4);
        self
    }

    /// Fades a block that begins at frame `first`.
    pub(crate) fn apply(&self, first: u64, block: &mut [Frame]) {
        for (frame, at) in block.iter_mut().zip(first..self.rise) {
            let gain = (at as f64 / self.rise as f64 * std::f64::consts::FRAC_PI_2).sin().powi(2) as f32;
            *frame = frame.map(|sample| sample * gain);
        }
        let untouched = self.start.saturating_sub(first).min(block.len() as u64) as usize;
        for (frame, at) in block[untouched..].iter_mut().zip(first + untouched as u64..) {
            let gain = self.gain(at);
            *frame = frame.map(|sample| sample * gain);
        }
    }

    /// A squared cosine: level in decibels falls slowly first, as a damped string does.
    fn gain(&self, frame: u64) -> f32 {
        if frame >= self.end {
            return 0.0;
        }
        let done = frame.saturating_sub(self.start) as f64 / (self.end - self.start).max(1) as f64;
        (done * std::f64::consts::FRAC_PI_2).cos().powi(2) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_the_music_alone_and_ends_in_silence() {
        let frames = 2 * u64::from(RATE);
        let mut block = vec![[1.0, -1.0]; frames as usize];
        Fade::out(frames, 0.25).apply(0, &mut block);
        let start = (frames - SILENT_FRAMES) as usize - 12_000;
        assert!(block[..start].iter().all(|[left, right]| *left >= 1.0 && *right <= -1.0));
        assert!(block[start..].windows(2).all(|pair| pair[1][0] <= pair[0][0]), "the fade only falls");
        assert!(block[frames as usize - SILENT_FRAMES as usize..].iter().all(|frame| *frame == [0.0, 0.0]));
    }

    #[test]
    fn blocks_fade_as_the_whole_does() {
        let frames = 10_000;
        let fade = Fade::out(frames, 1.0);
        let mut whole = vec![[0.5, 0.5]; frames as usize];
        let mut pieces = whole.clone();
        fade.apply(0, &mut whole);
        for (number, piece) in pieces.chunks_mut(777).enumerate() {
            fade.apply(number as u64 * 777, piece);
        }
        assert_eq!(whole, pieces);
    }

    #[test]
    fn a_clip_shorter_than_the_silence_is_silent() {
        let mut block = vec![[1.0, 1.0]; 500];
        Fade::out(500, 1.0).apply(0, &mut block);
        assert!(block.iter().all(|frame| *frame == [0.0, 0.0]));
    }

    #[test]
    fn it_comes_in_slowly_if_asked() {
        let mut block = vec![[1.0, 1.0]; 48_000];
        Fade::out(48_000, 0.1).rising(48_000, 0.1).apply(0, &mut block);
        assert!(block[0][0].abs() < 1e-6 && (block[2400][0] - 0.5).abs() < 1e-3 && block[4800][0] >= 1.0);
        assert!(block[..24_000].is_sorted_by(|a, b| a[0] <= b[0]));
    }
}
