//! What of the picture loudness follows, second by second.

use super::model::FEATURES;

/// Windows around a second; the longest is about a section.
pub(super) const WINDOWS_SECONDS: [usize; 4] = [5, 11, 21, 41];

/// A row a second: motion as it is and smoothed, cuts smoothed, the place in the video and its square.
pub(super) fn features(motion: &[f32], cuts: &[f32]) -> Vec<[f64; FEATURES]> {
    let seconds = motion.len().min(cuts.len());
    // Motion spans three powers of ten; its steps are heard by ratio.
    let mut motion: Vec<f64> = motion[..seconds].iter().map(|value| f64::from(value.max(0.0)).ln_1p()).collect();
    let mut cuts: Vec<f64> = cuts[..seconds].iter().copied().map(f64::from).collect();
    // Nothing comes before the first picture: what is measured there is no motion and no cut.
    if seconds > 1 {
        (motion[0], cuts[0]) = (motion[1], 0.0);
    }
    let columns: Vec<Vec<f64>> = std::iter::once(motion.clone())
        .chain(WINDOWS_SECONDS.map(|window| smooth(&motion, window)))
        .chain(WINDOWS_SECONDS.map(|window| smooth(&cuts, window)))
        .collect();
    let row = |second: usize| {
        let place = (second as f64 + 0.5) / seconds as f64;
        let mut row = [place; FEATURES];
        row.iter_mut().zip(&columns).for_each(|(value, column)| *value = column[second]);
        row[FEATURES - 1] = place * place;
        row
    };
    (0..seconds).map(row).collect()
}

/// Means over a window around each row, as far as there are rows.
fn smooth(rows: &[f64], window: usize) -> Vec<f64> {
    let mut sums = vec![0.0];
    for row in rows {
        sums.push(sums[sums.len() - 1] + row);
    }
    let around = |row: usize| {
        let (first, end) = (row.saturating_sub(window / 2), (row + window / 2 + 1).min(rows.len()));
        (sums[end] - sums[first]) / (end - first) as f64
    };
    (0..rows.len()).map(around).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_cut_at_the_ends() {
        assert_eq!(smooth(&[3.0, 0.0, 0.0, 6.0], 3), [1.5, 1.0, 2.0, 3.0]);
        assert!(smooth(&[], 5).is_empty());
    }

    #[test]
    fn a_row_has_motion_cuts_and_place() {
        let rows = features(&[0.0, 9.0, 9.0, 9.0], &[1.0, 0.0, 1.0, 0.0]);
        let ten = 10.0_f64.ln();
        assert!((rows[0][0] - ten).abs() < 1e-9 && (rows[3][4] - ten).abs() < 1e-9, "the first picture does not move");
        assert!((rows[1][8] - 0.25).abs() < 1e-9 && (rows[1][5] - 0.25).abs() < 1e-9);
        assert_eq!((rows[1][9], rows[1][10]), (0.375, 0.140_625));
        assert!(features(&[], &[]).is_empty() && features(&[4.0], &[1.0])[0][9] > 0.0);
    }
}
