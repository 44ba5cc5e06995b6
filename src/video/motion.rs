//! Motion: how much neighbouring pictures differ, a second at a time.
//!
//! The quantity is that of MuVi-Sync's motion files, the mean absolute RGB difference of neighbouring pictures (0..255).
//! A hard cut's own difference says how unlike two shots are, not how much moves: the one picture at each cut is left
//! out of the mean and the peak, so that a still slide show has no motion. A second of nothing but cuts holds the last.

use std::collections::BTreeSet;

use super::{
    channel,
    seconds::{MissingMeasure, Seconds, mean, measure, track},
    shots::{self, DEFAULT_SENSITIVITY},
};
use crate::artifact::{Frames, Track};

/// Channels `motion` (mean of the second), `peak` (its largest difference) and `peak_at` (where in the second that is, 0..1).
pub(crate) fn motion(frames: &Frames, scored_seconds: f64) -> Result<Track, MissingMeasure> {
    let difference = measure(frames, channel::DIFFERENCE)?;
    let cuts: BTreeSet<usize> = shots::pictures(frames, DEFAULT_SENSITIVITY)?.into_iter().collect();
    let seconds = Seconds::new(frames, scored_seconds);
    // The first picture has none before it: its 0 is no measure.
    let moving = |pictures: &[usize]| -> Vec<f32> {
        let measured = pictures.iter().filter(|picture| **picture > 0 && !cuts.contains(picture));
        measured.map(|picture| difference[*picture]).collect()
    };
    let means = seconds.summarise(|pictures| mean(moving(pictures)));
    let peaks = seconds.summarise(|pictures| moving(pictures).into_iter().reduce(f32::max));
    let places = seconds.summarise(|pictures| {
        let measured = pictures.iter().filter(|picture| **picture > 0 && !cuts.contains(picture));
        let largest = measured.max_by(|a, b| difference[**a].total_cmp(&difference[**b]).then(b.cmp(a)))?;
        Some(frames.times[*largest].fract() as f32)
    });
    Ok(track(vec![("motion".to_owned(), means), ("peak".to_owned(), peaks), ("peak_at".to_owned(), places)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::seconds::tests::frames;

    /// Ten pictures a second with these differences.
    fn clip(differences: &[f32]) -> Frames {
        let times: Vec<f64> = (0..differences.len()).map(|at| at as f64 / 10.0).collect();
        frames(&times, |at, name| match name {
            "difference" | "shifted_difference" | "skipped_difference" => differences[at],
            "histogram_distance" => differences[at] / 100.0,
            _ => 0.0,
        })
    }

    #[test]
    fn mean_and_peak_of_each_second() {
        let mut differences = vec![0.0];
        differences.extend([2.0; 9]);
        differences.extend([4.0; 9]);
        differences.push(6.0);
        let motion = motion(&clip(&differences), 2.0).unwrap();
        assert_eq!(motion.channels, ["motion", "peak", "peak_at"]);
        assert!((motion.rows[0][0] - 2.0).abs() < 1e-6 && (motion.rows[1][0] - 4.2).abs() < 1e-5);
        assert_eq!((motion.rows[0][1], motion.rows[1][1]), (2.0, 6.0));
        assert!((motion.rows[0][2] - 0.1).abs() < 1e-6 && (motion.rows[1][2] - 0.9).abs() < 1e-6, "{:?}", motion.rows);
    }

    #[test]
    fn a_cut_between_still_pictures_is_no_motion() {
        let mut differences = vec![0.0; 30];
        differences[15] = 80.0;
        let motion = motion(&clip(&differences), 3.0).unwrap();
        assert_eq!(motion.channel("motion").unwrap(), [0.0; 3]);
        assert_eq!(motion.channel("peak").unwrap(), [0.0; 3]);
    }
}
