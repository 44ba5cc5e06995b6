//! Motion peaks: the picture at which something moves far more than around it, a door that slams, a ball that is struck.

use super::{PlanError, mood::channel};
use crate::artifact::{Cut, Track};

/// Rows around that a peak is held against, on either side.
const AROUND_ROWS: usize = 3;
/// A peak has at least so many times the mean motion around it, and so many points of 255.
const LEAST_RATIO: f32 = 2.5;
const LEAST_POINTS: f32 = 8.0;
/// What is nearer to a cut than this belongs to it.
const FROM_CUT_SECONDS: f64 = 0.6;
/// Of peaks that are nearer to each other the larger one stays.
const APART_SECONDS: f64 = 1.5;

/// Times of motion peaks in order; none where the track does not tell when its peaks are.
pub(super) fn motion_peaks(motion: &Track, cuts: &[Cut], seconds: f64) -> Result<Vec<f64>, PlanError> {
    let means = channel(motion, "motion")?;
    let (Ok(peaks), Ok(places)) = (channel(motion, "peak"), channel(motion, "peak_at")) else { return Ok(Vec::new()) };
    let time = |row: usize| (row as f64 + f64::from(places[row].clamp(0.0, 1.0))) / motion.rows_per_second;
    let around = |row: usize| {
        let rows = row.saturating_sub(AROUND_ROWS)..(row + AROUND_ROWS + 1).min(means.len());
        means[rows.clone()].iter().sum::<f32>() / rows.len() as f32
    };
    let stands_out = |row: &usize| peaks[*row] >= LEAST_POINTS && peaks[*row] >= LEAST_RATIO * around(*row);
    let is_cut = |time: f64| cuts.iter().any(|cut| (cut.time - time).abs() < FROM_CUT_SECONDS);
    let found = (0..means.len()).filter(stands_out).map(|row| (time(row), peaks[row]));
    let mut kept: Vec<(f64, f32)> = Vec::new();
    for (time, peak) in found.filter(|(time, _)| *time < seconds && !is_cut(*time)) {
        match kept.last_mut() {
            Some(last) if time - last.0 < APART_SECONDS => {
                if peak > last.1 {
                    *last = (time, peak);
                }
            }
            _ => kept.push((time, peak)),
        }
    }
    Ok(kept.into_iter().map(|(time, _)| time).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(rows: &[[f32; 3]]) -> Track {
        let channels = ["motion", "peak", "peak_at"].map(str::to_owned).to_vec();
        Track { channels, rows_per_second: 1.0, rows: rows.iter().map(|row| row.to_vec()).collect() }
    }

    #[test]
    fn a_jolt_in_a_calm_shot_is_one_and_steady_motion_is_none() {
        let mut rows = [[3.0, 5.0, 0.5]; 12];
        rows[4] = [4.0, 30.0, 0.24];
        let peaks = motion_peaks(&track(&rows), &[], 12.0).unwrap();
        assert_eq!(peaks.len(), 1);
        assert!((peaks[0] - 4.24).abs() < 1e-6);
        assert!(motion_peaks(&track(&[[20.0, 26.0, 0.5]; 12]), &[], 12.0).unwrap().is_empty());
    }

    #[test]
    fn what_a_cut_does_is_no_peak_and_two_at_once_are_one() {
        let mut rows = [[3.0, 5.0, 0.5]; 12];
        rows[4] = [4.0, 30.0, 0.9];
        rows[5] = [4.0, 40.0, 0.1];
        let cut = |time| Cut { time, strength: 1.0 };
        assert!((motion_peaks(&track(&rows), &[cut(9.0)], 12.0).unwrap()[0] - 5.1).abs() < 1e-6);
        assert!(motion_peaks(&track(&rows), &[cut(5.0)], 12.0).unwrap().is_empty());
    }

    #[test]
    fn a_track_that_does_not_tell_when_has_none() {
        let motion = crate::plan::example::motion(&[1.0, 90.0, 1.0]);
        assert!(motion_peaks(&motion, &[], 3.0).unwrap().is_empty());
    }
}
