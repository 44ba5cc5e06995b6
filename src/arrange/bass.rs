//! The bass: roots of the chords on the kick, fifths between, a step on the way to the next chord; long roots where it is calm.

use std::ops::RangeInclusive;

use super::{
    form::{Level, Place},
    groove::Grooves,
    harmony::ChordSpan,
    piece::Piece,
};
use crate::music::{Chord, Note, PitchClass};

/// E1 to C3: below the piano's left hand.
pub(super) const REGISTER: RangeInclusive<u8> = 28..=48;
const FIRST: u8 = 36;
const VELOCITY: u8 = 80;
/// Notes end by then, so that a line breathes.
const LONGEST_MOVING: u32 = 6;
const APPROACH_STEPS: u32 = 2;
/// Rubbing against the melody for less than this passes by.
const PASSING_STEPS: u32 = 2;

/// Whether the bass plays in a bar: not in an intro, and always under the last chord.
pub(super) fn plays(piece: &Piece, bar: usize) -> bool {
    piece.shapes[bar].place != Place::Intro || bar == piece.last_bar()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tone {
    Root,
    Fifth,
    /// A step on the way to the root of the next chord.
    Approach(PitchClass),
}

pub(super) fn bass(piece: &Piece, grooves: &Grooves) -> Vec<Note> {
    let spans = piece.harmony.spans_by_bar(&piece.metre);
    let mut notes: Vec<Note> = Vec::new();
    for (number, span) in spans.iter().enumerate() {
        let bar = piece.metre.bar_at(span.steps.start);
        let Some(root) = span.chord.root().filter(|_| plays(piece, bar)) else { continue };
        let next = spans.get(number + 1).and_then(|next| next.chord.root()).filter(|next| *next != root);
        let onsets = onsets(piece, grooves, span, bar, next);
        for (place, (start, tone)) in onsets.iter().enumerate() {
            let end = onsets.get(place + 1).map_or(span.steps.end, |next| next.0);
            let longest = if level(piece, bar) >= Level::Moving { LONGEST_MOVING } else { u32::MAX };
            let steps = (end - start).min(longest);
            let previous = notes.last().map_or(FIRST, |note| note.pitch);
            let pitch = pitch(piece, span.chord, *tone, previous, *start, steps);
            notes.push(Note { start: *start, pitch, duration: steps as u16, velocity: VELOCITY });
        }
    }
    notes
}

/// Outros are played as calm bars, and the last chord is held.
fn level(piece: &Piece, bar: usize) -> Level {
    let shape = piece.shapes[bar];
    if shape.place == Place::Outro || bar == piece.last_bar() { Level::Calm } else { shape.level }
}

fn onsets(
    piece: &Piece,
    grooves: &Grooves,
    span: &ChordSpan,
    bar: usize,
    next: Option<PitchClass>,
) -> Vec<(u32, Tone)> {
    let downbeat = piece.metre.span(bar).start;
    let level = level(piece, bar);
    let inside = |step: &u32| span.steps.contains(step) && *step > span.steps.start;
    let again: &[u32] = match (level, grooves.at(level)) {
        (Level::Calm, _) | (_, None) => &[],
        (Level::Light, _) => &[8],
        (_, Some(groove)) => groove.kick,
    };
    let mut onsets = vec![(span.steps.start, Tone::Root)];
    for step in again.iter().map(|step| downbeat + step).filter(inside) {
        onsets.push((step, if step - downbeat >= 10 { Tone::Fifth } else { Tone::Root }));
    }
    if let Some(next) = next.filter(|_| level >= Level::Moving) {
        let step = span.steps.end - APPROACH_STEPS;
        onsets.retain(|onset| onset.0 < step);
        onsets.push((step, Tone::Approach(next)));
    }
    onsets
}

fn pitch(piece: &Piece, chord: Chord, tone: Tone, previous: u8, start: u32, steps: u32) -> u8 {
    let tones = chord.pitch_classes();
    let root = tones[0];
    let fifth = tones.get(2).copied().unwrap_or(root);
    let wanted: Vec<PitchClass> = match tone {
        Tone::Root => vec![root, fifth, tones[1]],
        Tone::Fifth => vec![fifth, root, tones[1]],
        Tone::Approach(next) => approach(piece, next, previous).into_iter().chain([root, fifth]).collect(),
    };
    let places: Vec<u8> = wanted.into_iter().map(|class| near(class, previous)).collect();
    let calm = places.iter().find(|pitch| piece.rub(**pitch, start, steps) < PASSING_STEPS);
    calm.or(places.first()).copied().unwrap_or(previous)
}

/// The scale steps beside a root, first the one on this side of it.
fn approach(piece: &Piece, next: PitchClass, from: u8) -> Vec<PitchClass> {
    let target = near(next, from);
    let scale = piece.key.scale();
    let beside = |up: bool| {
        let step = |far: u8| if up { target + far } else { target - far };
        (1..=2).map(step).find(|pitch| scale.contains(&(pitch % 12)))
    };
    let from_below = from < target;
    [beside(!from_below), beside(from_below)].into_iter().flatten().map(|pitch| pitch % 12).collect()
}

/// The place of a pitch class in the register that is nearest to a pitch.
fn near(class: PitchClass, pitch: u8) -> u8 {
    let places = REGISTER.filter(|place| place % 12 == class % 12);
    places.min_by_key(|place| (place.abs_diff(pitch), *place)).unwrap_or(FIRST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        arrange::testing::{Example, note},
        seed::Seed,
    };

    fn line(example: &Example) -> Vec<Note> {
        bass(&example.piece(), &Grooves::choose(Seed::master(1)))
    }

    #[test]
    fn calm_bars_have_long_roots() {
        let mut example = Example::plain(4);
        example.energy(-0.9, 4.0);
        example.chords.takes[0] = ["C", "C", "F", "G", "Am", "F", "G", "C"].map(|chord| chord.parse().unwrap()).into();
        let played: Vec<(u32, u8, u16)> =
            line(&example).iter().map(|note| (note.start, note.pitch % 12, note.duration)).collect();
        assert_eq!(played, [(0, 0, 16), (16, 5, 8), (24, 7, 8), (32, 9, 8), (40, 5, 8), (48, 0, 16)]);
    }

    #[test]
    fn a_moving_line_steps_to_the_next_root() {
        let mut example = Example::plain(4);
        example.energy(0.1, 12.0);
        example.chords.takes[0] = ["C", "C", "F", "F", "G", "G", "C", "C"].map(|chord| chord.parse().unwrap()).into();
        example.melody.takes[0].clear();
        let notes = line(&example);
        let before_f = notes.iter().find(|note| note.start == 14).unwrap();
        let f = notes.iter().find(|note| note.start == 16).unwrap();
        assert_eq!(f.pitch % 12, 5);
        assert!((1..=2).contains(&before_f.pitch.abs_diff(f.pitch)), "{notes:?}");
        assert!(notes.windows(2).all(|pair| pair[0].start + u32::from(pair[0].duration) <= pair[1].start));
        assert!(notes.iter().all(|note| REGISTER.contains(&note.pitch)));
        assert_eq!(notes.last().map(|note| (note.start, note.pitch % 12, note.duration)), Some((48, 0, 16)));
    }

    #[test]
    fn the_root_gives_way_to_a_melody_that_rubs() {
        let mut example = Example::plain(4);
        example.energy(-0.9, 4.0);
        example.chords.takes[0] = vec!["E".parse().unwrap(); 8];
        example.melody.takes[0] = vec![note(0, 77, 8)];
        assert_eq!(line(&example)[0].pitch % 12, 11, "F over E: the fifth");
    }

    #[test]
    fn an_intro_has_none_but_the_last_bar_has() {
        let mut example = Example::plain(8);
        example.sections(&[("intro", 4), ("outro", 4)]);
        let notes = line(&example);
        assert!(notes[0].start >= 64);
        example.sections(&[("intro", 8), ("a", 0)]);
        assert_eq!(line(&example).len(), 1);
    }
}
