//! A chord as scripts see it: in the key that is heard, with its place where it has one.

use rhai::{Array, Dynamic};

use super::{
    api::Api,
    note::{NoteValue, beats, length_ticks, place, velocity},
    number::{Checked, whole},
    pitch::{self, list, listed},
    stand,
};
use crate::{
    arrange::voicing,
    artifact::ScoreNote,
    music::{Chord, Key, PitchClass, Quality, pitch::split_name},
};

/// A value like a number: a copy is a chord of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChordValue {
    pub(super) chord: Chord,
    /// The lowest tone; the root unless it was inverted.
    pub(super) bass: Option<PitchClass>,
    pub(super) start_ticks: u32,
    /// 0 for chords without a place.
    pub(super) length_ticks: u32,
}

/// Voicings of wider registers have too many ways.
const WIDEST_REGISTER: u8 = 36;
const QUALITIES: [(Quality, &str); 8] = [
    (Quality::Major, "major"),
    (Quality::Minor, "minor"),
    (Quality::Seventh, "seventh"),
    (Quality::MajorSeventh, "major seventh"),
    (Quality::MinorSeventh, "minor seventh"),
    (Quality::Suspended, "suspended"),
    (Quality::Diminished, "diminished"),
    (Quality::Augmented, "augmented"),
];

pub(super) fn register(api: &mut Api) {
    api.kind::<ChordValue>("Chord", |chord| chord.chord.to_string());
    api.function(
        "chord(name: text) -> Chord",
        "A chord by name, without a place: \"C\", \"Am7\", \"Fmaj7\", \"Gsus4\", \"Bdim\", or \"N\" for none.",
        |name: &str| -> Checked<ChordValue> {
            Ok(ChordValue { chord: read(name)?, bass: None, start_ticks: 0, length_ticks: 0 })
        },
    );
    properties(api);
    layouts(api);
    uses(api);
}

fn properties(api: &mut Api) {
    api.variable(
        "name: text",
        "Its name, such as \"Am7\"; \"N\" where there is none.",
        |chord: &mut ChordValue| chord.touched().to_string(),
        |chord, value| {
            let text = value.into_immutable_string().map_err(|_| "the name of a chord is a text such as \"Am7\"")?;
            (chord.chord, chord.bass) = (read(&text)?, None);
            Ok(())
        },
    );
    api.variable(
        "root: text",
        "The root's name: \"A\"; empty where there is no chord.",
        |chord: &mut ChordValue| chord.root_name(),
        |chord, value| {
            let text = value.into_immutable_string().map_err(|_| "a root is a text such as \"Bb\"")?;
            let (root, rest) =
                split_name(&text).ok_or_else(|| format!("\"{text}\" is no root; write a letter such as \"Bb\""))?;
            if !rest.is_empty() {
                return Err(format!("\"{text}\" is more than a root; set `name`").into());
            }
            let quality = chord.quality().unwrap_or(Quality::Major);
            (chord.chord, chord.bass) = (Chord::new(root, quality), None);
            Ok(())
        },
    );
    api.variable(
        "quality: text",
        "major, minor, seventh, major seventh, minor seventh, suspended, diminished or augmented.",
        |chord: &mut ChordValue| chord.quality_name(),
        |chord, value| {
            let text = value.into_immutable_string().unwrap_or_default();
            let found = QUALITIES.iter().find(|(_, name)| *name == text);
            let names = || QUALITIES.map(|(_, name)| name).join(", ");
            let (quality, _) = found.ok_or_else(|| format!("\"{text}\" is no quality; there are {}", names()))?;
            let root = chord.chord.root().ok_or("there is no chord here; set `name`")?;
            chord.chord = Chord::new(root, *quality);
            Ok(())
        },
    );
    api.property(
        "bass: text",
        "The lowest tone's name: the root, unless the chord was inverted.",
        |chord: &mut ChordValue| chord.bass_class().map_or(String::new(), spelled),
    );
    api.property(
        "degree: number",
        "The step of the piece's scale that the root is, 1 to 7; 0 beside the scale.",
        |chord: &mut ChordValue| -> Checked<i64> {
            let key = stand::with(|stand| stand.key)?;
            Ok(chord.touched().root().and_then(|root| key.degree(root)).map_or(0, i64::from))
        },
    );
    api.property("is_none: bool", "Whether there is no chord.", |chord: &mut ChordValue| chord.chord == Chord::None);
    api.property("bar: number", "The bar that it begins in, counted from 1.", |chord: &mut ChordValue| {
        place(chord.start_ticks).0
    });
    api.property("beat: number", "The beat that it begins on, counted from 1.", |chord: &mut ChordValue| {
        place(chord.start_ticks).1
    });
    api.property("at: number", "Where it begins, in beats from the start.", |chord: &mut ChordValue| {
        beats(chord.start_ticks)
    });
    api.property("length: number", "How long it sounds, in beats.", |chord: &mut ChordValue| beats(chord.length_ticks));
    api.property("is_last: bool", "Whether the piece ends with it.", |chord: &mut ChordValue| -> Checked<bool> {
        chord.is_last()
    });
    api.no_others::<ChordValue>();
}

