//! Keys: a tonic and a mode.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{PitchClass, pitch};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    Major,
    Minor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) tonic: PitchClass,
    pub(crate) mode: Mode,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is no key; write a tonic and a mode, such as C, Bb minor or f#m")]
pub(crate) struct KeyError {
    text: String,
}

impl Mode {
    /// Semitones of the scale above the tonic; natural minor.
    pub(crate) fn scale(self) -> [u8; 7] {
        match self {
            Self::Major => [0, 2, 4, 5, 7, 9, 11],
            Self::Minor => [0, 2, 3, 5, 7, 8, 10],
        }
    }

    /// The key that music is composed in: C major or A minor.
    pub(crate) fn neutral_key(self) -> Key {
        match self {
            Self::Major => Key { tonic: 0, mode: self },
            Self::Minor => Key { tonic: 9, mode: self },
        }
    }
}

impl Key {
    pub(crate) fn new(tonic: PitchClass, mode: Mode) -> Self {
        Self { tonic: tonic % 12, mode }
    }

    pub(crate) fn scale(self) -> [PitchClass; 7] {
        self.mode.scale().map(|step| (self.tonic + step) % 12)
    }

    /// 1 for the tonic, 7 for the leading note; none outside the scale. Takes a MIDI number or a pitch class.
    pub(crate) fn degree(self, pitch: u8) -> Option<u8> {
        self.scale().iter().position(|tone| *tone == pitch % 12).map(|place| place as u8 + 1)
    }

    /// Sharps (positive) or flats (negative) of the signature: -5..6 in major, -6..5 in minor.
    pub(crate) fn signature(self) -> i8 {
        let (major_tonic, lowest) = match self.mode {
            Mode::Major => (self.tonic, -5),
            Mode::Minor => (self.tonic + 3, -6),
        };
        let fifths = i32::from(major_tonic) * 7;
        ((fifths - lowest).rem_euclid(12) + lowest) as i8
    }

    #[cfg(test)]
    pub(crate) fn from_signature(fifths: i8, mode: Mode) -> Self {
        let major_tonic = i32::from(fifths) * 7;
        let tonic = match mode {
            Mode::Major => major_tonic,
            Mode::Minor => major_tonic - 3,
        };
        Self::new(tonic.rem_euclid(12) as PitchClass, mode)
    }

    /// The name of a pitch class as this key spells it: Bb in F major, A# in B minor.
    pub(crate) fn spell(self, pitch_class: PitchClass) -> String {
        // Seven scale tones lie side by side on the line of fifths; the chromatic ones are taken from where each mode
        // borrows: flats below major (b7, b3, b6), sharps above minor (raised sixth and seventh).
        let lowest = i32::from(self.signature())
            + match self.mode {
                Mode::Major => -5,
                Mode::Minor => -3,
            };
        let place = (i32::from(pitch_class) * 7 - lowest).rem_euclid(12) + lowest;
        pitch::name_on_fifths(place).unwrap_or_else(|| pitch::name(pitch_class).to_owned())
    }

    /// How well weights of the twelve pitch classes fit this key: their correlation with Temperley's profile
    /// ("The Cognition of Basic Musical Structures", 2001), -1..1; 0 where they are all the same.
    pub(crate) fn profile_fit(self, classes: &[f64; 12]) -> f64 {
        let profile = match self.mode {
            Mode::Major => [5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0],
            Mode::Minor => [5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0],
        };
        let mean = |values: &[f64; 12]| values.iter().sum::<f64>() / 12.0;
        let (about, profile_about) = (mean(classes), mean(&profile));
        let (mut product, mut square, mut profile_square) = (0.0, 0.0, 0.0);
        for (step, weight) in profile.iter().enumerate() {
            let class = classes[(usize::from(self.tonic) + step) % 12] - about;
            product += class * (weight - profile_about);
            square += class * class;
            profile_square += (weight - profile_about).powi(2);
        }
        product / (square * profile_square).sqrt().max(f64::MIN_POSITIVE)
    }

    /// Semitones from this key to C major or A minor, by the shorter way: -5..6.
    pub(crate) fn shift_to_neutral(self) -> i32 {
        let up = (i32::from(self.mode.neutral_key().tonic) - i32::from(self.tonic)).rem_euclid(12);
        if up > 6 { up - 12 } else { up }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = match self.mode {
            Mode::Major => "major",
            Mode::Minor => "minor",
        };
        write!(f, "{} {mode}", self.spell(self.tonic))
    }
}

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let wrong = || KeyError { text: text.chars().take(20).collect() };
        let (tonic, mode) = pitch::split_name(text.trim()).ok_or_else(wrong)?;
        let mode = match mode.trim_start() {
            "" | "major" | "maj" | "M" => Mode::Major,
            "m" | "minor" | "min" => Mode::Minor,
            _ => return Err(wrong()),
        };
        Ok(Self::new(tonic, mode))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        text.parse().unwrap()
    }

    fn all() -> impl Iterator<Item = Key> {
        (0..12).flat_map(|tonic| [Key::new(tonic, Mode::Major), Key::new(tonic, Mode::Minor)])
    }

    #[test]
    fn reads_what_people_write() {
        assert_eq!(key("C"), Key::new(0, Mode::Major));
        assert_eq!(key("Bb minor"), Key::new(10, Mode::Minor));
        assert_eq!(key("f#m"), Key::new(6, Mode::Minor));
        assert_eq!(key(" Eb major "), Key::new(3, Mode::Major));
        for text in ["", "H minor", "C dorian", "minor", "major"] {
            assert!(text.parse::<Key>().is_err(), "{text}");
        }
    }

    #[test]
    fn text_signature_and_back() {
        for key in all() {
            assert_eq!(key.to_string().parse(), Ok(key));
            assert_eq!(Key::from_signature(key.signature(), key.mode), key);
        }
    }

    #[test]
    fn signatures() {
        let fifths = ["C", "G", "F", "Bb", "F#", "Db", "A minor", "Eb minor", "G# minor", "D minor"]
            .map(|text| key(text).signature());
        assert_eq!(fifths, [0, 1, -1, -2, 6, -5, 0, -6, 5, -1]);
    }

    #[test]
    fn spelling_follows_the_key() {
        assert_eq!(key("F").spell(10), "Bb");
        assert_eq!(key("B minor").spell(10), "A#");
        assert_eq!(key("A minor").spell(8), "G#");
        assert_eq!(key("C").spell(8), "Ab");
        assert_eq!(key("C").spell(6), "F#");
        assert_eq!(key("F#").to_string(), "F# major");
        assert_eq!(key("Eb minor").to_string(), "Eb minor");
        assert_eq!(key("Eb minor").spell(9), "A");
    }

    #[test]
    fn degrees() {
        assert_eq!(key("G").degree(66), Some(7));
        assert_eq!(key("G").degree(65), None);
        assert_eq!(key("A minor").degree(0), Some(3));
    }

    #[test]
    fn the_shift_leads_to_the_neutral_key_by_the_shorter_way() {
        for key in all() {
            let shift = key.shift_to_neutral();
            assert!((-5..=6).contains(&shift));
            let tonic = (i32::from(key.tonic) + shift).rem_euclid(12) as u8;
            assert_eq!(Key::new(tonic, key.mode), key.mode.neutral_key());
        }
    }
}
