//! Words for moods, placed on the plane that the knobs span.
//!
//! The placement is our own: by the circumplex of affect (Russell 1980: glad to the right, excited on top) and by where
//! people's norms for English words (ANEW, Bradley and Lang 1999) have such words, rounded to tenths, for music as it is
//! asked for. -1 and 1 are what is rare in songs. Raise the version of `plan.cue` and `plan.conditions` when a word moves.

use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Mood {
    #[serde(rename = "mood")]
    pub(crate) word: &'static str,
    /// Sad to glad, -1..1.
    pub(crate) valence: f32,
    /// Calm to excited, -1..1.
    pub(crate) arousal: f32,
}

/// The mood of a word, in any case.
pub(crate) fn find(word: &str) -> Option<&'static Mood> {
    MOODS.iter().find(|mood| mood.word.eq_ignore_ascii_case(word))
}

const fn mood(word: &'static str, valence: f32, arousal: f32) -> Mood {
    Mood { word, valence, arousal }
}

/// In order of the alphabet.
pub(crate) static MOODS: [Mood; 64] = [
    mood("adventurous", 0.5, 0.6),
    mood("aggressive", -0.5, 0.9),
    mood("agitated", -0.4, 0.7),
    mood("angry", -0.7, 0.7),
    mood("anxious", -0.5, 0.5),
    mood("bittersweet", -0.1, -0.3),
    mood("bleak", -0.7, -0.5),
    mood("bright", 0.7, 0.3),
    mood("brooding", -0.5, -0.2),
    mood("calm", 0.3, -0.7),
    mood("carefree", 0.7, 0.1),
    mood("cheerful", 0.8, 0.4),
    mood("confident", 0.5, 0.4),
    mood("contented", 0.6, -0.3),
    mood("cosy", 0.5, -0.5),
    mood("curious", 0.3, 0.2),
    mood("dark", -0.6, 0.1),
    mood("dramatic", -0.2, 0.7),
    mood("dreamy", 0.3, -0.5),
    mood("driving", 0.2, 0.8),
    mood("eerie", -0.5, 0.0),
    mood("elated", 0.9, 0.7),
    mood("energetic", 0.5, 0.8),
    mood("epic", 0.3, 0.9),
    mood("excited", 0.7, 0.8),
    mood("fearful", -0.7, 0.6),
    mood("festive", 0.8, 0.6),
    mood("focused", 0.1, -0.1),
    mood("frantic", -0.3, 0.9),
    mood("gentle", 0.4, -0.6),
    mood("gloomy", -0.7, -0.3),
    mood("happy", 0.8, 0.3),
    mood("haunting", -0.4, -0.1),
    mood("heroic", 0.5, 0.7),
    mood("hopeful", 0.5, 0.1),
    mood("inspiring", 0.6, 0.4),
    mood("joyful", 0.9, 0.5),
    mood("lonely", -0.6, -0.5),
    mood("melancholy", -0.5, -0.4),
    mood("mournful", -0.8, -0.5),
    mood("mysterious", -0.3, 0.0),
    mood("neutral", 0.0, 0.0),
    mood("nostalgic", 0.1, -0.4),
    mood("ominous", -0.6, 0.3),
    mood("optimistic", 0.6, 0.2),
    mood("peaceful", 0.5, -0.8),
    mood("pensive", -0.2, -0.4),
    mood("playful", 0.7, 0.4),
    mood("reflective", 0.0, -0.5),
    mood("relaxed", 0.5, -0.6),
    mood("restless", -0.2, 0.5),
    mood("romantic", 0.4, -0.2),
    mood("sad", -0.7, -0.4),
    mood("serene", 0.5, -0.7),
    mood("sleepy", 0.1, -0.9),
    mood("solemn", -0.3, -0.5),
    mood("suspenseful", -0.4, 0.4),
    mood("tender", 0.3, -0.6),
    mood("tense", -0.5, 0.6),
    mood("triumphant", 0.7, 0.7),
    mood("upbeat", 0.6, 0.6),
    mood("uplifting", 0.7, 0.5),
    mood("warm", 0.6, -0.4),
    mood("wistful", -0.1, -0.4),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_order_and_on_the_plane() {
        assert!(MOODS.windows(2).all(|pair| pair[0].word < pair[1].word));
        for Mood { word, valence, arousal } in &MOODS {
            assert!(valence.abs() <= 0.9 && arousal.abs() <= 0.9, "{word}");
            assert_eq!(find(&word.to_uppercase()).map(|mood| mood.word), Some(*word));
        }
        assert_eq!(find("hopefull"), None);
    }

    #[test]
    fn every_quarter_of_the_plane_has_words() {
        for (glad, excited) in [(true, true), (true, false), (false, true), (false, false)] {
            let there = |mood: &&Mood| (mood.valence > 0.0) == glad && (mood.arousal > 0.0) == excited;
            assert!(MOODS.iter().filter(there).count() >= 10, "{glad} {excited}");
        }
    }
}
