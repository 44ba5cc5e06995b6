//! How well onsets lie on the sixteenths of a pulse, and the pulse that they lie on best.

use super::{super::free_note::Pulse, onsets::Onset};
use crate::music::STEPS_PER_BEAT;

/// Beats on either side that a beat's place is taken from.
const AROUND_BEATS: f64 = 6.0;
const ROUNDS: usize = 2;
/// How much nearer to thirds than to quarters onsets must lie to swing, in beats.
const SWING: f64 = 0.012;

/// Weighted by strength, in sixteenths.
pub(super) fn off_sixteenths(pulse: &Pulse, onsets: &[Onset]) -> f64 {
    f64::from(STEPS_PER_BEAT) * off(pulse, onsets, f64::from(STEPS_PER_BEAT))
}

/// Mean distance, in beats, to the nearest of `parts` parts of a beat.
fn off(pulse: &Pulse, onsets: &[Onset], parts: f64) -> f64 {
    let distance = |onset: &Onset| {
        let place = pulse.beat(onset.seconds) * parts;
        (place - place.round()).abs() / parts
    };
    weighted(onsets, distance)
}

/// Share of the onsets' strength that lies on beats, within a quarter of a sixteenth.
pub(super) fn on_beats(pulse: &Pulse, onsets: &[Onset]) -> f64 {
    let near = |onset: &Onset| {
        let place = pulse.beat(onset.seconds);
        f64::from(u8::from((place - place.round()).abs() < 0.1))
    };
    weighted(onsets, near)
}

/// Chance alone lies 1/12 of a beat from thirds and 1/16 from quarters: distances are compared after that.
pub(super) fn swings(onsets: &[Onset], pulse: &Pulse) -> bool {
    off(pulse, onsets, 3.0) * 0.75 + SWING < off(pulse, onsets, 4.0)
}

fn weighted(onsets: &[Onset], value: impl Fn(&Onset) -> f64) -> f64 {
    let whole: f64 = onsets.iter().map(|onset| onset.strength).sum();
    onsets.iter().map(|onset| onset.strength * value(onset)).sum::<f64>() / whole.max(1e-9)
}

/// Each beat put where the onsets about it say, by a straight line through their sixteenths.
pub(super) fn drawn_to_onsets(pulse: &Pulse, onsets: &[Onset]) -> Pulse {
    let mut pulse = pulse.clone();
    for _ in 0..ROUNDS {
        let places: Vec<(f64, f64, f64)> = onsets
            .iter()
            .map(|onset| {
                let sixteenth = (pulse.beat(onset.seconds) * f64::from(STEPS_PER_BEAT)).round();
                (sixteenth / f64::from(STEPS_PER_BEAT), onset.seconds, onset.strength)
            })
            .collect();
        let beats = pulse.beats().iter().enumerate().map(|(beat, seconds)| drawn(beat as f64, *seconds, &places));
        match Pulse::new(beats.collect()) {
            Some(better) => pulse = better,
            None => break,
        }
    }
    pulse
}

/// The time of a beat on the line of least squares; as it was where too little is near.
fn drawn(beat: f64, seconds: f64, places: &[(f64, f64, f64)]) -> f64 {
    let first = places.partition_point(|(place, ..)| *place < beat - AROUND_BEATS);
    let near = places[first..].iter().take_while(|(place, ..)| *place <= beat + AROUND_BEATS);
    let (mut weight, mut x, mut y, mut xx, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (place, time, strength) in near {
        let place = place - beat;
        // Near onsets count most.
        let strength = strength * (1.0 - (place / (AROUND_BEATS + 1.0)).powi(2));
        weight += strength;
        x += strength * place;
        y += strength * (time - seconds);
        xx += strength * place * place;
        xy += strength * place * (time - seconds);
    }
    let spread = weight * xx - x * x;
    if spread <= 1e-6 * weight * weight { seconds } else { seconds + (xx * y - x * xy) / spread }
}
