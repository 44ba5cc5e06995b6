//! The drums: silent in intros, outros and calm sections, brushed to full elsewhere, hats as dense as the bar, fills where
//! a section ends, a soft hit under the last chord.

use rand_chacha::{ChaCha8Rng, rand_core::Rng};

use super::{
    form::{Level, Place},
    groove::Grooves,
    piece::Piece,
};
use crate::{music::Note, seed::Seed};

const KICK: u8 = 36;
const STICK: u8 = 37;
const SNARE: u8 = 38;
const CLOSED_HAT: u8 = 42;
const OPEN_HAT: u8 = 46;
const CRASH: u8 = 49;
const RIDE: u8 = 51;
const LOW_TOM: u8 = 45;
const MID_TOM: u8 = 47;
const HIGH_TOM: u8 = 50;

/// What drums play on a hit.
pub(super) const HIT: [u8; 3] = [KICK, SNARE, CRASH];

/// Accompaniment notes a bar from which hats play eighths, and sixteenths.
const EIGHTHS_FROM: f32 = 7.0;
const SIXTEENTHS_FROM: f32 = 17.0;

/// Drum, step after the second half bar begins, velocity.
type Fill = &'static [(u8, u32, u8)];
const SMALL_FILLS: [Fill; 2] =
    [&[(SNARE, 4, 66), (SNARE, 6, 58), (SNARE, 7, 70)], &[(SNARE, 4, 68), (HIGH_TOM, 6, 64), (LOW_TOM, 7, 68)]];
const LARGE_FILLS: [Fill; 2] = [
    &[(SNARE, 0, 72), (SNARE, 2, 66), (HIGH_TOM, 4, 76), (HIGH_TOM, 5, 70), (MID_TOM, 6, 78), (LOW_TOM, 7, 82)],
    &[(SNARE, 2, 70), (SNARE, 3, 62), (SNARE, 4, 78), (MID_TOM, 5, 72), (LOW_TOM, 6, 80), (LOW_TOM, 7, 74)],
];

pub(super) fn drums(piece: &Piece, grooves: &Grooves, seed: Seed) -> Vec<Note> {
    let mut rng = seed.derive("fills").rng();
    let mut notes = Vec::new();
    for bar in 0..piece.metre.bars() {
        let played = bar_of(piece, grooves, bar, &mut rng);
        let begins = piece.metre.span(bar).start;
        let hit = |(pitch, step, velocity)| Note { start: begins + step, pitch, duration: 1, velocity };
        notes.extend(played.into_iter().map(hit));
    }
    if !notes.is_empty() {
        let start = piece.metre.span(piece.last_bar()).start;
        notes.extend([(KICK, 52), (RIDE, 44)].map(|(pitch, velocity)| Note { start, pitch, duration: 1, velocity }));
    }
    notes.sort_unstable();
    notes.dedup_by_key(|note| (note.start, note.pitch));
    notes
}

fn level(piece: &Piece, bar: usize) -> Level {
    match piece.shapes.get(bar) {
        Some(shape) if shape.place == Place::Middle && bar != piece.last_bar() => shape.level,
        _ => Level::Calm,
    }
}

/// Drum, step in the bar, velocity.
fn bar_of(piece: &Piece, grooves: &Grooves, bar: usize, rng: &mut ChaCha8Rng) -> Vec<(u8, u32, u8)> {
    let level = level(piece, bar);
    let Some(groove) = grooves.at(level) else { return farewell(piece, bar) };
    let length = piece.metre.span(bar).len() as u32;
    let snare = if level == Level::Light { (STICK, 54) } else { (SNARE, 76) };
    let mut hits: Vec<(u8, u32, u8)> = groove.kick.iter().map(|step| (KICK, *step, kick_velocity(*step))).collect();
    hits.extend(groove.snare.iter().map(|step| (snare.0, *step, snare.1)));
    hits.extend(hats(level, piece.conditions[bar].density * 16.0 / length.max(1) as f32));
    hits.retain(|hit| hit.1 < length);
    if piece.shapes[bar].opens && level >= Level::Moving {
        hits.retain(|hit| hit.0 != CLOSED_HAT || hit.1 != 0);
        hits.push((CRASH, 0, if level == Level::Full { 72 } else { 58 }));
    }
    let goes_on = self::level(piece, bar + 1) > Level::Calm;
    if piece.shapes[bar].closes && goes_on && level >= Level::Moving && length >= 16 {
        fill(&mut hits, if level == Level::Full { &LARGE_FILLS } else { &SMALL_FILLS }, rng);
    }
    hits
}

