//! Rhythms as text: `x` strikes, `X` strikes harder, `o` softer, a digit strikes one pitch of the list, `-` goes on, `.` rests.
//!
//! A pattern covers four beats, however many letters it has; a chord or a short bar takes the part that lies over it.

use std::ops::Range;

use rhai::{Array, Dynamic};

use super::{
    api::Api,
    bar::BarValue,
    chance::share,
    chord::ChordValue,
    note::velocity,
    notes::{MOST_NOTES, listed},
    number::{Checked, within},
    pitch::list,
    stand,
};
use crate::{
    artifact::ScoreNote,
    music::{TICKS_PER_QUARTER, TICKS_PER_STEP},
};

const PATTERN_TICKS: u32 = 4 * TICKS_PER_QUARTER;
const MOST_LETTERS: usize = 96;
pub(super) const HARDER: i32 = 14;
pub(super) const SOFTER: i32 = -20;

pub(super) fn register(api: &mut Api) {
    api.group("Rhythms");
    api.function(
        "rhythm(bar: Bar, pattern: text, pitches: array, velocity: number) -> array",
        "Strikes pitches in a rhythm over a bar: `x` all of them, `X` harder, `o` softer, `1` to `9` one \
         of them, `-` goes on sounding, `.` rests. A pattern covers four beats.",
        |bar: BarValue, pattern: &str, pitches: Array, strength: Dynamic| {
            rhythm(&span_of_bar(&bar), pattern, &pitches, &strength)
        },
    );
    api.function(
        "rhythm(chord: Chord, pattern: text, pitches: array, velocity: number) -> array",
        "The same over a chord: the part of the pattern that lies over it.",
        |chord: ChordValue, pattern: &str, pitches: Array, strength: Dynamic| {
            rhythm(&span_of_chord(&chord)?, pattern, &pitches, &strength)
        },
    );
    api.function(
        "ostinato(bar: Bar, pattern: text, pitches: array, velocity: number) -> array",
        "A figure: every `x` (or `X`, `o`) of the pattern takes the next pitch of the list, and round \
         again. It begins anew with each bar.",
        |bar: BarValue, pattern: &str, pitches: Array, strength: Dynamic| {
            ostinato(&span_of_bar(&bar), pattern, &pitches, &strength)
        },
    );
    api.function(
        "ostinato(chord: Chord, pattern: text, pitches: array, velocity: number) -> array",
        "The same over a chord.",
        |chord: ChordValue, pattern: &str, pitches: Array, strength: Dynamic| {
            ostinato(&span_of_chord(&chord)?, pattern, &pitches, &strength)
        },
    );
    api.function(
        "arpeggio(chord: Chord, pitches: array, order: text, step: number, velocity: number) -> array",
        "Pitches one after the other for as long as the chord sounds, `step` beats apart; `order` is up, \
         down, up_down or random.",
        |chord: ChordValue, pitches: Array, order: &str, step: Dynamic, velocity: Dynamic| {
            arpeggio(&chord, &pitches, order, &step, &velocity)
        },
    );
}

/// Ticks of a piece, and where the pattern over them began.
pub(super) struct Span {
    pub(super) ticks: Range<u32>,
    pub(super) origin: u32,
}

pub(super) fn span_of_bar(bar: &BarValue) -> Span {
    let (start, end) = bar.span();
    Span { ticks: start..end, origin: start }
}

fn span_of_chord(chord: &ChordValue) -> Checked<Span> {
    let chord = chord.placed()?;
    let bar = stand::with(|stand| {
        let bar = stand.metre.bar_at(chord.start_ticks / TICKS_PER_STEP);
        crate::script::working::on_bar(bar as u32 + 1);
        stand.metre.span(bar).start
    })?;
    Ok(Span { ticks: chord.start_ticks..chord.start_ticks + chord.length_ticks, origin: bar * TICKS_PER_STEP })
}

/// A letter of a pattern, where it begins and for how long it goes on.
pub(super) struct Stroke {
    pub(super) letter: char,
    pub(super) start_ticks: u32,
    pub(super) duration_ticks: u32,
}

/// The strokes of a pattern over a span.
pub(super) fn strokes(span: &Span, pattern: &str) -> Checked<Vec<Stroke>> {
    let letters: Vec<char> = pattern.chars().filter(|letter| !letter.is_whitespace() && *letter != '|').collect();
    if letters.is_empty() || letters.len() > MOST_LETTERS {
        return Err(format!(
            "the pattern \"{pattern}\" has {} letters; 1 to {MOST_LETTERS} are allowed",
            letters.len()
        )
        .into());
    }
    if let Some(odd) = letters.iter().find(|letter| !matches!(letter, 'x' | 'X' | 'o' | '-' | '.' | '1'..='9')) {
        return Err(
            format!("\"{odd}\" in the pattern \"{pattern}\" means nothing; write x, X, o, 1 to 9, - and .").into()
        );
    }
    let count = letters.len() as u32;
    let begins = |place: u32| span.origin + place * PATTERN_TICKS / count;
    let mut strokes: Vec<Stroke> = Vec::new();
    // A chord that begins in the middle of the pattern begins in the middle of it.
    for place in (0_u32..).take_while(|place| begins(*place) < span.ticks.end) {
        let (start, end) = (begins(place), begins(place + 1).min(span.ticks.end));
        if start < span.ticks.start {
            continue;
        }
        match letters[(place % count) as usize] {
            '.' => {}
            '-' => {
                if let Some(last) = strokes.last_mut().filter(|last| last.start_ticks + last.duration_ticks == start) {
                    last.duration_ticks = end - last.start_ticks;
                }
            }
            letter => strokes.push(Stroke { letter, start_ticks: start, duration_ticks: end - start }),
        }
    }
    Ok(strokes)
}

