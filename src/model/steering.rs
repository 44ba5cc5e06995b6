//! A closed loop on what is asked: while a bar is being composed its notes so far are known, and what is still owed leans on
//! the next choice. It only tilts the model's odds (p times an exponential of the choice), so that the shape that the model
//! has learned stays; a bar that is on its way as asked is left alone.

use super::{
    Part,
    piece::{Piece, PieceBar},
    token::{END, REST, REST_STEPS},
};
use crate::music::{Note, STEPS_PER_BEAT};

pub(super) const VALENCE: usize = 0;
pub(super) const DENSITY: usize = 2;
pub(super) const DYNAMICS: usize = 3;
pub(super) const REGISTER: usize = 4;
pub(super) const MELODY_DENSITY: usize = 5;

/// Steps that a pace is ahead of time.
const PACE_STEPS: u32 = 2;
/// Logits for a note that a bar is behind its pace, as one more that begins with the last, and most notes that count.
const JOINS: f32 = 2.0;
const MOST_BEHIND: f32 = 3.0;
/// Logits for a note that is owed, as one more in this bar, and at most.
const STAYS: f32 = 0.5;
const MOST_STAY: f32 = 2.0;
/// Notes as asked that a bar's mean begins with.
const PRIOR_NOTES: f32 = 2.0;
/// How much of the standing error a note renews.
const RENEWED: f32 = 0.06;
/// What this bar's error counts, and the standing one.
const HERE: f32 = 2.0;
const STANDING: f32 = 0.8;
/// Logits for each unit of velocity that is wanting, and for each semitone; at most.
const LOUDER: f32 = 0.3;
const HIGHER: f32 = 0.3;
const MOST_PUSH: f32 = 2.5;
/// How far off its expectation the model's choice is pushed in full: bins of velocity, semitones.
const VELOCITY_WIDTH: f32 = 1.5;
const PITCH_WIDTH: f32 = 8.0;

/// One take's account.
#[derive(Clone, Debug)]
pub(super) struct Steering {
    part: Part,
    /// 0 is off, 1 is firm.
    strength: f32,
    bar: usize,
    notes: f32,
    /// Notes that bars before are short of.
    owed: f32,
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
        Self { part, strength: strength as f32, bar: 0, notes: 0.0, owed: 0.0, velocity, pitch }
    }

    /// Bars from here on owe so many notes more.
    pub(super) fn owe(&mut self, notes: f32) {
        self.owed = notes;
    }

    /// Leans on the steps from `at`: towards as many notes as are asked of the bar. A bar that is behind its even pace gets fuller
    /// chords rather than another rhythm; what is still owed at its end keeps it going.
    pub(super) fn lean_on_steps(&self, piece: &Piece, at: u32, logits: &mut [f32]) {
        let bar = piece.bar_at(at);
        let here = &piece.bars[bar];
        let Some(asked) = self.asked_notes(here).filter(|_| self.strength > 0.0) else { return };
        let asked = (asked + self.owed).max(0.0);
        let notes = self.notes_in(bar);
        let steps = here.beats * STEPS_PER_BEAT;
        let (since, end) = (at - here.first_step, here.first_step + steps);
        let pace = asked * ((since + PACE_STEPS) as f32 / steps as f32).min(1.0);
        let joins = JOINS * (pace - notes).clamp(-MOST_BEHIND, MOST_BEHIND);
        let stays = (STAYS * (asked - notes - 0.5)).clamp(-MOST_STAY, MOST_STAY);
        for (step, logit) in logits.iter_mut().enumerate() {
            let start = match step as u16 {
                REST => at + REST_STEPS,
                END => end,
                step => at + u32::from(step),
            };
            let lean = match start {
                start if start == at => joins + stays,
                start if start < end => stays,
                start => -self.skipped(piece, bar, start),
            };
            *logit += self.strength * lean;
        }
    }

    /// What is owed by bars that a step jumps over, or not owed by the one where it lands.
    fn skipped(&self, piece: &Piece, bar: usize, start: u32) -> f32 {
        let owed = |bar: usize| self.asked_notes(&piece.bars[bar]).map_or(0.0, |asked| STAYS * (asked - 0.5));
        let landing = piece.bar_at(start);
        let over: f32 = (bar + 1..landing).map(|bar| owed(bar).clamp(-MOST_STAY, MOST_STAY)).sum();
        let at_landing = if landing > bar { owed(landing).clamp(-MOST_STAY, 0.0) } else { 0.0 };
        over - at_landing
    }

    /// Leans on pitches towards the register that is asked for.
    pub(super) fn lean_on_pitches(&self, piece: &Piece, start: u32, logits: &mut [f32]) {
        let Some(asked) = self.asked_mean(piece, start, REGISTER) else { return };
        let error = self.pitch.error(self.notes_in(piece.bar_at(start)), asked);
        tilt(logits, self.strength * (HIGHER * error).clamp(-MOST_PUSH, MOST_PUSH), PITCH_WIDTH);
    }

    /// Leans on velocities towards the dynamics that are asked for.
    pub(super) fn lean_on_velocities(&self, piece: &Piece, start: u32, logits: &mut [f32]) {
        let Some(asked) = self.asked_mean(piece, start, DYNAMICS) else { return };
        let error = self.velocity.error(self.notes_in(piece.bar_at(start)), asked);
        tilt(logits, self.strength * (LOUDER * error).clamp(-MOST_PUSH, MOST_PUSH), VELOCITY_WIDTH);
    }

    /// Takes a note to account.
    pub(super) fn hear(&mut self, piece: &Piece, note: Note) {
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
    /// How much too low this bar's mean is so far, and the last bars' were.
    fn error(self, notes: f32, asked: f32) -> f32 {
        let sum = if notes > 0.0 { self.sum } else { 0.0 };
        HERE * (notes * asked - sum) / (notes + PRIOR_NOTES) + STANDING * self.standing
    }

    fn hear(&mut self, value: f32, asked: Option<f32>) {
        self.sum += value;
        if let Some(asked) = asked {
            self.standing += RENEWED * (asked - value - self.standing);
        }
    }
}