/// How chords are laid out.
fn layouts(api: &mut Api) {
    api.function(
        "pitches(chord: Chord, low: number, high: number) -> array",
        "All its tones from `low` to `high`, rising.",
        |chord: ChordValue, low: Dynamic, high: Dynamic| -> Checked<Array> {
            let (low, high) = (pitch::pitch(&low, "low")?, pitch::pitch(&high, "high")?);
            Ok(listed(&(low..=high).filter(|pitch| chord.chord.contains(*pitch)).collect::<Vec<_>>()))
        },
    );
    api.function(
        "voicing(chord: Chord, low: number, high: number) -> array",
        "One pitch for each tone, close together around the middle of a register, rising.",
        |chord: ChordValue, low: Dynamic, high: Dynamic| chord.voicing(&low, &high, &Array::new()),
    );
    api.function(
        "voicing(chord: Chord, low: number, high: number, before: array) -> array",
        "A voicing that moves as little as it can from the pitches before: voice leading.",
        |chord: ChordValue, low: Dynamic, high: Dynamic, before: Array| chord.voicing(&low, &high, &before),
    );
    api.function(
        "voicings(chords: array, low: number, high: number) -> array",
        "A voicing for each chord of a list, each led from the one before.",
        |chords: Array, low: Dynamic, high: Dynamic| voicings(&chords, &low, &high),
    );
    api.function(
        "root_pitch(chord: Chord, low: number) -> number",
        "The lowest tone (the root, unless it was inverted) at its first place from `low` up.",
        |chord: ChordValue, low: Dynamic| -> Checked<i64> {
            let low = pitch::pitch(&low, "low")?;
            let class = chord.bass_class().ok_or("there is no chord here, so it has no root")?;
            pitch::within_midi(i64::from(low) + (i64::from(class) - i64::from(low)).rem_euclid(12))
        },
    );
}

/// What chords answer and become.
fn uses(api: &mut Api) {
    api.function(
        "nearest(chord: Chord, pitch: number) -> number",
        "Its tone that lies nearest to a pitch.",
        |chord: ChordValue, value: Dynamic| -> Checked<i64> {
            Ok(i64::from(crate::arrange::nearest_tone(chord.chord, pitch::pitch(&value, "pitch")?)))
        },
    );
    api.function(
        "contains(chord: Chord, pitch: number) -> bool",
        "Whether a pitch is one of its tones.",
        |chord: ChordValue, value: Dynamic| -> Checked<bool> {
            Ok(chord.chord.contains(pitch::pitch(&value, "pitch")?))
        },
    );
    api.function(
        "inverted(chord: Chord, number: number) -> Chord",
        "The same chord over its second tone (1), its third (2) or its fourth (3).",
        |mut chord: ChordValue, number: Dynamic| -> Checked<ChordValue> {
            let tones = chord.chord.pitch_classes();
            let number = whole(&number, "inversion", 0, tones.len().saturating_sub(1) as i64)?;
            chord.bass = tones.get(number as usize).copied();
            Ok(chord)
        },
    );
    api.function(
        "with_seventh(chord: Chord) -> Chord",
        "The chord with the seventh that the piece's scale has for it; as it is where it has one or none fits.",
        |mut chord: ChordValue| -> Checked<ChordValue> {
            let key = stand::with(|stand| stand.key)?;
            chord.chord = with_seventh(chord.chord, key);
            Ok(chord)
        },
    );
    api.function(
        "transpose(chord: Chord, semitones: number) -> Chord",
        "The chord so many semitones higher.",
        |mut chord: ChordValue, semitones: Dynamic| -> Checked<ChordValue> {
            let semitones = whole(&semitones, "semitones", -127, 127)? as i32;
            chord.chord = chord.chord.transposed(semitones);
            chord.bass = chord.bass.map(|bass| (i32::from(bass) + semitones).rem_euclid(12) as u8);
            Ok(chord)
        },
    );
    api.function(
        "held(chord: Chord, pitches: array, velocity: number) -> array",
        "Notes on some pitches for as long as the chord sounds.",
        |chord: ChordValue, pitches: Array, strength: Dynamic| -> Checked<Array> {
            let velocity = velocity(&strength)?;
            let length = length_ticks(&Dynamic::from(beats(chord.placed()?.length_ticks)), chord.start_ticks)?;
            let held = |pitch| ScoreNote { start_ticks: chord.start_ticks, pitch, duration_ticks: length, velocity };
            Ok(list(&pitches)?.into_iter().map(|pitch| Dynamic::from(NoteValue(held(pitch)))).collect())
        },
    );
}

