//! Curves of picture and music over time, each as deviations from its own mean: what rises and falls together is seen by
//! their products.

use super::{MusicSeconds, PictureSeconds};

pub(super) const PICTURE: [&str; 11] = [
    "motion",
    "motion over 5 s",
    "motion over 15 s",
    "cuts",
    "cuts over 9 s",
    "change of motion in 8 s",
    "change of cutting in 8 s",
    "change of mood in 8 s",
    "change of mood in 4 s",
    "valence over 9 s",
    "arousal over 9 s",
];
pub(super) const SEMANTIC: [&str; 8] = [
    "change of what is seen in 3 s",
    "change of what is seen in 8 s",
    "change of what is seen in 16 s",
    "first component of what is seen",
    "second component",
    "third component",
    "fourth component",
    "fifth component",
];
pub(super) const MUSIC: [&str; 8] = [
    "loudness",
    "loudness over 15 s",
    "notes over 9 s",
    "change of loudness in 8 s",
    "change of loudness in 4 s",
    "change of harmony in 8 s",
    "no chord",
    "chord changes over 9 s",
];
/// Components of `semantic` that are curves of their own.
const COMPONENTS: usize = 5;
/// Below this a second is silent: -60 dB.
const SILENCE: f32 = 1e-3;

/// `PICTURE`, and `SEMANTIC` where `semantic` is wanted.
pub(super) fn of_picture(picture: &PictureSeconds, semantic: bool) -> Vec<Vec<f32>> {
    let motion = log_motion(picture);
    let mood = [&picture.valence[..], &picture.arousal];
    let mut curves = vec![
        motion.clone(),
        mean_over(&motion, 5),
        mean_over(&motion, 15),
        picture.cuts.clone(),
        mean_over(&picture.cuts, 9),
        change(&[&motion], 8),
        change(&[&picture.cuts], 8),
        change(&mood, 8),
        change(&mood, 4),
        mean_over(&picture.valence, 9),
        mean_over(&picture.arousal, 9),
    ];
    if semantic {
        let seen: Vec<&[f32]> = picture.semantic.iter().map(Vec::as_slice).collect();
        curves.extend([3, 8, 16].map(|seconds| change(&seen, seconds)));
        curves.extend(seen.iter().take(COMPONENTS).map(|column| mean_over(column, 5)));
    }
    curves.into_iter().map(deviations).collect()
}

/// `MUSIC`.
pub(super) fn of_music(music: &MusicSeconds) -> Vec<Vec<f32>> {
    let loudness = decibels(music);
    let classes = pitch_classes(music);
    let classes: Vec<&[f32]> = classes.iter().map(Vec::as_slice).collect();
    let curves = vec![
        loudness.clone(),
        mean_over(&loudness, 15),
        mean_over(&music.density, 9),
        change(&[&loudness], 8),
        change(&[&loudness], 4),
        change(&classes, 8),
        no_chord(music),
        mean_over(&chord_changes(music), 9),
    ];
    curves.into_iter().map(deviations).collect()
}

pub(super) fn log_motion(picture: &PictureSeconds) -> Vec<f32> {
    picture.motion.iter().map(|motion| motion.max(0.0).ln_1p()).collect()
}

pub(super) fn decibels(music: &MusicSeconds) -> Vec<f32> {
    music.amplitude.iter().map(|amplitude| 20.0 * (amplitude.max(0.0) + SILENCE).log10()).collect()
}

/// A column for each pitch class: whether the chord has it.
pub(super) fn pitch_classes(music: &MusicSeconds) -> Vec<Vec<f32>> {
    let column = |class: u16| music.chord.iter().map(|chord| f32::from((chord >> class) & 1)).collect();
    (0..12).map(column).collect()
}

pub(super) fn no_chord(music: &MusicSeconds) -> Vec<f32> {
    music.chord.iter().map(|chord| f32::from(u8::from(*chord == 0))).collect()
}

pub(super) fn chord_changes(music: &MusicSeconds) -> Vec<f32> {
    let first = music.chord.first().map(|_| 0.0);
    let changes = music.chord.windows(2).map(|pair| f32::from(u8::from(pair[0] != pair[1])));
    first.into_iter().chain(changes).collect()
}

