//! Beat periods that the onsets speak for.

use super::{
    super::grid::{FASTEST_BPM, SLOWEST_BPM},
    onsets::FRAMES_PER_SECOND,
};

/// Periods that are tried.
const TRIED: usize = 5;
/// Frames between periods that are looked at.
const FINENESS: f64 = 0.25;
/// Periods nearer than this are one.
const APART: f64 = 0.04;
/// Weights of one, two and four periods.
const MULTIPLES: [(f64, f64); 3] = [(1.0, 1.0), (2.0, 0.7), (4.0, 0.7)];

/// Periods in frames between 140 and 70 beats a minute, the likeliest first.
pub(super) fn periods(envelope: &[f64]) -> Vec<f64> {
    let shortest = 60.0 / FASTEST_BPM * FRAMES_PER_SECOND;
    let longest = 60.0 / SLOWEST_BPM * FRAMES_PER_SECOND;
    let similar = autocorrelation(envelope, (4.2 * longest) as usize);
    let salience = |period: f64| -> f64 {
        MULTIPLES.iter().map(|(multiple, weight)| weight * peak(&similar, period * multiple, *multiple)).sum()
    };
    let mut found: Vec<(f64, f64)> = (0..=((longest - shortest) / FINENESS) as u32)
        .map(|step| shortest + FINENESS * f64::from(step))
        .map(|period| (salience(period), period))
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut periods: Vec<f64> = Vec::new();
    for (_, period) in found {
        if periods.len() < TRIED && periods.iter().all(|other| (other / period).ln().abs() > APART) {
            periods.push(period);
        }
    }
    periods
}

/// About a lag: where tempo drifts, the peak of four periods is not four times that of one.
fn peak(similar: &[f64], lag: f64, reach: f64) -> f64 {
    let (first, last) = ((lag - reach).round() as usize, (lag + reach).round() as usize);
    similar
        .get(first..=last.min(similar.len().saturating_sub(1)))
        .map_or(0.0, |about| about.iter().fold(0.0, |a, b| a.max(*b)))
}

/// Of the envelope about its mean, by lag, 1 at none.
fn autocorrelation(envelope: &[f64], lags: usize) -> Vec<f64> {
    let mean = envelope.iter().sum::<f64>() / envelope.len().max(1) as f64;
    let centred: Vec<f64> = envelope.iter().map(|value| value - mean).collect();
    let product = |lag: usize| -> f64 { centred.iter().zip(centred.iter().skip(lag)).map(|(a, b)| a * b).sum() };
    let whole = product(0).max(1e-9);
    (0..lags).map(|lag| product(lag) / whole).collect()
}
