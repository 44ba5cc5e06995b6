//! Chords: a root and one of eight qualities, or none. 97 symbols in all, numbered for the models.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{PitchClass, pitch};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Quality {
    Major,
    Minor,
    Seventh,
    MajorSeventh,
    MinorSeventh,
    Suspended,
    Diminished,
    Augmented,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Chord {
    None,
    Sounding { root: PitchClass, quality: Quality },
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{text}\" is no chord; write a root and a quality, such as C, Am, G7, Fmaj7, Dm7, Gsus4, Bdim, Caug, or N for none"
)]
pub(crate) struct ChordError {
    text: String,
}

impl Quality {
    pub(crate) const ALL: [Self; 8] = [
        Self::Major,
        Self::Minor,
        Self::Seventh,
        Self::MajorSeventh,
        Self::MinorSeventh,
        Self::Suspended,
        Self::Diminished,
        Self::Augmented,
    ];

    /// Semitones above the root.
    pub(crate) fn intervals(self) -> &'static [u8] {
        match self {
            Self::Major => &[0, 4, 7],
            Self::Minor => &[0, 3, 7],
            Self::Seventh => &[0, 4, 7, 10],
            Self::MajorSeventh => &[0, 4, 7, 11],
            Self::MinorSeventh => &[0, 3, 7, 10],
            Self::Suspended => &[0, 5, 7],
            Self::Diminished => &[0, 3, 6],
            Self::Augmented => &[0, 4, 8],
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Major => "",
            Self::Minor => "m",
            Self::Seventh => "7",
            Self::MajorSeventh => "maj7",
            Self::MinorSeventh => "m7",
            Self::Suspended => "sus4",
            Self::Diminished => "dim",
            Self::Augmented => "aug",
        }
    }
}

impl Chord {
    /// How many chords there are, `None` with them.
    pub(crate) const COUNT: usize = 1 + 12 * Quality::ALL.len();

    pub(crate) fn new(root: PitchClass, quality: Quality) -> Self {
        Self::Sounding { root: root % 12, quality }
    }

    /// The number models know it by: 0 for none, then `1 + root * 8 + quality`.
    pub(crate) fn index(self) -> usize {
        match self {
            Self::None => 0,
            Self::Sounding { root, quality } => 1 + usize::from(root) * Quality::ALL.len() + quality as usize,
        }
    }

    pub(crate) fn from_index(index: usize) -> Option<Self> {
        let Some(sounding) = index.checked_sub(1) else { return Some(Self::None) };
        let quality = Quality::ALL[sounding % Quality::ALL.len()];
        let root = sounding / Quality::ALL.len();
        (root < 12).then(|| Self::new(root as PitchClass, quality))
    }

    pub(crate) fn root(self) -> Option<PitchClass> {
        match self {
            Self::None => None,
            Self::Sounding { root, .. } => Some(root),
        }
    }

    /// 1 with a major third, -1 with a minor one, else 0.
    pub(crate) fn brightness(self) -> i8 {
        match self {
            Self::Sounding { quality: Quality::Major | Quality::Seventh | Quality::MajorSeventh, .. } => 1,
            Self::Sounding { quality: Quality::Minor | Quality::MinorSeventh | Quality::Diminished, .. } => -1,
            _ => 0,
        }
    }

    /// Root first, then upwards; empty for none.
    pub(crate) fn pitch_classes(self) -> Vec<PitchClass> {
        match self {
            Self::None => Vec::new(),
            Self::Sounding { root, quality } => quality.intervals().iter().map(|step| (root + step) % 12).collect(),
        }
    }

    /// Whether a pitch (MIDI number or pitch class) is a chord tone.
    pub(crate) fn contains(self, pitch: u8) -> bool {
        match self {
            Self::None => false,
            Self::Sounding { root, quality } => quality.intervals().contains(&((pitch % 12 + 12 - root) % 12)),
        }
    }

    pub(crate) fn transposed(self, semitones: i32) -> Self {
        match self {
            Self::None => Self::None,
            Self::Sounding { root, quality } => {
                Self::new((i32::from(root) + semitones).rem_euclid(12) as PitchClass, quality)
            }
        }
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("N"),
            Self::Sounding { root, quality } => write!(f, "{}{}", pitch::name(*root), quality.suffix()),
        }
    }
}

impl FromStr for Chord {
    type Err = ChordError;

    fn from_str(text: &str) -> Result<Self, ChordError> {
        let wrong = || ChordError { text: text.chars().take(20).collect() };
        if text == "N" {
            return Ok(Self::None);
        }
        let (root, suffix) = pitch::split_name(text).ok_or_else(wrong)?;
        let quality = match suffix {
            "maj" | "M" => Some(Quality::Major),
            "min" => Some(Quality::Minor),
            "M7" => Some(Quality::MajorSeventh),
            "min7" => Some(Quality::MinorSeventh),
            "sus" => Some(Quality::Suspended),
            _ => Quality::ALL.into_iter().find(|quality| quality.suffix() == suffix),
        };
        quality.map(|quality| Self::new(root, quality)).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_count_all_chords_once() {
        for index in 0..Chord::COUNT {
            assert_eq!(Chord::from_index(index).unwrap().index(), index);
        }
        assert_eq!(Chord::from_index(Chord::COUNT), None);
        assert_eq!(Chord::None.index(), 0);
        assert_eq!(Chord::new(0, Quality::Major).index(), 1);
        assert_eq!(Chord::new(11, Quality::Augmented).index(), 96);
    }

    #[test]
    fn text_and_back() {
        for index in 0..Chord::COUNT {
            let chord = Chord::from_index(index).unwrap();
            assert_eq!(chord.to_string().parse(), Ok(chord));
        }
        let written: Vec<String> = ["Am7", "C", "Gsus4", "Bdim", "Db7", "E#", "Fmaj7"]
            .map(|text| text.parse::<Chord>().unwrap().to_string())
            .into();
        assert_eq!(written, ["Am7", "C", "Gsus4", "Bdim", "C#7", "F", "Fmaj7"]);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "H", "Cfoo", "n", "C/E", "#", "ü7"] {
            assert!(text.parse::<Chord>().is_err(), "{text}");
        }
    }

    #[test]
    fn tones() {
        let chord: Chord = "Am7".parse().unwrap();
        assert_eq!(chord.pitch_classes(), [9, 0, 4, 7]);
        assert!(chord.contains(60) && chord.contains(69) && !chord.contains(62));
        assert!(Chord::None.pitch_classes().is_empty() && !Chord::None.contains(60));
        assert_eq!(chord.root(), Some(9));
    }

    #[test]
    fn transposition_wraps() {
        let chord: Chord = "A".parse().unwrap();
        assert_eq!(chord.transposed(3).to_string(), "C");
        assert_eq!(chord.transposed(-10).to_string(), "B");
        assert_eq!(Chord::None.transposed(5), Chord::None);
    }
}