impl ChordValue {
    fn touched(&self) -> Chord {
        place(self.start_ticks);
        self.chord
    }

    /// A chord that lies somewhere in the piece.
    pub(super) fn placed(&self) -> Checked<Self> {
        if self.length_ticks == 0 {
            return Err(format!("the chord {} has no place in the piece; take one of score.chords", self.chord).into());
        }
        Ok(*self)
    }

    /// The chord that sounds at a tick.
    pub(super) fn at(ticks: u32) -> Checked<Self> {
        let piece = stand::piece()?;
        let steps = ticks / crate::music::TICKS_PER_STEP;
        let span = piece.chord_span(steps);
        Ok(Self::of_span(&span))
    }

    pub(super) fn of_span(span: &crate::arrange::ChordSpan) -> Self {
        let ticks = |steps: u32| steps * crate::music::TICKS_PER_STEP;
        Self {
            chord: span.chord,
            bass: None,
            start_ticks: ticks(span.steps.start),
            length_ticks: ticks(span.steps.end - span.steps.start),
        }
    }

    pub(super) fn bass_class(&self) -> Option<PitchClass> {
        self.bass.or_else(|| self.chord.root())
    }

    pub(super) fn is_last(&self) -> Checked<bool> {
        Ok(self.start_ticks + self.length_ticks >= stand::end_ticks()?)
    }

    fn quality(&self) -> Option<Quality> {
        match self.chord {
            Chord::None => None,
            Chord::Sounding { quality, .. } => Some(quality),
        }
    }

    fn root_name(&self) -> String {
        self.touched().root().map_or(String::new(), spelled)
    }

    fn quality_name(&self) -> String {
        let quality = self.quality();
        QUALITIES
            .iter()
            .find(|(known, _)| Some(*known) == quality)
            .map_or(String::new(), |(_, name)| (*name).to_owned())
    }

    fn voicing(&self, low: &Dynamic, high: &Dynamic, before: &Array) -> Checked<Array> {
        let voices = voiced(self.touched(), low, high, &list(before)?)?;
        Ok(listed(&voices))
    }
}

fn voiced(chord: Chord, low: &Dynamic, high: &Dynamic, before: &[u8]) -> Checked<Vec<u8>> {
    let (low, high) = (pitch::pitch(low, "low")?, pitch::pitch(high, "high")?);
    if high < low || high - low > WIDEST_REGISTER {
        return Err(format!(
            "the register {low} to {high} can't hold a voicing; it must span 0 to {WIDEST_REGISTER} semitones"
        )
        .into());
    }
    Ok(voicing(&chord.pitch_classes(), &(low..=high), low + (high - low) / 2, before))
}

fn voicings(chords: &Array, low: &Dynamic, high: &Dynamic) -> Checked<Array> {
    let mut before = Vec::new();
    let mut all = Array::new();
    for value in chords {
        let chord =
            value.clone().try_cast::<ChordValue>().ok_or("voicings takes a list of chords, such as score.chords")?;
        before = voiced(chord.touched(), low, high, &before)?;
        all.push(Dynamic::from(listed(&before)));
    }
    Ok(all)
}

/// A chord by its name.
pub(super) fn read(name: &str) -> Checked<Chord> {
    name.parse::<Chord>().map_err(|error| error.to_string().into())
}

fn spelled(class: PitchClass) -> String {
    stand::with(|stand| stand.key.spell(class)).unwrap_or_else(|_| crate::music::pitch::name(class).to_owned())
}

fn with_seventh(chord: Chord, key: Key) -> Chord {
    let Chord::Sounding { root, quality } = chord else { return chord };
    let has = |interval: u8| key.degree(root + interval).is_some();
    let richer = match quality {
        Quality::Major if has(11) => Quality::MajorSeventh,
        Quality::Major if has(10) => Quality::Seventh,
        Quality::Minor if has(10) => Quality::MinorSeventh,
        other => other,
    };
    Chord::new(root, richer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sevenths_are_those_of_the_scale() {
        let key: Key = "C".parse().unwrap();
        let richer: Vec<String> = ["C", "Dm", "G", "Am", "Bdim", "N", "D"]
            .map(|name| with_seventh(read(name).unwrap(), key).to_string())
            .into();
        assert_eq!(richer, ["Cmaj7", "Dm7", "G7", "Am7", "Bdim", "N", "D7"]);
    }

    #[test]
    fn a_register_must_hold_a_voicing() {
        let error = voiced(read("C").unwrap(), &Dynamic::from(0_i64), &Dynamic::from(127_i64), &[]).unwrap_err();
        assert!(error.to_string().contains("must span 0 to 36 semitones"), "{error}");
        assert_eq!(
            voiced(read("C").unwrap(), &Dynamic::from(52_i64), &Dynamic::from(68_i64), &[]).unwrap(),
            [55, 60, 64]
        );
    }
}
