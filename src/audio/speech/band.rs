//! Sound in, rows out: keeps the speech band, measures it frame by frame in bounded memory.

use super::{FRAME, FRAMES_PER_ROW, Measure, RATE, SpeechRow, activity::rows, voicing};

/// Telephones carry this much, and all words with it.
const BAND_HZ: (f32, f32) = (300.0, 3400.0);

const SILENCE_DB: f32 = -100.0;

/// Takes stereo sound at `RATE`.
pub(crate) struct Listener {
    filter: Band,
    /// Band samples that are not measured yet.
    waiting: Vec<f32>,
    measures: Vec<Measure>,
    samples: u64,
}

impl Listener {
    pub(crate) fn new() -> Self {
        Self { filter: Band::new(), waiting: Vec::new(), measures: Vec::new(), samples: 0 }
    }

    pub(crate) fn add(&mut self, piece: &[[f32; 2]]) {
        self.samples += piece.len() as u64;
        self.waiting.extend(piece.iter().map(|[left, right]| self.filter.next(f32::midpoint(*left, *right))));
        self.measure();
    }

    /// One row a tenth of a second, the last one for what is left of it.
    pub(crate) fn finish(mut self) -> Vec<SpeechRow> {
        self.waiting.extend([0.0; voicing::REACH]);
        self.measure();
        let count = self.samples.div_ceil((FRAME * FRAMES_PER_ROW) as u64) as usize;
        self.measures.resize(count * FRAMES_PER_ROW, Measure { level_db: SILENCE_DB, voicing: 0.0 });
        rows(&self.measures)
    }

    /// As many frames as have all that the autocorrelation looks at.
    fn measure(&mut self) {
        let mut done = 0;
        while self.waiting.len() - done >= voicing::REACH {
            let frame = &self.waiting[done..];
            self.measures.push(Measure { level_db: level(&frame[..FRAME]), voicing: voicing::of(frame) });
            done += FRAME;
        }
        self.waiting.drain(..done);
    }
}

fn level(frame: &[f32]) -> f32 {
    let power = frame.iter().map(|sample| sample * sample).sum::<f32>() / frame.len() as f32;
    (10.0 * power.log10()).max(SILENCE_DB)
}

/// Two one-pole low passes and two high passes: 12 dB an octave on both sides.
struct Band {
    low: [f32; 2],
    high: [f32; 2],
    low_step: f32,
    high_step: f32,
}

impl Band {
    fn new() -> Self {
        let step = |hertz: f32| 1.0 - (-std::f32::consts::TAU * hertz / RATE as f32).exp();
        Self { low: [0.0; 2], high: [0.0; 2], low_step: step(BAND_HZ.1), high_step: step(BAND_HZ.0) }
    }

    fn next(&mut self, sample: f32) -> f32 {
        let mut value = if sample.is_finite() { sample } else { 0.0 };
        for low in &mut self.low {
            *low += (value - *low) * self.low_step;
            value = *low;
        }
        for high in &mut self.high {
            *high += (value - *high) * self.high_step;
            value -= *high;
        }
        value
    }
}
