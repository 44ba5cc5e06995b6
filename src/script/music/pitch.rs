//! Pitches: MIDI numbers, or names such as "C4" and "Bb2".

use rhai::{Array, Dynamic};

use super::{
    api::Api,
    number::{Checked, number, whole},
    stand,
};
use crate::music::{Key, pitch::split_name};

/// C4 is 60.
const OCTAVE_OF_ZERO: i64 = -1;

pub(super) fn register(api: &mut Api) {
    api.group("Pitches");
    api.function(
        "pitch(name: text) -> number",
        "The MIDI number of a name such as \"C4\" (60) or \"Bb2\".",
        |name: Dynamic| pitch(&name, "pitch").map(i64::from),
    );
    api.function(
        "pitch_name(pitch: number) -> text",
        "The name of a pitch as the piece's key spells it: \"Eb4\".",
        |value: Dynamic| pitch(&value, "pitch").map(name),
    );
    api.function(
        "scale(low: number, high: number) -> array",
        "All pitches of the piece's scale from `low` to `high`.",
        |low: Dynamic, high: Dynamic| {
            let key = stand::with(|stand| stand.key)?;
            scale(key, &low, &high)
        },
    );
    api.function(
        "scale(key: text, low: number, high: number) -> array",
        "All pitches of a key's scale from `low` to `high`: `scale(\"D minor\", 50, 74)`.",
        |key: &str, low: Dynamic, high: Dynamic| scale(read_key(key)?, &low, &high),
    );
    api.function(
        "scale_step(pitch: number, steps: number) -> number",
        "The pitch so many steps of the piece's scale above (or below, with a minus). A pitch beside \
             the scale counts as the one below it.",
        |value: Dynamic, steps: Dynamic| {
            let (from, steps) = (pitch(&value, "pitch")?, whole(&steps, "steps", -70, 70)?);
            let key = stand::with(|stand| stand.key)?;
            within_midi(step(key, from, steps))
        },
    );
    api.function(
        "inversion(pitches: array, number: number) -> array",
        "Pitches with the lowest put an octave up so many times (or, with a minus, the highest down).",
        |pitches: Array, number: Dynamic| inversion(list(&pitches)?, whole(&number, "inversion", -12, 12)?),
    );
    api.function(
        "drop2(pitches: array) -> array",
        "An open position: the second voice from the top goes an octave down.",
        |pitches: Array| {
            let mut voices = list(&pitches)?;
            voices.sort_unstable();
            if let Some(second) = voices.len().checked_sub(2).filter(|_| voices.len() > 2) {
                voices[second] = voices[second].saturating_sub(12);
            }
            voices.sort_unstable();
            Ok::<_, Box<rhai::EvalAltResult>>(listed(&voices))
        },
    );
    api.function(
        "rubs(pitch: number, at: number, length: number) -> number",
        "For how many beats the melody sounds a semitone (or its octaves) beside a pitch.",
        |value: Dynamic, at: Dynamic, length: Dynamic| {
            let value = pitch(&value, "pitch")?;
            let steps = |beats: f64| (beats * 4.0).round().max(0.0) as u32;
            let (start, length) = (steps(number(&at, "at")?), steps(number(&length, "length")?));
            let piece = stand::piece()?;
            Ok::<_, Box<rhai::EvalAltResult>>(f64::from(piece.rub(value, start, length.max(1))) / 4.0)
        },
    );
}

/// A number or a name.
pub(super) fn pitch(value: &Dynamic, what: &str) -> Checked<u8> {
    let Ok(text) = value.clone().into_immutable_string() else {
        return whole(value, what, 0, 127).map(|number| number as u8);
    };
    let wrong = || format!("\"{text}\" is no pitch; write a name with an octave, such as C4 or Bb2, or a number");
    let (class, octave) = split_name(&text).ok_or_else(wrong)?;
    let octave: i64 = octave.parse().map_err(|_| wrong())?;
    let sounding = (octave - OCTAVE_OF_ZERO).saturating_mul(12).saturating_add(i64::from(class));
    u8::try_from(sounding).ok().filter(|pitch| *pitch < 128).ok_or_else(|| wrong().into())
}

