//! How periodic a sound is at the pitches of voices: the best normalised autocorrelation.

use super::RATE;

/// 32 ms: two periods of a low voice.
const WINDOW: usize = RATE as usize * 32 / 1000;
/// 400 Hz to 70 Hz.
const LAGS: std::ops::Range<usize> = RATE as usize / 400..RATE as usize / 70;
/// Every other lag will do: the band ends at 3400 Hz.
const LAG_STEP: usize = 2;

/// Samples that are looked at from the start of a frame on.
pub(super) const REACH: usize = WINDOW + LAGS.end;

/// 0 for noise and silence, near 1 for a steady tone; of the first `REACH` samples.
pub(super) fn of(samples: &[f32]) -> f32 {
    let start = &samples[..WINDOW];
    let start_energy = energy(start);
    let at = |lag: usize| {
        let late = &samples[lag..lag + WINDOW];
        let product: f32 = start.iter().zip(late).map(|(a, b)| a * b).sum();
        product / (start_energy * energy(late) + 1e-12).sqrt()
    };
    LAGS.step_by(LAG_STEP).map(at).fold(0.0, f32::max)
}

fn energy(samples: &[f32]) -> f32 {
    samples.iter().map(|sample| sample * sample).sum()
}