/// Odds of more (or less) than the model expects, by `push` at the most: what it holds for out of the question stays so.
fn tilt(logits: &mut [f32], push: f32, width: f32) {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f32> = logits.iter().map(|logit| (logit - highest).exp()).collect();
    let sum: f32 = weights.iter().sum();
    let mean = weights.iter().enumerate().map(|(place, weight)| place as f32 * weight).sum::<f32>() / sum;
    for (place, logit) in logits.iter_mut().enumerate() {
        *logit += push * ((place as f32 - mean) / width).tanh();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{corpus::Split, model::testing};

    /// Asked for eight notes at velocity 60 in its first bar.
    fn piece() -> Piece {
        Piece::of_song(&testing::song("1", 8, Split::Test))
    }

    fn heard(part: Part, notes: &[(u32, u8, u8)]) -> Steering {
        let mut steering = Steering::new(part, 1.0);
        for &(start, pitch, velocity) in notes {
            steering.hear(&piece(), Note { start, pitch, duration: 2, velocity });
        }
        steering
    }

    fn steps(steering: &Steering, at: u32) -> [f32; 34] {
        let mut logits = [0.0; 34];
        steering.lean_on_steps(&piece(), at, &mut logits);
        logits
    }

    #[test]
    fn a_bar_behind_is_filled_and_a_full_one_left() {
        let few = steps(&heard(Part::Accompaniment, &[(0, 50, 60)]), 12);
        assert!(few[0] > few[2] && few[2] > few[4], "joins before stays before leaves: {few:?}");
        let many: Vec<(u32, u8, u8)> = (0..12).map(|step| (step, 50, 60)).collect();
        let full = steps(&heard(Part::Accompaniment, &many), 11);
        assert!(full[0] < full[1] && full[1] < full[5], "{full:?}");
        assert!(full[5] > full[30], "bars that are owed are not jumped over: {full:?}");
    }

    #[test]
    fn what_is_too_soft_or_too_low_is_made_up_for_within_reason() {
        let low = heard(Part::Accompaniment, &[(0, 40, 40), (2, 40, 40), (4, 40, 40)]);
        let mut velocities: Vec<f32> = (0..16).map(|bin| -(bin as f32 - 7.0).powi(2) / 3.0).collect();
        let model = velocities.clone();
        low.lean_on_velocities(&piece(), 6, &mut velocities);
        assert!(velocities[8] - model[8] > velocities[6] - model[6]);
        assert!(velocities.iter().zip(&model).all(|(leant, model)| (leant - model).abs() <= MOST_PUSH));
        let mut pitches = [0.0; 88];
        low.lean_on_pitches(&piece(), 6, &mut pitches);
        assert!(pitches[60] > 0.0 && pitches[20] < 0.0);
    }

    #[test]
    fn nothing_is_done_at_strength_0_or_to_a_melodys_dynamics() {
        let mut off = heard(Part::Accompaniment, &[(0, 40, 40)]);
        off.strength = 0.0;
        assert!(steps(&off, 12).iter().all(|logit| *logit == 0.0));
        let melody = heard(Part::Melody, &[(0, 40, 40)]);
        for steering in [off, melody] {
            let mut logits = [0.0; 16];
            steering.lean_on_velocities(&piece(), 2, &mut logits);
            steering.lean_on_pitches(&piece(), 2, &mut logits);
            assert!(logits.iter().all(|logit| *logit == 0.0));
        }
    }
}