pub(super) fn name(pitch: u8) -> String {
    let octave = i64::from(pitch / 12) + OCTAVE_OF_ZERO;
    let class = stand::with(|stand| stand.key.spell(pitch % 12));
    format!("{}{octave}", class.unwrap_or_else(|_| crate::music::pitch::name(pitch % 12).to_owned()))
}

/// Numbers and names in a list.
pub(super) fn list(pitches: &Array) -> Checked<Vec<u8>> {
    pitches.iter().map(|value| pitch(value, "pitch")).collect()
}

pub(super) fn listed(pitches: &[u8]) -> Array {
    pitches.iter().map(|pitch| Dynamic::from(i64::from(*pitch))).collect()
}

pub(super) fn read_key(text: &str) -> Checked<Key> {
    text.parse::<Key>().map_err(|error| error.to_string().into())
}

fn scale(key: Key, low: &Dynamic, high: &Dynamic) -> Checked<Array> {
    let (low, high) = (pitch(low, "low")?, pitch(high, "high")?);
    let inside: Vec<u8> = (low..=high).filter(|pitch| key.degree(*pitch).is_some()).collect();
    Ok(listed(&inside))
}

/// By steps of a scale; a pitch beside it counts as the one below.
pub(super) fn step(key: Key, pitch: u8, steps: i64) -> i64 {
    let tones = key.mode.scale().map(i64::from);
    let above = i64::from(pitch) - i64::from(key.tonic);
    let octave = above.div_euclid(12);
    let place = tones.iter().rposition(|tone| *tone <= above.rem_euclid(12)).unwrap_or(0) as i64;
    let target = octave * 7 + place + steps;
    i64::from(key.tonic) + target.div_euclid(7) * 12 + tones[target.rem_euclid(7) as usize]
}

pub(super) fn within_midi(pitch: i64) -> Checked<i64> {
    whole(&Dynamic::from(pitch), "pitch", 0, 127)
}

fn inversion(mut voices: Vec<u8>, number: i64) -> Checked<Array> {
    voices.sort_unstable();
    if voices.is_empty() {
        return Ok(Array::new());
    }
    for _ in 0..number.abs() {
        let (from, octave) = if number > 0 { (0, 12) } else { (voices.len() - 1, -12) };
        voices[from] = within_midi(i64::from(voices[from]) + octave)? as u8;
        voices.sort_unstable();
    }
    Ok(listed(&voices))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers() {
        let read = |text: &str| pitch(&Dynamic::from(text.to_owned()), "pitch");
        assert_eq!(
            [read("C4").unwrap(), read("Bb2").unwrap(), read("G9").unwrap(), read("C-1").unwrap()],
            [60, 46, 127, 0]
        );
        for text in ["C", "H4", "A9", "", "C99999999999999999999"] {
            assert!(read(text).unwrap_err().to_string().contains("is no pitch"), "{text}");
        }
    }

    #[test]
    fn steps_of_the_scale() {
        let key: Key = "C".parse().unwrap();
        assert_eq!([0, 1, 2, 7, -1].map(|steps| step(key, 60, steps)), [60, 62, 64, 72, 59]);
        assert_eq!(step(key, 61, 1), 62, "a pitch beside the scale");
        assert_eq!(step("A minor".parse().unwrap(), 57, 2), 60);
    }

    #[test]
    fn inversions_go_both_ways() {
        let turned = |number| list(&inversion(vec![60, 64, 67], number).unwrap()).unwrap();
        assert_eq!((turned(1), turned(-1), turned(3)), (vec![64, 67, 72], vec![55, 60, 64], vec![72, 76, 79]));
    }
}
