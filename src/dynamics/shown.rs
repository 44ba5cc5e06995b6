//! Our own tracks of a video, second by second, as the model saw those that it learned from.

use super::Dynamics;
use crate::artifact::{Cut, Track};

impl Dynamics {
    /// Loudness of each second against the mean of all, in decibels; none where the track has no motion.
    pub(crate) fn over(&self, motion: &Track, cuts: &[Cut], end_seconds: f64) -> Option<Vec<f32>> {
        let rows = motion.channel("motion")?;
        let seconds = (end_seconds.ceil() as usize).max(1);
        let row = |second: usize| {
            let at = (second as f64 * motion.rows_per_second) as usize;
            rows.get(at.min(rows.len().saturating_sub(1))).copied().filter(|value| value.is_finite()).unwrap_or(0.0)
        };
        let mut begins = vec![0.0; seconds];
        for cut in cuts {
            if let Some(second) = begins.get_mut(cut.time.max(0.0) as usize) {
                *second = 1.0;
            }
        }
        Some(self.decibels(&(0..seconds).map(row).collect::<Vec<_>>(), &begins))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::model::FEATURES, *};

    #[test]
    fn a_track_is_read_by_the_second_and_past_its_end_the_last_row_holds() {
        let track = Track {
            channels: vec!["motion".into()],
            rows_per_second: 1.0,
            rows: vec![vec![1.0], vec![1.0], vec![f32::NAN], vec![9.0]],
        };
        let mut weights = [0.0; FEATURES];
        weights[0] = 1.0;
        let told = Dynamics { weights, spread: 1.0 }.over(&track, &[Cut { time: 2.5, strength: 1.0 }], 4.6).unwrap();
        assert_eq!(told.len(), 5);
        assert!(told[4] > told[0] && (told[4] - told[3]).abs() < 1e-6 && told[2] < told[1]);
        let still = Track { channels: vec!["value".into()], ..track };
        assert!(Dynamics { weights, spread: 1.0 }.over(&still, &[], 4.0).is_none());
    }
}