fn kick_velocity(step: u32) -> u8 {
    if step.is_multiple_of(8) { 82 } else { 70 }
}

fn hats(level: Level, density: f32) -> Vec<(u8, u32, u8)> {
    let every = match level {
        Level::Full if density >= SIXTEENTHS_FROM => 1,
        Level::Light => 4,
        _ if density >= EIGHTHS_FROM => 2,
        _ => 4,
    };
    let velocity = |step: u32| match step % 4 {
        0 => 52,
        2 => 42,
        _ => 30,
    };
    let mut hats: Vec<(u8, u32, u8)> = (0..16).step_by(every).map(|step| (CLOSED_HAT, step, velocity(step))).collect();
    if level == Level::Full && every == 2 {
        hats.retain(|hat| hat.1 != 14);
        hats.push((OPEN_HAT, 14, 46));
    }
    hats
}

/// The second half of the bar is the fill's alone, but for the kick.
fn fill(hits: &mut Vec<(u8, u32, u8)>, fills: &[Fill], rng: &mut ChaCha8Rng) {
    let fill = fills[rng.next_u32() as usize % fills.len()];
    let begins = 8 + fill.first().map_or(0, |hit| hit.1);
    hits.retain(|hit| hit.1 < begins || hit.0 == KICK);
    hits.extend(fill.iter().map(|(drum, step, velocity)| (*drum, 8 + step, *velocity)));
}

/// The first bar without drums after bars with them: one hit to leave on.
fn farewell(piece: &Piece, bar: usize) -> Vec<(u8, u32, u8)> {
    let before = bar.checked_sub(1).map_or(Level::Calm, |before| level(piece, before));
    if before >= Level::Moving && bar != piece.last_bar() { vec![(KICK, 0, 66), (CRASH, 0, 52)] } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrange::testing::Example;

    fn played(example: &Example) -> Vec<Note> {
        drums(&example.piece(), &Grooves::choose(Seed::master(1)), Seed::master(1))
    }

    fn in_bar(notes: &[Note], bar: u32) -> Vec<u8> {
        notes.iter().filter(|note| note.start / 16 == bar).map(|note| note.pitch).collect()
    }

    #[test]
    fn calm_pieces_have_no_drums() {
        let mut example = Example::plain(12);
        example.energy(-0.9, 4.0);
        assert!(played(&example).is_empty());
    }

    #[test]
    fn they_play_between_intro_and_outro_and_end_softly() {
        let mut example = Example::plain(16);
        example.sections(&[("intro", 4), ("a", 4), ("b", 4), ("outro", 4)]);
        example.energy(0.3, 14.0);
        let notes = played(&example);
        assert!(notes[0].start == 64 && in_bar(&notes, 4).contains(&CRASH));
        assert!(in_bar(&notes, 7).iter().any(|drum| [LOW_TOM, MID_TOM, HIGH_TOM, SNARE].contains(drum)));
        assert_eq!(in_bar(&notes, 12), [KICK, CRASH], "a last hit where the outro begins");
        assert!((13..15).all(|bar| in_bar(&notes, bar).is_empty()));
        let last: Vec<&Note> = notes.iter().filter(|note| note.start == 240).collect();
        assert!(!last.is_empty() && last.iter().all(|note| note.velocity <= 55));
    }

    #[test]
    fn hats_follow_density() {
        let count = |density| {
            let mut example = Example::plain(8);
            example.energy(0.9, density);
            in_bar(&played(&example), 2).iter().filter(|drum| [CLOSED_HAT, OPEN_HAT].contains(drum)).count()
        };
        assert_eq!((count(5.0), count(12.0), count(20.0)), (4, 8, 16));
    }

    #[test]
    fn a_short_bar_has_half_a_groove() {
        let mut example = Example::bars(&[4, 4, 2, 4, 4]);
        example.energy(0.8, 20.0);
        let notes = played(&example);
        let short: Vec<u32> = notes.iter().map(|note| note.start).filter(|step| (32..40).contains(step)).collect();
        assert!(!short.is_empty());
        assert!(notes.iter().any(|note| note.start == 40 && note.pitch == KICK));
    }
}
