//! The key that a piece is heard in, from how long each pitch class sounds: the profile that correlates best (the method of
//! Krumhansl & Kessler), with the profiles of Albrecht & Shanahan (2013). Of six published pairs of profiles theirs find the
//! mode as POP909 marks it most often: in 88.8 % of 3,582 training stretches of 32 bars (Aarden 88.5, Krumhansl 87.9).

use crate::music::{Key, Mode};

const MAJOR: [f64; 12] = [0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081];
const MINOR: [f64; 12] = [0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052];

/// `durations` of the pitch classes from C up; none of silence.
pub(crate) fn find_key(durations: &[f64; 12]) -> Option<Key> {
    let keys = [Mode::Major, Mode::Minor].into_iter().flat_map(|mode| (0..12).map(move |tonic| Key::new(tonic, mode)));
    let scored = keys.map(|key| (correlation(durations, key), key));
    let best = scored.max_by(|(one, _), (other, _)| one.total_cmp(other));
    best.filter(|_| durations.iter().any(|duration| *duration > 0.0)).map(|(_, key)| key)
}

/// How much better a key fits than the best one of the other mode.
pub(crate) fn mode_clarity(durations: &[f64; 12], key: Key) -> f64 {
    let other = if key.mode == Mode::Major { Mode::Minor } else { Mode::Major };
    correlation(durations, key) - best(durations, other)
}

/// How much better the best major key fits than the best minor one.
pub(crate) fn gladness(durations: &[f64; 12]) -> f64 {
    best(durations, Mode::Major) - best(durations, Mode::Minor)
}

/// Share of what sounds that lies in a key's scale; in minor its raised leading note belongs to it. 0 of silence.
pub(crate) fn scale_share(durations: &[f64; 12], key: Key) -> f64 {
    let leading = |class: u8| key.mode == Mode::Minor && (class + 1) % 12 == key.tonic;
    let inside = (0..12_u8).filter(|class| key.degree(*class).is_some() || leading(*class));
    let all: f64 = durations.iter().sum();
    inside.map(|class| durations[usize::from(class)]).sum::<f64>() / all.max(f64::MIN_POSITIVE)
}

/// How well the best key of a mode fits.
fn best(durations: &[f64; 12], mode: Mode) -> f64 {
    (0..12).map(|tonic| correlation(durations, Key::new(tonic, mode))).fold(f64::MIN, f64::max)
}

fn correlation(durations: &[f64; 12], key: Key) -> f64 {
    let profile = if key.mode == Mode::Major { &MAJOR } else { &MINOR };
    let place = |class: usize| (class + 12 - usize::from(key.tonic)) % 12;
    let (heard, known) = (durations.iter().sum::<f64>() / 12.0, profile.iter().sum::<f64>() / 12.0);
    let sum = |value: fn(f64, f64) -> f64| -> f64 {
        (0..12).map(|class| value(durations[class] - heard, profile[place(class)] - known)).sum()
    };
    sum(|a, b| a * b) / (sum(|a, _| a * a) * sum(|_, b| b * b)).sqrt().max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_with_their_triads_are_told_apart() {
        for (name, weights) in [("C", [0, 4, 7]), ("A minor", [9, 0, 4]), ("Eb", [3, 7, 10]), ("F# minor", [6, 9, 1])] {
            let key: Key = name.parse().unwrap();
            let mut durations = [0.0; 12];
            key.scale().iter().for_each(|class| durations[usize::from(*class)] += 1.0);
            for class in weights {
                durations[class] += 2.0;
            }
            assert_eq!(find_key(&durations), Some(key));
        }
        assert_eq!(find_key(&[0.0; 12]), None);
    }

    #[test]
    fn major_is_glad_and_minor_is_not() {
        let triad = |tones: [usize; 3]| {
            let mut durations = [0.0; 12];
            for class in tones {
                durations[class] = 1.0;
            }
            gladness(&durations)
        };
        assert!(triad([0, 4, 7]) > 0.1 && triad([9, 0, 4]) < -0.1, "{} {}", triad([0, 4, 7]), triad([9, 0, 4]));
        assert!((triad([0, 4, 7]) - triad([5, 9, 0])).abs() < 1e-9, "in every key");
    }

    #[test]
    fn the_leading_note_belongs_to_minor() {
        let mut counts = [0.0; 12];
        counts[8] = 3.0;
        assert!((scale_share(&counts, Key::new(9, Mode::Minor)) - 1.0).abs() < 1e-9);
        assert!(scale_share(&counts, Key::new(0, Mode::Major)).abs() < 1e-9);
    }
}
