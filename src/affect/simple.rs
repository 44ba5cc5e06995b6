//! Features of the ridge meter: rates and means that a person could name. None of them grows with the length of the music.

use super::{key_profile::KeyFit, texture::Texture};

pub(super) const NAMES: [&str; 17] = [
    "major_minus_minor",
    "key_clarity",
    "notes_a_second_log",
    "onsets_a_second_log",
    "pitch_mean",
    "pitch_spread",
    "velocity_mean",
    "length_mean_log",
    "length_median_log",
    "pitch_class_entropy",
    "tempo_log",
    "polyphony",
    "bass_register",
    "leap_mean",
    "whole_tone_steps_root",
    "major_thirds_over_bass_root",
    "rhythm_spread",
];
const SHORTEST_SECONDS: f64 = 0.02;
/// Bounds of waits between onsets: below is an ornament, above is a rest.
const WAITS_SECONDS: (f64, f64) = (0.03, 4.0);
const LOW_QUANTILE: f64 = 0.2;

pub(super) fn features(texture: &Texture, bpm: f64) -> Vec<f64> {
    let sounds = &texture.sounds;
    let pitches: Vec<f64> = sounds.iter().map(|sound| f64::from(sound.pitch)).collect();
    let lengths: Vec<f64> = sounds.iter().map(|sound| sound.seconds.max(SHORTEST_SECONDS)).collect();
    let velocities: Vec<f64> = sounds.iter().map(|sound| f64::from(sound.velocity)).collect();
    let bass: Vec<f64> = texture.bottom_line().into_iter().map(f64::from).collect();
    let waits: Vec<f64> =
        texture.waits().iter().map(|wait| wait.clamp(WAITS_SECONDS.0, WAITS_SECONDS.1).ln()).collect();
    let steps: Vec<f64> = texture.top_steps().into_iter().map(f64::from).collect();
    let whole_tones = steps.iter().filter(|step| (**step - 2.0).abs() < 0.5).count() as f64;
    let classes = texture.pitch_classes();
    let key = KeyFit::of(&classes);
    let features: [f64; NAMES.len()] = [
        key.major - key.minor,
        key.major.max(key.minor),
        (sounds.len() as f64 / texture.span_seconds).ln(),
        (texture.onsets().len() as f64 / texture.span_seconds).ln(),
        mean(&pitches),
        spread(&pitches),
        mean(&velocities),
        mean(&lengths).ln(),
        quantile(&lengths, 0.5).ln(),
        entropy(&classes),
        bpm.clamp(20.0, 400.0).ln(),
        lengths.iter().sum::<f64>() / texture.span_seconds,
        quantile(&bass, LOW_QUANTILE),
        mean(&steps),
        (whole_tones / steps.len().max(1) as f64).sqrt(),
        texture.over_bass()[4].sqrt(),
        spread(&waits),
    ];
    features.to_vec()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn spread(values: &[f64]) -> f64 {
    let middle = mean(values);
    (values.iter().map(|value| (value - middle).powi(2)).sum::<f64>() / values.len().max(1) as f64).sqrt()
}

/// The value below which this share lies; 0 of nothing.
fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = (share * sorted.len().saturating_sub(1) as f64).round() as usize;
    sorted.get(place).copied().unwrap_or(0.0)
}

fn entropy(shares: &[f64]) -> f64 {
    -shares.iter().filter(|share| **share > 0.0).map(|share| share * share.ln()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::affect::{
        Sound,
        testing::{scale_piece, sounds},
    };

    fn named(sounds: &[Sound], bpm: f64, name: &str) -> f64 {
        let place = NAMES.iter().position(|known| *known == name).unwrap();
        features(&Texture::of(sounds).unwrap(), bpm)[place]
    }

    #[test]
    fn names_say_what_is_measured() {
        let piece = scale_piece(0.25);
        assert!((named(&piece, 120.0, "notes_a_second_log") - 4.0_f64.ln()).abs() < 0.05);
        assert!((named(&piece, 120.0, "tempo_log") - 120.0_f64.ln()).abs() < 1e-9);
        assert!((named(&piece, 120.0, "velocity_mean") - 80.0).abs() < 1e-9);
        assert!(named(&piece, 120.0, "major_minus_minor") > 0.0);
        assert!(named(&piece, 120.0, "whole_tone_steps_root") > 0.7);
    }

    /// Windows of 8 bars and whole pieces are measured by one scale.
    #[test]
    fn twice_the_music_measures_the_same() {
        let piece = scale_piece(0.25);
        let end = piece.iter().map(Sound::end_seconds).fold(0.0, f64::max);
        let again = piece.iter().map(|sound| Sound { start_seconds: sound.start_seconds + end, ..*sound });
        let twice: Vec<Sound> = piece.iter().copied().chain(again).collect();
        let once = features(&Texture::of(&piece).unwrap(), 100.0);
        for ((name, one), two) in NAMES.iter().zip(once).zip(features(&Texture::of(&twice).unwrap(), 100.0)) {
            assert!((one - two).abs() < 0.06 * one.abs().max(0.3), "{name}: {one} {two}");
        }
    }

    proptest! {
        #[test]
        fn features_are_finite(sounds in sounds(), bpm in 1.0..1000.0_f64) {
            let features = features(&Texture::of(&sounds).unwrap(), bpm);
            prop_assert!(features.iter().all(|value| value.is_finite()), "{features:?}");
        }
    }
}
