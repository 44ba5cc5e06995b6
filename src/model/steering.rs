//! A closed loop on what is asked: while a bar is being composed its notes so far are known, and what is still owed leans on
//! the next choice. It only tilts the model's odds (p times an exponential of the choice), so that the shape that the model
//! has learned stays; a bar that is on its way as asked is left alone.

use super::{
    Part,
    piece::{Piece, PieceBar},
    token::{END, REST, REST_STEPS},
};
use crate::music::{Note, STEPS_PER_BEAT};

const DENSITY: usize = 2;
const DYNAMICS: usize = 3;
const REGISTER: usize = 4;
const MELODY_DENSITY: usize = 5;

/// Logits for a note that is owed as a bar is about to be left, and at most.
const OWED: f32 = 0.9;
const MOST_OWED: f32 = 2.0;
const MOST_OVERDONE: f32 = 3.0;
/// Logits for each note that a bar is behind its even pace, and at most.
const BEHIND: f32 = 0.3;
const MOST_BEHIND: f32 = 3.0;
/// Notes as asked that a bar's mean begins with.
const PRIOR_NOTES: f32 = 2.0;
/// How much of the standing error a note renews.
const RENEWED: f32 = 0.06;
/// Logits for each unit of velocity and of error; the same for semitones. About the inverse of the models' spread.
const LOUDER: f32 = 0.016;
const HIGHER: f32 = 0.012;
const MOST_VELOCITY_ERROR: f32 = 14.0;
const MOST_PITCH_ERROR: f32 = 10.0;

/// One take's account.
#[derive(Clone, Debug)]
pub(super) struct Steering {
    part: Part,
    /// 0 is off, 1 is firm.
    strength: f32,
    bar: usize,
    notes: f32,
    velocity: Account,
    pitch: Account,
}

/// How far a mean is off, in this bar and for some time.
#[derive(Clone, Copy, Debug, Default)]
struct Account {
    sum: f32,
    standing: f32,
}

impl Steering {
    pub(super) fn new(part: Part, strength: f64) -> Self {
        let (velocity, pitch) = (Account::default(), Account::default());
        Self { part, strength: strength as f32, bar: 0, notes: 0.0, velocity, pitch }
    }

    /// Leans on the steps from `at`: towards as many notes as are asked of the bar.
    pub(super) fn lean_on_steps(&self, piece: &Piece, at: u32, logits: &mut [f32]) {
        if self.strength <= 0.0 {
            return;
        }
        let bar = piece.bar_at(at);
        let here = &piece.bars[bar];
        let Some(asked) = self.asked_notes(here) else { return };
        let notes = if bar == self.bar { self.notes } else { 0.0 };
        let end = here.first_step + here.beats * STEPS_PER_BEAT;
        let place = (at - here.first_step) as f32 / (end - here.first_step) as f32;
        let owed = (OWED * (asked - notes - 0.5)).clamp(-MOST_OVERDONE, MOST_OWED);
        let behind = (asked * place - notes).clamp(-MOST_BEHIND, MOST_BEHIND) * BEHIND;
        let typical = f32::max(0.5, 16.0 / asked.max(1.0)).min(8.0);
        for (step, logit) in logits.iter_mut().enumerate() {
            let distance = match step as u16 {
                REST => REST_STEPS,
                END => end - at,
                step => u32::from(step),
            };
            let start = at + distance;
            *logit += self.strength
                * if start < end {
                    let haste = (1.0 - distance as f32 / typical).clamp(-1.0, 1.0);
                    owed + behind * haste
                } else {
                    -self.skipped(piece, bar, start)
                };
        }
    }

    /// What is owed by bars that a step jumps over, or not owed by the one where it lands.
    fn skipped(&self, piece: &Piece, bar: usize, start: u32) -> f32 {
        let owed = |bar: usize| self.asked_notes(&piece.bars[bar]).map_or(0.0, |asked| OWED * (asked - 0.5));
        let landing = piece.bar_at(start);
        let over: f32 = (bar + 1..landing).map(|bar| owed(bar).clamp(-MOST_OWED, MOST_OWED)).sum();
        let at_landing = if landing > bar { owed(landing).clamp(-MOST_OWED, 0.0) } else { 0.0 };
        over - at_landing
    }

    /// Leans on pitches towards the register that is asked for.
    pub(super) fn lean_on_pitches(&self, piece: &Piece, start: u32, logits: &mut [f32]) {
        let Some(asked) = self.asked_mean(piece, start, REGISTER) else { return };
        let error = self.pitch.error(self.notes_in(piece.bar_at(start)), asked).clamp(-MOST_PITCH_ERROR, MOST_PITCH_ERROR);
        tilt(logits, self.strength * HIGHER * error);
    }

    /// Leans on velocities towards the dynamics that are asked for.
    pub(super) fn lean_on_velocities(&self, piece: &Piece, start: u32, logits: &mut [f32]) {
        let Some(asked) = self.asked_mean(piece, start, DYNAMICS) else { return };
        let notes = self.notes_in(piece.bar_at(start));
        let error = self.velocity.error(notes, asked).clamp(-MOST_VELOCITY_ERROR, MOST_VELOCITY_ERROR);
        tilt(logits, self.strength * LOUDER * 8.0 * error);
    }

    /// Takes a note to account.
    pub(super) fn hear(&mut self, piece: &Piece, note: &Note) {
        let bar = piece.bar_at(note.start);
        if bar != self.bar {
            (self.bar, self.notes, self.velocity.sum, self.pitch.sum) = (bar, 0.0, 0.0, 0.0);
        }
        self.notes += 1.0;
        let asked = &piece.bars[bar].asked;
        self.velocity.hear(f32::from(note.velocity), asked[DYNAMICS]);
        self.pitch.hear(f32::from(note.pitch), asked[REGISTER]);
    }

    fn asked_notes(&self, bar: &PieceBar) -> Option<f32> {
        let channel = if self.part == Part::Melody { MELODY_DENSITY } else { DENSITY };
        bar.asked[channel].map(|asked| asked * bar.beats as f32 / 4.0)
    }

    /// Dynamics and register are the accompaniment's.
    fn asked_mean(&self, piece: &Piece, start: u32, channel: usize) -> Option<f32> {
        let is_steered = self.strength > 0.0 && self.part == Part::Accompaniment;
        piece.bars[piece.bar_at(start)].asked[channel].filter(|_| is_steered)
    }

    fn notes_in(&self, bar: usize) -> f32 {
        if bar == self.bar { self.notes } else { 0.0 }
    }
}

impl Account {
    /// How much too low the next notes would leave the mean.
    fn error(&self, notes: f32, asked: f32) -> f32 {
        let sum = if notes > 0.0 { self.sum } else { 0.0 };
        let bar = notes * asked - sum;
        bar / PRIOR_NOTES.max(notes.sqrt()) + self.standing
    }

    fn hear(&mut self, value: f32, asked: Option<f32>) {
        self.sum += value;
        if let Some(asked) = asked {
            self.standing += RENEWED * (asked - value);
        }
    }
}

fn tilt(logits: &mut [f32], slope: f32) {
    for (place, logit) in logits.iter_mut().enumerate() {
        *logit += slope * place as f32;
    }
}