/// Mean over `seconds` around each second, as far as they are inside.
fn mean_over(column: &[f32], seconds: usize) -> Vec<f32> {
    let sums = sums(column);
    let half = seconds / 2;
    let mean = |at: usize| {
        let (from, to) = (at.saturating_sub(half), (at + half + 1).min(column.len()));
        ((sums[to] - sums[from]) / (to - from) as f64) as f32
    };
    (0..column.len()).map(mean).collect()
}

/// How far the means of the `seconds` before and after lie apart, over all columns. Where either reaches over an end the
/// change is not known, and takes the mean of those that are: an end must not be seen, or length alone would make pairs.
fn change(columns: &[&[f32]], seconds: usize) -> Vec<f32> {
    let rows = columns.first().map_or(0, |column| column.len());
    if rows <= 2 * seconds {
        return vec![0.0; rows];
    }
    let all: Vec<Vec<f64>> = columns.iter().map(|column| sums(column)).collect();
    let far = |at: usize| {
        let step = |sums: &Vec<f64>| (sums[at + seconds] - 2.0 * sums[at] + sums[at - seconds]) / seconds as f64;
        all.iter().map(|sums| step(sums).powi(2)).sum::<f64>().sqrt() as f32
    };
    let known: Vec<f32> = (seconds..rows - seconds).map(far).collect();
    let mean = known.iter().sum::<f32>() / known.len() as f32;
    let end = vec![mean; seconds];
    [end.clone(), known, end].concat()
}

/// Deviations from the mean in units of the spread; nothing where nothing varies.
pub(super) fn deviations(column: Vec<f32>) -> Vec<f32> {
    let (mean, spread) = (mean(&column), spread(&column));
    if spread < 1e-6 {
        return vec![0.0; column.len()];
    }
    column.into_iter().map(|value| (value - mean) / spread).collect()
}

fn mean(column: &[f32]) -> f32 {
    column.iter().sum::<f32>() / column.len().max(1) as f32
}

/// Standard deviation.
pub(super) fn spread(column: &[f32]) -> f32 {
    let mean = mean(column);
    (column.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / column.len().max(1) as f32).sqrt()
}

/// Sums of the first 0, 1, 2 ... values.
fn sums(column: &[f32]) -> Vec<f64> {
    let mut sum = 0.0;
    let mut sums = vec![0.0];
    sums.extend(column.iter().map(|value| {
        sum += f64::from(*value);
        sum
    }));
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_where_it_is_and_ends_are_not() {
        let step: Vec<f32> = (0..40).map(|at| if at < 20 { 1.0 } else { 4.0 }).collect();
        let seen = change(&[&step], 4);
        let most = (0..40).max_by(|a, b| seen[*a].total_cmp(&seen[*b])).unwrap();
        assert_eq!((most, seen[20]), (20, 3.0));
        let curve = deviations(seen);
        assert!(curve[0].abs() < 0.3 && (curve[0] - curve[39]).abs() < 1e-6, "{curve:?}");
        assert_eq!(change(&[&step[..8]], 4), vec![0.0; 8], "too short to know");
    }

    #[test]
    fn means_and_deviations() {
        assert_eq!(mean_over(&[0.0, 3.0, 0.0, 0.0], 3), vec![1.5, 1.0, 1.0, 0.0]);
        assert_eq!(deviations(vec![1.0, 3.0]), vec![-1.0, 1.0]);
        assert_eq!(deviations(vec![2.0; 3]), vec![0.0; 3]);
    }

    #[test]
    fn names_and_curves_agree() {
        let seconds = 40;
        let column = |factor: usize| (0..seconds).map(|at| ((at * factor) % 7) as f32).collect::<Vec<f32>>();
        let picture = PictureSeconds {
            valence: column(2),
            arousal: column(3),
            motion: column(4),
            cuts: column(5),
            semantic: vec![column(6); 9],
        };
        let music =
            MusicSeconds { amplitude: column(3), density: column(2), chord: vec![0b1001_0001; seconds], minor: false };
        assert_eq!(of_picture(&picture, false).len(), PICTURE.len());
        assert_eq!(of_picture(&picture, true).len(), PICTURE.len() + SEMANTIC.len());
        assert_eq!(of_music(&music).len(), MUSIC.len());
    }
}
