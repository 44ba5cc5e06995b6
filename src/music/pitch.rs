//! Names of pitch classes.

use super::PitchClass;

const NAMES: [&str; 12] = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
/// Letters along the line of fifths, F at -1.
const FIFTHS: [&str; 7] = ["F", "C", "G", "D", "A", "E", "B"];

/// The name without regard to a key.
pub(crate) fn name(pitch_class: PitchClass) -> &'static str {
    NAMES[usize::from(pitch_class % 12)]
}

/// The name of a place on the line of fifths (0 is C, 1 is G, -1 is F); none beyond one sharp or flat.
pub(super) fn name_on_fifths(place: i32) -> Option<String> {
    let letter = FIFTHS[(place + 1).rem_euclid(7) as usize];
    let accidental = match (place + 1).div_euclid(7) {
        -1 => "b",
        0 => "",
        1 => "#",
        _ => return None,
    };
    Some(format!("{letter}{accidental}"))
}

/// The pitch class that a text starts with, and the rest: `Bbm7` gives 10 and `m7`. The letter's case does not matter.
pub(crate) fn split_name(text: &str) -> Option<(PitchClass, &str)> {
    let mut letters = text.chars();
    let natural = match letters.next()?.to_ascii_uppercase() {
        'C' => 0,
        'D' => 2,
        'E' => 4,
        'F' => 5,
        'G' => 7,
        'A' => 9,
        'B' => 11,
        _ => return None,
    };
    let rest = letters.as_str();
    let (shift, rest) = match letters.next() {
        Some('#' | '♯') => (1, letters.as_str()),
        Some('b' | '♭') => (11, letters.as_str()),
        _ => (0, rest),
    };
    Some(((natural + shift) % 12, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_back() {
        for pitch_class in 0..12 {
            assert_eq!(split_name(name(pitch_class)), Some((pitch_class, "")));
        }
    }

    #[test]
    fn splits_off_accidentals() {
        assert_eq!(split_name("Bbm7"), Some((10, "m7")));
        assert_eq!(split_name("bb"), Some((10, "")));
        assert_eq!(split_name("f♯ minor"), Some((6, " minor")));
        assert_eq!(split_name("Cb"), Some((11, "")));
        assert_eq!(split_name("H"), None);
        assert_eq!(split_name(""), None);
    }

    #[test]
    fn line_of_fifths() {
        let names: Vec<_> = (-8..=12).step_by(5).map(name_on_fifths).collect();
        assert_eq!(names, ["Fb", "Eb", "D", "C#", "B#"].map(|name| Some(name.to_owned())));
        assert_eq!(name_on_fifths(-9), None);
        assert_eq!(name_on_fifths(13), None);
    }
}