/// How hard a letter is struck.
pub(super) fn strength(letter: char, velocity: u8) -> u8 {
    let more = match letter {
        'X' => HARDER,
        'o' => SOFTER,
        _ => 0,
    };
    (i32::from(velocity) + more).clamp(1, 127) as u8
}

fn rhythm(span: &Span, pattern: &str, pitches: &Array, strength_of: &Dynamic) -> Checked<Array> {
    let (pitches, velocity) = (list(pitches)?, velocity(strength_of)?);
    let mut notes = Vec::new();
    for stroke in strokes(span, pattern)? {
        let struck: &[u8] = match stroke.letter.to_digit(10) {
            Some(digit) => {
                let place = digit as usize - 1;
                pitches
                    .get(place..=place)
                    .ok_or_else(|| format!("the pattern asks for pitch {digit}; the list has {}", pitches.len()))?
            }
            None => &pitches,
        };
        bounded(notes.len() + struck.len())?;
        notes.extend(struck.iter().map(|pitch| note(&stroke, *pitch, strength(stroke.letter, velocity))));
    }
    Ok(listed(notes))
}

fn ostinato(span: &Span, pattern: &str, pitches: &Array, strength_of: &Dynamic) -> Checked<Array> {
    let (pitches, velocity) = (list(pitches)?, velocity(strength_of)?);
    if pitches.is_empty() {
        return Ok(Array::new());
    }
    let strokes = strokes(span, pattern)?;
    let turn = strokes.iter().zip(pitches.iter().cycle());
    Ok(listed(turn.map(|(stroke, pitch)| note(stroke, *pitch, strength(stroke.letter, velocity))).collect::<Vec<_>>()))
}

fn note(stroke: &Stroke, pitch: u8, velocity: u8) -> ScoreNote {
    ScoreNote { start_ticks: stroke.start_ticks, pitch, duration_ticks: stroke.duration_ticks.max(12), velocity }
}

fn arpeggio(chord: &ChordValue, pitches: &Array, order: &str, step: &Dynamic, strength: &Dynamic) -> Checked<Array> {
    let span = span_of_chord(chord)?;
    let (mut pitches, velocity) = (list(pitches)?, velocity(strength)?);
    let step = (within(step, "step", 0.0625, 16.0)? * f64::from(TICKS_PER_QUARTER)) as u32;
    if pitches.is_empty() {
        return Ok(Array::new());
    }
    pitches.sort_unstable();
    match order {
        "up" | "random" => {}
        "down" => pitches.reverse(),
        "up_down" => {
            let back: Vec<u8> = pitches.iter().rev().skip(1).take(pitches.len().saturating_sub(2)).copied().collect();
            pitches.extend(back);
        }
        _ => return Err(format!("the order \"{order}\" is unknown; write up, down, up_down or random").into()),
    }
    bounded((span.ticks.end - span.ticks.start) as usize / step as usize + 1)?;
    let mut notes = Vec::new();
    for (place, start_ticks) in span.ticks.clone().step_by(step as usize).enumerate() {
        let turn = if order == "random" { (share()? * pitches.len() as f64) as usize } else { place % pitches.len() };
        let duration_ticks = step.min(span.ticks.end - start_ticks).max(12);
        notes.push(ScoreNote { start_ticks, pitch: pitches[turn], duration_ticks, velocity });
    }
    Ok(listed(notes))
}

fn bounded(notes: usize) -> Checked<()> {
    if notes > MOST_NOTES {
        return Err(format!("{notes} notes would come; {MOST_NOTES} are allowed").into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(ticks: Range<u32>, pattern: &str) -> Vec<(u32, u32)> {
        let span = Span { ticks, origin: 1920 };
        strokes(&span, pattern)
            .unwrap()
            .iter()
            .map(|stroke| (stroke.start_ticks - 1920, stroke.duration_ticks))
            .collect()
    }

    #[test]
    fn patterns_cover_four_beats() {
        assert_eq!(starts(1920..3840, "x..x -..."), [(0, 240), (720, 480)]);
        assert_eq!(starts(1920..3840, "xxx"), [(0, 640), (640, 640), (1280, 640)]);
        assert_eq!(starts(1920..2880, "x.x.x.x."), [(0, 240), (480, 240)], "a short bar takes the first half");
        assert_eq!(starts(2880..3840, "x.x.x.xx"), [(960, 240), (1440, 240), (1680, 240)], "a chord its own part");
    }

    #[test]
    fn odd_letters_are_told() {
        let span = Span { ticks: 0..1920, origin: 0 };
        assert!(strokes(&span, "x..k").err().unwrap().to_string().contains("\"k\" in the pattern"));
        assert!(strokes(&span, "").is_err() && strokes(&span, &"x".repeat(97)).is_err());
    }
}
