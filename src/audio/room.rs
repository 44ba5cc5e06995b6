//! The room: eight delay lines that feed each other through a Hadamard matrix (Jot's feedback delay network).
//!
//! Stereo send in, stereo reverberation out, without the dry sound. No randomness, no modulation: equal input, equal
//! bits.

use super::{Frame, RATE};

const LINES: usize = 8;

/// Mutually prime, 24 to 56 ms: echoes do not pile up on common multiples.
const LENGTHS: [usize; LINES] = [1151, 1327, 1523, 1733, 1951, 2179, 2411, 2687];

/// Time for the sound to fall by 60 dB: a small hall, short enough for a bed under speech.
const DECAY_SECONDS: f64 = 1.5;

/// How much of the highs each round trip takes.
const DAMPING: f32 = 0.35;

/// First reflections come this late: the attack stays clear of them.
const PREDELAY_FRAMES: usize = RATE as usize * 12 / 1000;

/// The room has no bass of its own, which would only blur the mix.
const LOW_CUT_HZ: f64 = 180.0;

/// Makes a full send about 6 dB softer than the dry sound it comes from.
const LEVEL: f32 = 0.42;

/// Below this a decaying value is taken as zero: processors are slow with numbers that are nearly none.
const SMALLEST: f32 = 1e-18;

pub(super) struct Room {
    predelay: Ring,
    lines: [Line; LINES],
    low: [f32; 2],
    low_step: f32,
}

impl Room {
    pub(super) fn new() -> Self {
        let low_step = 1.0 - (-std::f64::consts::TAU * LOW_CUT_HZ / f64::from(RATE)).exp();
        Self {
            predelay: Ring::new(PREDELAY_FRAMES),
            lines: LENGTHS.map(Line::new),
            low: [0.0; 2],
            low_step: low_step as f32,
        }
    }

    /// Replaces the send by what the room answers.
    pub(super) fn play(&mut self, block: &mut [Frame]) {
        for frame in block {
            let send = self.cut_low(*frame);
            let late = self.predelay.exchange(send);
            *frame = self.reflect(late);
        }
    }

    fn cut_low(&mut self, frame: Frame) -> Frame {
        let mut cut = [0.0; 2];
        for side in 0..2 {
            let low = &mut self.low[side];
            *low += (frame[side] - *low) * self.low_step;
            if low.abs() < SMALLEST {
                *low = 0.0;
            }
            cut[side] = frame[side] - *low;
        }
        cut
    }

    fn reflect(&mut self, send: Frame) -> Frame {
        let mut heard = [0.0; LINES];
        for (heard, line) in heard.iter_mut().zip(&mut self.lines) {
            *heard = line.next();
        }
        // Left and right hear different lines, with signs that keep the sum to mono from cancelling.
        let left = heard[0] - heard[2] + heard[4] + heard[7];
        let right = heard[1] + heard[3] - heard[5] + heard[6];
        hadamard(&mut heard);
        for (number, (line, back)) in self.lines.iter_mut().zip(heard).enumerate() {
            line.push(back + send[number % 2]);
        }
        [left * LEVEL, right * LEVEL]
    }
}

/// Mixes all with all and keeps the energy.
fn hadamard(values: &mut [f32; LINES]) {
    for half in [1, 2, 4] {
        for start in (0..LINES).step_by(2 * half) {
            for at in start..start + half {
                let (a, b) = (values[at], values[at + half]);
                (values[at], values[at + half]) = (a + b, a - b);
            }
        }
    }
    for value in values {
        *value *= 0.353_553_4;
    }
}

/// A delay with a wall at its end that takes energy, and highs more than lows.
struct Line {
    memory: Vec<f32>,
    at: usize,
    gain: f32,
    damped: f32,
}

impl Line {
    fn new(length: usize) -> Self {
        let gain = 10_f64.powf(-3.0 * length as f64 / (DECAY_SECONDS * f64::from(RATE)));
        Self { memory: vec![0.0; length], at: 0, gain: gain as f32, damped: 0.0 }
    }

    /// What arrives at the wall now.
    fn next(&mut self) -> f32 {
        self.damped = self.memory[self.at] * (1.0 - DAMPING) + self.damped * DAMPING;
        if self.damped.abs() < SMALLEST {
            self.damped = 0.0;
        }
        self.damped * self.gain
    }

    fn push(&mut self, value: f32) {
        self.memory[self.at] = value;
        self.at = if self.at + 1 == self.memory.len() { 0 } else { self.at + 1 };
    }
}

/// Gives back what went in some frames ago.
struct Ring {
    memory: Vec<Frame>,
    at: usize,
}

impl Ring {
    fn new(frames: usize) -> Self {
        Self { memory: vec![[0.0; 2]; frames], at: 0 }
    }

    fn exchange(&mut self, frame: Frame) -> Frame {
        let old = std::mem::replace(&mut self.memory[self.at], frame);
        self.at = (self.at + 1) % self.memory.len();
        old
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::testing::energy;

    /// The room's answer to one click.
    fn click(seconds: f64) -> Vec<Frame> {
        let mut frames = vec![[0.0; 2]; (seconds * f64::from(RATE)) as usize];
        frames[0] = [1.0, 1.0];
        Room::new().play(&mut frames);
        frames
    }

    fn noise(frames: usize) -> Vec<Frame> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state) as f32 / 2_147_483_648.0 - 1.0
        };
        (0..frames).map(|_| [next(), next()]).collect()
    }

    #[test]
    fn the_first_reflection_comes_after_the_attack() {
        let answer = click(0.2);
        let first = answer.iter().position(|frame| *frame != [0.0, 0.0]).unwrap();
        assert_eq!(first, PREDELAY_FRAMES + LENGTHS[0]);
    }

    #[test]
    fn it_decays_and_falls_silent() {
        let answer = click(8.0);
        let at = |seconds: f64| energy(&answer[(seconds * 48_000.0) as usize..][..9600]);
        let fall_db = 10.0 * (at(0.2) / at(0.7)).log10();
        assert!((10.0..40.0).contains(&fall_db), "{fall_db} dB in half a second");
        assert!(at(7.0) < 1e-12 * at(0.2));
    }

    #[test]
    fn a_full_send_is_softer_than_the_dry_sound() {
        let mut frames = noise(4 * RATE as usize);
        let dry = energy(&frames);
        Room::new().play(&mut frames);
        let level_db = 10.0 * (energy(&frames[2 * RATE as usize..]) / dry).log10();
        assert!((-9.0..-3.0).contains(&level_db), "{level_db}");
    }

    #[test]
    fn both_sides_sound_and_differ() {
        let answer = click(1.0);
        let side = |side: usize| answer.iter().map(|frame| f64::from(frame[side]).powi(2)).sum::<f64>();
        assert!((side(0) / side(1)).log2().abs() < 0.5);
        let product = answer.iter().map(|[left, right]| f64::from(left * right)).sum::<f64>();
        assert!(product.abs() < 0.3 * side(0).max(side(1)), "wide, not mono");
    }

    #[test]
    fn pieces_sound_as_the_whole_does() {
        let mut whole = noise(10_000);
        let mut pieces = whole.clone();
        Room::new().play(&mut whole);
        let mut room = Room::new();
        pieces.chunks_mut(777).for_each(|piece| room.play(piece));
        assert_eq!(whole, pieces);
    }
}
