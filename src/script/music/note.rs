//! A note as scripts see it: bars and beats from 1, `at` in beats from the start.

use rhai::Dynamic;

use super::{
    api::Api,
    chord::ChordValue,
    number::{Checked, number, whole, within},
    pitch, stand,
};
use crate::{
    artifact::ScoreNote,
    music::{TICKS_PER_QUARTER, TICKS_PER_STEP},
    script::working,
};

/// A value like a number: a copy is a note of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoteValue(pub(super) ScoreNote);

/// The shortest that can be played.
const SHORTEST_TICKS: u32 = 12;

pub(super) fn register(api: &mut Api) {
    api.kind::<NoteValue>("Note", show);
    api.function(
        "note(at: number, length: number, pitch: number, velocity: number) -> Note",
        "A note; `at` and `length` in beats, `pitch` a number or a name. It ends with the piece at the latest.",
        |at: Dynamic, length: Dynamic, pitch: Dynamic, velocity: Dynamic| {
            note(ticks_at(&at)?, &length, &pitch, &velocity)
        },
    );
    api.function(
        "note(bar: number, beat: number, length: number, pitch: number, velocity: number) -> Note",
        "A note by bar and beat, both counted from 1: `note(1, 2.5, 1, \"E4\", 80)` begins on the \
             second half of beat 2.",
        |bar: Dynamic, beat: Dynamic, length: Dynamic, pitch: Dynamic, velocity: Dynamic| {
            note(ticks_of(&bar, &beat)?, &length, &pitch, &velocity)
        },
    );
    api.variable(
        "at: number",
        "Where it begins, in beats from the start of the piece.",
        |note: &mut NoteValue| beats(note.touched().start_ticks),
        |note, value| {
            note.0.start_ticks = ticks_at(&value)?;
            Ok(())
        },
    );
    api.variable(
        "bar: number",
        "The bar that it begins in, counted from 1. Setting it keeps the beat.",
        |note: &mut NoteValue| note.place().0,
        |note, value| {
            let beat = Dynamic::from(note.place().1);
            note.0.start_ticks = ticks_of(&value, &beat)?;
            Ok(())
        },
    );
    api.variable(
        "beat: number",
        "The beat in its bar, counted from 1, with fractions.",
        |note: &mut NoteValue| note.place().1,
        |note, value| {
            let bar = Dynamic::from(note.place().0);
            note.0.start_ticks = ticks_of(&bar, &value)?;
            Ok(())
        },
    );
    api.variable(
        "length: number",
        "How long it sounds, in beats.",
        |note: &mut NoteValue| beats(note.touched().duration_ticks),
        |note, value| {
            note.0.duration_ticks = length_ticks(&value, note.0.start_ticks)?;
            Ok(())
        },
    );
    api.property("end: number", "Where it ends, in beats from the start of the piece.", |note: &mut NoteValue| {
        beats(note.0.start_ticks + note.0.duration_ticks)
    });
    api.variable(
        "pitch: number",
        "0 to 127; C4 is 60. A name such as \"C4\" can be set, too.",
        |note: &mut NoteValue| i64::from(note.touched().pitch),
        |note, value| {
            note.0.pitch = pitch::pitch(&value, "pitch")?;
            Ok(())
        },
    );
    api.variable(
        "velocity: number",
        "How hard it is struck, 1 to 127.",
        |note: &mut NoteValue| i64::from(note.touched().velocity),
        |note, value| {
            note.0.velocity = velocity(&value)?;
            Ok(())
        },
    );
    api.property("name: text", "The name of its pitch: \"Eb4\".", |note: &mut NoteValue| pitch::name(note.0.pitch));
    api.property(
        "chord: Chord",
        "The chord that sounds where it begins.",
        |note: &mut NoteValue| -> Checked<ChordValue> { ChordValue::at(note.0.start_ticks) },
    );
    api.no_others::<NoteValue>();
    api.function(
        "==(one: Note, other: Note) -> bool",
        "Whether two notes are the same.",
        |one: NoteValue, other: NoteValue| one == other,
    );
}

impl NoteValue {
    /// The note, with its bar remembered for errors.
    fn touched(&self) -> &ScoreNote {
        self.place();
        &self.0
    }

    /// Bar and beat, from 1.
    fn place(&self) -> (i64, f64) {
        place(self.0.start_ticks)
    }
}

pub(super) fn place(ticks: u32) -> (i64, f64) {
    let placed = stand::with(|stand| {
        let bar = stand.metre.bar_at(ticks / TICKS_PER_STEP);
        (bar as i64 + 1, 1.0 + beats(ticks - stand.metre.span(bar).start * TICKS_PER_STEP))
    });
    let (bar, beat) = placed.unwrap_or((1, 1.0));
    working::on_bar(bar as u32);
    (bar, beat)
}

pub(super) fn beats(ticks: u32) -> f64 {
    f64::from(ticks) / f64::from(TICKS_PER_QUARTER)
}

pub(super) fn ticks(beats: f64) -> u32 {
    (beats * f64::from(TICKS_PER_QUARTER)).round().max(0.0) as u32
}

/// A place in the piece, in beats from its start.
pub(super) fn ticks_at(at: &Dynamic) -> Checked<u32> {
    let at = number(at, "at")?;
    let end = stand::end_ticks()?;
    if at < 0.0 {
        return Err(format!("at is {at}; a note can't begin before the piece").into());
    }
    let found = ticks(at);
    if found >= end {
        let end = beats(end);
        return Err(format!("at is {at}; the piece ends at beat {end}, a note must begin before").into());
    }
    place(found);
    Ok(found)
}

fn ticks_of(bar: &Dynamic, beat: &Dynamic) -> Checked<u32> {
    let bars = stand::with(|stand| stand.metre.bars())? as i64;
    let bar = whole(bar, "bar", 1, bars)?;
    working::on_bar(bar as u32);
    let span = stand::with(|stand| stand.metre.span(bar as usize - 1))?;
    let in_bar = (span.end - span.start) / 4;
    let beat = within(beat, "beat", 1.0, f64::from(in_bar) + 0.999)?;
    Ok(span.start * TICKS_PER_STEP + ticks(beat - 1.0))
}

/// Cut where the piece ends.
pub(super) fn length_ticks(length: &Dynamic, start_ticks: u32) -> Checked<u32> {
    let beats = number(length, "length")?;
    if beats <= 0.0 {
        return Err(format!("length is {beats}; it must be more than 0").into());
    }
    let left = stand::end_ticks()?.saturating_sub(start_ticks);
    Ok(ticks(beats).max(SHORTEST_TICKS).min(left.max(1)))
}

pub(super) fn velocity(value: &Dynamic) -> Checked<u8> {
    whole(value, "velocity", 1, 127).map(|number| number as u8)
}

fn note(start_ticks: u32, length: &Dynamic, pitch: &Dynamic, strength: &Dynamic) -> Checked<NoteValue> {
    Ok(NoteValue(ScoreNote {
        start_ticks,
        pitch: pitch::pitch(pitch, "pitch")?,
        duration_ticks: length_ticks(length, start_ticks)?,
        velocity: velocity(strength)?,
    }))
}

fn show(note: &NoteValue) -> String {
    let (bar, beat) = note.place();
    let (name, length, velocity) = (pitch::name(note.0.pitch), beats(note.0.duration_ticks), note.0.velocity);
    format!("{name} at bar {bar} beat {beat}, {length} beats, velocity {velocity}")
}

/// What a value is if it is no note.
pub(super) fn no_note(place: usize, value: &Dynamic) -> String {
    format!("element {place} of the list of notes is {}, not a note", super::number::article(value.type_name()))
}
