//! Beats of music that keeps no written time: played freely, or transcribed from a recording.
//!
//! A few tempos are taken from the autocorrelation of onset strength; for each one dynamic programming finds the beats that
//! meet strong onsets at steady distances (Ellis, "Beat tracking by dynamic programming", 2007); the beats are drawn to the
//! sixteenths that onsets lie on, and the tempo whose sixteenths fit best is kept.

mod fit;
mod onsets;
mod tempo;

use self::{
    fit::{drawn_to_onsets, off_sixteenths, on_beats},
    onsets::{FRAMES_PER_SECOND, envelope, onsets},
};
use super::{
    free_note::{FreeNote, Pulse},
    grid::{FASTEST_BPM, SLOWEST_BPM, median_bpm},
    template,
};

/// How dearly a beat that comes early or late is paid for.
const STEADINESS: f64 = 300.0;
/// Shortest and longest distance of two beats, in periods.
const REACH: (f64, f64) = (0.75, 1.34);
/// Fewest onsets that beats can be found in.
const FEWEST_ONSETS: usize = 16;
/// How much strong onsets on the beats speak for a tempo, against onsets that lie near its sixteenths.
const ON_BEATS_WEIGHT: f64 = 0.35;
/// Intervals within this share of the median one are steady.
const STEADY: f64 = 0.08;
/// Tracked beats are believed up to this distance of onsets to sixteenths and from this steadiness on.
const MOST_OFF: f64 = 0.16;
const LEAST_STEADY: f64 = 0.8;
/// So many times as many chords must change off the beats as on them to call the off-beats beats.
const OFF_BEAT_CHANGES: usize = 2;
/// Beats a minute that a tempo may lie outside the range by rounding.
const ROUNDING_BPM: f64 = 0.6;
/// Music goes on so long before the first beat and after the last at most.
const MARGIN_SECONDS: f64 = 1.0;

/// Beats at 70 to 140 a minute, and how far they are to be trusted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tracked {
    pub(super) pulse: Pulse,
    pub(super) bpm: f64,
    /// Mean distance of onsets to the nearest sixteenth, in sixteenths: 0.25 by chance.
    pub(super) off_sixteenths: f64,
    /// Share of beats whose distance is near the median.
    pub(super) steady: f64,
}

/// Beats that can be believed, or why not.
pub(super) fn believed(notes: &[FreeNote]) -> Result<Tracked, String> {
    let tracked = track(notes).ok_or("too few notes: no beat can be found")?;
    if tracked.off_sixteenths > MOST_OFF {
        return Err(format!("unstable beat: onsets lie {:.2} sixteenths off the beat's", tracked.off_sixteenths));
    }
    if tracked.steady < LEAST_STEADY {
        return Err(format!("unstable beat: only {:.0} % of beats keep the tempo", 100.0 * tracked.steady));
    }
    if fit::swings(&onsets(notes), &tracked.pulse) {
        return Err("triplets: onsets lie on thirds of a beat".to_owned());
    }
    Ok(tracked)
}

/// Tracks notes in seconds; none where there are too few.
fn track(notes: &[FreeNote]) -> Option<Tracked> {
    let onsets = onsets(notes);
    if onsets.len() < FEWEST_ONSETS {
        return None;
    }
    let first = onsets[0].seconds - MARGIN_SECONDS;
    let frames = ((onsets[onsets.len() - 1].seconds + MARGIN_SECONDS - first) * FRAMES_PER_SECOND) as usize;
    let envelope = envelope(&onsets, first, frames);
    let tracked = tempo::periods(&envelope).into_iter().filter_map(|period| {
        let beats = beats(&envelope, period).into_iter().map(|beat| first + beat as f64 / FRAMES_PER_SECOND);
        let pulse = drawn_to_onsets(&Pulse::new(beats.collect())?, &onsets);
        let bpm = median_bpm(pulse.beats())?;
        if !(SLOWEST_BPM - ROUNDING_BPM..=FASTEST_BPM + ROUNDING_BPM).contains(&bpm) {
            return None;
        }
        let off = off_sixteenths(&pulse, &onsets);
        let score = 1.0 - 4.0 * off + ON_BEATS_WEIGHT * on_beats(&pulse, &onsets);
        Some((score, pulse, off))
    });
    let (_, pulse, off_sixteenths) = tracked.max_by(|a, b| a.0.total_cmp(&b.0))?;
    let pulse = on_chord_changes(pulse, notes);
    let bpm = median_bpm(pulse.beats())?.clamp(SLOWEST_BPM, FASTEST_BPM);
    Some(Tracked { steady: steady(pulse.beats(), bpm), pulse, bpm, off_sixteenths })
}

/// Frames of beats about `period` frames apart.
fn beats(envelope: &[f64], period: f64) -> Vec<usize> {
    let lags: Vec<(usize, f64)> = ((period * REACH.0) as usize..=(period * REACH.1) as usize)
        .map(|lag| (lag, STEADINESS * (lag as f64 / period).ln().powi(2)))
        .collect();
    let mut scores: Vec<f64> = Vec::with_capacity(envelope.len());
    let mut before: Vec<Option<usize>> = Vec::with_capacity(envelope.len());
    for (frame, strength) in envelope.iter().enumerate() {
        let mut best = (0.0, None);
        for (lag, cost) in &lags {
            let Some(from) = frame.checked_sub(*lag) else { break };
            let score = scores[from] - cost;
            if score > best.0 {
                best = (score, Some(from));
            }
        }
        scores.push(strength + best.0);
        before.push(best.1);
    }
    let tail = envelope.len().saturating_sub((period * REACH.1) as usize);
    let last = (tail..envelope.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let mut beats: Vec<usize> = std::iter::successors(last, |frame| before[*frame]).collect();
    beats.reverse();
    beats
}

/// The pulse, or the one between its beats where that is the one on which chords change.
fn on_chord_changes(pulse: Pulse, notes: &[FreeNote]) -> Pulse {
    let halves: Vec<FreeNote> = notes
        .iter()
        .map(|note| note.counted(&pulse))
        .map(|note| FreeNote { start: 2.0 * note.start + HALF_EARLY, end: 2.0 * note.end + HALF_EARLY, ..note })
        .collect();
    let chords = template::chords(&template::soundings(&halves, 2 * pulse.beats().len(), 1.0), |_, _| 0.0);
    let changes =
        |odd: usize| (1..chords.len()).filter(|half| half % 2 == odd && chords[*half] != chords[half - 1]).count();
    if changes(1) <= OFF_BEAT_CHANGES * changes(0) {
        return pulse;
    }
    let between = pulse.beats().windows(2).map(|pair| f64::midpoint(pair[0], pair[1])).collect();
    Pulse::new(between).unwrap_or(pulse)
}

/// Notes that come a little early belong to what follows: an eighth of a half beat.
const HALF_EARLY: f64 = 0.125;

fn steady(beats: &[f64], bpm: f64) -> f64 {
    let median = 60.0 / bpm;
    let near = beats.windows(2).filter(|pair| ((pair[1] - pair[0]) / median - 1.0).abs() < STEADY).count();
    near as f64 / (beats.len() - 1).max(1) as f64
}

#[cfg(test)]
mod tests;
