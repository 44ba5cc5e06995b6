//! The knobs of planning as serde reads them from a job: `"auto"`, numbers, signed offsets, ranges, keys.

use serde::{Deserialize, Deserializer, de::Error};

use crate::{
    affect::{self, Mood},
    music::Key,
};

/// `"auto"`, an absolute value, or a shift of what auto gives (`"+0.2"`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Offset {
    Auto,
    Absolute(f32),
    Shift(f32),
}

/// `"auto"` or a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum AutoFloat {
    Auto,
    Value(f32),
}

/// `"auto"` or a word with its place on the plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum MoodKnob {
    Auto,
    Mood(&'static Mood),
}

/// `"auto"` or a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKnob {
    Auto,
    Key(Key),
}

/// Beats a minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TempoRange {
    pub(crate) min: f64,
    pub(crate) max: f64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(f64),
    Text(String),
    Range { min: f64, max: f64 },
}

impl Offset {
    /// The value where the picture gives `auto`, within -1..1.
    pub(crate) fn apply(self, auto: f32) -> f32 {
        match self {
            Self::Auto => auto,
            Self::Absolute(value) => value,
            Self::Shift(shift) => auto + shift,
        }
        .clamp(-1.0, 1.0)
    }
}

impl MoodKnob {
    /// What the picture would have said otherwise.
    pub(crate) fn valence_or(self, picture: f32) -> f32 {
        match self {
            Self::Auto => picture,
            Self::Mood(mood) => mood.valence,
        }
    }

    /// What the picture would have said otherwise.
    pub(crate) fn arousal_or(self, picture: f32) -> f32 {
        match self {
            Self::Auto => picture,
            Self::Mood(mood) => mood.arousal,
        }
    }
}

impl AutoFloat {
    pub(crate) fn or(self, auto: f32) -> f32 {
        match self {
            Self::Auto => auto,
            Self::Value(value) => value,
        }
    }
}

impl TempoRange {
    pub(crate) fn contains(self, bpm: f64) -> bool {
        // The slack forgives the rounding of `240 n / seconds` at a limit that was met exactly.
        (self.min * (1.0 - 1e-9)..=self.max * (1.0 + 1e-9)).contains(&bpm)
    }

    /// How far outside a tempo lies, as the logarithm of the ratio to the nearer limit; 0 inside.
    pub(crate) fn distance(self, bpm: f64) -> f64 {
        (self.min / bpm).ln().max((bpm / self.max).ln()).max(0.0)
    }
}

impl<'de> Deserialize<'de> for Offset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Number(value) => Ok(Self::Absolute(value as f32)),
            Written::Text(text) if text == "auto" => Ok(Self::Auto),
            Written::Text(text) if text.starts_with(['+', '-']) => Ok(Self::Shift(number(&text)?)),
            Written::Text(text) => Ok(Self::Absolute(number(&text)?)),
            Written::Range { .. } => Err(D::Error::custom("a range is no offset")),
        }
    }
}

impl<'de> Deserialize<'de> for AutoFloat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Number(value) => Ok(Self::Value(value as f32)),
            Written::Text(text) if text == "auto" => Ok(Self::Auto),
            Written::Text(text) => Ok(Self::Value(number(&text)?)),
            Written::Range { .. } => Err(D::Error::custom("a range is no number")),
        }
    }
}

impl<'de> Deserialize<'de> for MoodKnob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "auto" => Ok(Self::Auto),
            word => {
                let mood = affect::find_mood(word).ok_or_else(|| D::Error::custom(format!("\"{word}\" is no mood")))?;
                Ok(Self::Mood(mood))
            }
        }
    }
}

impl<'de> Deserialize<'de> for KeyKnob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "auto" => Ok(Self::Auto),
            text => text.parse().map(Self::Key).map_err(D::Error::custom),
        }
    }
}

impl<'de> Deserialize<'de> for TempoRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (min, max) = match Written::deserialize(deserializer)? {
            Written::Number(bpm) => (bpm, bpm),
            Written::Range { min, max } => (min, max),
            Written::Text(text) => return Err(D::Error::custom(format!("\"{text}\" is no tempo range"))),
        };
        if min > 0.0 && min <= max && max.is_finite() {
            return Ok(Self { min, max });
        }
        Err(D::Error::custom(format!("a tempo from {min} to {max} beats a minute is no range")))
    }
}

fn number<E: Error>(text: &str) -> Result<f32, E> {
    let value = text.parse::<f32>().ok().filter(|value| value.is_finite());
    value.ok_or_else(|| E::custom(format!("\"{text}\" is neither \"auto\" nor a number")))
}

#[cfg(test)]
mod tests {
    use serde_json::{from_str, json};

    use super::*;

    #[test]
    fn offsets() {
        assert_eq!(from_str::<Offset>("\"auto\"").unwrap(), Offset::Auto);
        assert_eq!(from_str::<Offset>("-0.2").unwrap(), Offset::Absolute(-0.2));
        assert_eq!(from_str::<Offset>("\"-0.2\"").unwrap(), Offset::Shift(-0.2));
        assert_eq!(from_str::<Offset>("\"+0.5\"").unwrap(), Offset::Shift(0.5));
        assert!(from_str::<Offset>("\"+much\"").is_err());
        assert!(from_str::<Offset>("\"+nan\"").is_err());
    }

    #[test]
    fn an_offset_stays_in_its_plane() {
        assert!((Offset::Auto.apply(0.3) - 0.3).abs() < 1e-6);
        assert!((Offset::Shift(0.9).apply(0.3) - 1.0).abs() < 1e-6);
        assert!((Offset::Absolute(-0.4).apply(0.3) + 0.4).abs() < 1e-6);
    }

    #[test]
    fn a_mood_takes_the_place_of_the_picture() {
        let mood = from_str::<MoodKnob>("\"mournful\"").unwrap();
        assert!((mood.valence_or(0.4) + 0.8).abs() < 1e-6 && (mood.arousal_or(0.4) + 0.5).abs() < 1e-6);
        let auto = from_str::<MoodKnob>("\"auto\"").unwrap();
        assert!((auto.valence_or(0.4) - 0.4).abs() < 1e-6 && (auto.arousal_or(-0.4) + 0.4).abs() < 1e-6);
        assert!(from_str::<MoodKnob>("\"purple\"").is_err());
    }

    #[test]
    fn tempo_is_a_range_or_one_number() {
        let range: TempoRange = serde_json::from_value(json!({"min": 80, "max": 120})).unwrap();
        assert_eq!(range, TempoRange { min: 80.0, max: 120.0 });
        assert_eq!(from_str::<TempoRange>("96").unwrap(), TempoRange { min: 96.0, max: 96.0 });
        assert!(serde_json::from_value::<TempoRange>(json!({"min": 120, "max": 80})).is_err());
        assert!(from_str::<TempoRange>("0").is_err());
    }

    #[test]
    fn distance_from_a_range_is_the_same_for_half_and_double() {
        let range = TempoRange { min: 80.0, max: 160.0 };
        assert!(range.contains(160.0) && range.contains(80.0) && !range.contains(79.0));
        assert!(range.distance(100.0).abs() < 1e-12);
        assert!((range.distance(40.0) - range.distance(320.0)).abs() < 1e-12);
    }

    #[test]
    fn keys() {
        assert_eq!(from_str::<KeyKnob>("\"auto\"").unwrap(), KeyKnob::Auto);
        assert!(matches!(from_str::<KeyKnob>("\"Bb minor\"").unwrap(), KeyKnob::Key(key) if key.tonic == 10));
        assert!(from_str::<KeyKnob>("\"H\"").is_err());
    }
}
