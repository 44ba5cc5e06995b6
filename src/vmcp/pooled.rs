//! A picture or a piece of music as one row: mean, spread and mean step of each channel.

use super::{
    MINOR, MusicSeconds, PictureSeconds,
    curves::{chord_changes, decibels, log_motion, no_chord, pitch_classes},
};

/// Of valence, arousal, motion and cuts; with `semantic` of CLIP's features too.
pub(super) fn of_picture(picture: &PictureSeconds, semantic: bool) -> Vec<f64> {
    let motion = log_motion(picture);
    let mut channels: Vec<&[f32]> = vec![&picture.valence, &picture.arousal, &motion, &picture.cuts];
    if semantic {
        channels.extend(picture.semantic.iter().map(Vec::as_slice));
    }
    channels.into_iter().flat_map(pool).collect()
}

/// Of the chord's pitch classes, minor chords, seconds without a chord, loudness as level and amplitude, and notes; then how
/// often chords change, and whether the key is minor.
pub(super) fn of_music(music: &MusicSeconds) -> Vec<f64> {
    let classes = pitch_classes(music);
    let (minor, none, level, changes) = (minor(music), no_chord(music), decibels(music), chord_changes(music));
    let others: [&[f32]; 5] = [&minor, &none, &level, &music.amplitude, &music.density];
    let mut row: Vec<f64> = classes.iter().map(Vec::as_slice).chain(others).flat_map(pool).collect();
    row.push(mean(&changes));
    row.push(f64::from(u8::from(music.minor)));
    row
}

fn minor(music: &MusicSeconds) -> Vec<f32> {
    music.chord.iter().map(|chord| f32::from(u8::from(chord & MINOR != 0))).collect()
}

fn pool(column: &[f32]) -> [f64; 3] {
    let mean = mean(column);
    let square = column.iter().map(|value| (f64::from(*value) - mean).powi(2)).sum::<f64>();
    let steps = column.windows(2).map(|pair| f64::from((pair[1] - pair[0]).abs())).sum::<f64>();
    [mean, (square / column.len().max(1) as f64).sqrt(), steps / column.len().saturating_sub(1).max(1) as f64]
}

fn mean(column: &[f32]) -> f64 {
    column.iter().map(|value| f64::from(*value)).sum::<f64>() / column.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_spread_and_step() {
        let near = |found: [f64; 3], known: [f64; 3]| found.iter().zip(known).all(|(a, b)| (a - b).abs() < 1e-9);
        assert!(near(pool(&[1.0, 3.0]), [2.0, 1.0, 2.0]) && near(pool(&[]), [0.0; 3]));
    }
}
