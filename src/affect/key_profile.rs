//! How well pitch classes fit major and minor keys: the probe-tone profiles of Krumhansl and Kessler (1982).

const MAJOR: [f64; 12] = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88];
const MINOR: [f64; 12] = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17];

/// Highest correlations with the twelve major and the twelve minor keys.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct KeyFit {
    pub(super) major: f64,
    pub(super) minor: f64,
}

impl KeyFit {
    pub(super) fn of(pitch_classes: &[f64; 12]) -> Self {
        let fits = fits(pitch_classes);
        let best = |fits: &[f64]| fits.iter().copied().fold(f64::MIN, f64::max);
        Self { major: best(&fits[..12]), minor: best(&fits[12..]) }
    }
}

/// Correlations with the major keys from C on, then with the minor keys.
pub(super) fn fits(pitch_classes: &[f64; 12]) -> [f64; 24] {
    std::array::from_fn(|key| fit(pitch_classes, if key < 12 { &MAJOR } else { &MINOR }, key % 12))
}

fn fit(pitch_classes: &[f64; 12], profile: &[f64; 12], tonic: usize) -> f64 {
    let from_tonic: Vec<f64> = (0..12).map(|degree| pitch_classes[(tonic + degree) % 12]).collect();
    correlation(&from_tonic, profile)
}

/// Pearson's r; 0 where one side does not vary.
pub(super) fn correlation(one: &[f64], other: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_one, mean_other) = (mean(one), mean(other));
    let (mut cross, mut square_one, mut square_other) = (0.0, 0.0, 0.0);
    for (a, b) in one.iter().zip(other) {
        let (a, b) = (a - mean_one, b - mean_other);
        cross += a * b;
        square_one += a * a;
        square_other += b * b;
    }
    let scale = (square_one * square_other).sqrt();
    if scale > 1e-12 { cross / scale } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(tonic: usize, tones: [usize; 7], heavy: [usize; 3]) -> [f64; 12] {
        let mut classes = [0.0; 12];
        for tone in tones {
            classes[(tonic + tone) % 12] += if heavy.contains(&tone) { 3.0 } else { 1.0 };
        }
        classes
    }

    #[test]
    fn scales_are_told_in_every_key() {
        for tonic in 0..12 {
            let fits = fits(&scale(tonic, [0, 2, 4, 5, 7, 9, 11], [0, 4, 7]));
            assert!(fits.iter().all(|fit| *fit <= fits[tonic]), "{fits:?}");
            let glad = KeyFit::of(&scale(tonic, [0, 2, 4, 5, 7, 9, 11], [0, 4, 7]));
            let sad = KeyFit::of(&scale(tonic, [0, 2, 3, 5, 7, 8, 10], [0, 3, 7]));
            assert!(glad.major > glad.minor && sad.minor > sad.major, "{glad:?} {sad:?}");
        }
    }

    #[test]
    fn what_does_not_vary_fits_nothing() {
        let even = KeyFit::of(&[1.0 / 12.0; 12]);
        assert!(even.major.abs() < 1e-9 && even.minor.abs() < 1e-9);
        assert!((correlation(&[1.0, 2.0, 3.0], &[-2.0, -4.0, -6.0]) + 1.0).abs() < 1e-12);
    }
}
