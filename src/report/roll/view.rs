//! What a piano roll shows: notes as blocks in seconds and rows, bars, sections, chord names, cuts.

use std::collections::BTreeSet;

use crate::{
    artifact::{Chords, CuePlan, Role, Score, ScoreTrack},
    audio::clock::Clock,
    music::{Chord, Key, pitch},
};

/// Rows shown at least, so that a drone does not become a wall.
const LEAST_ROWS: i32 = 24;

#[derive(Debug, PartialEq)]
pub(crate) struct Roll {
    pub(super) title: String,
    pub(super) end_seconds: f64,
    pub(super) parts: Vec<Part>,
    pub(super) downbeats: Vec<f64>,
    /// Start, end, name.
    pub(super) sections: Vec<(f64, f64, String)>,
    /// Where a chord begins, and its name in the key that is heard.
    pub(super) chords: Vec<(f64, String)>,
    pub(super) cuts: Vec<f64>,
    /// MIDI numbers shown, lowest and highest.
    pub(super) pitches: (i32, i32),
    /// Rows of drums below the pitches.
    pub(super) drum_rows: i32,
}

#[derive(Debug, PartialEq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) blocks: Vec<Block>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Block {
    pub(super) from: f64,
    pub(super) to: f64,
    /// A MIDI number; drums count down from the lowest pitch.
    pub(super) row: i32,
    pub(super) velocity: u8,
}

impl Roll {
    /// `take` counts from 1.
    pub(crate) fn new(plan: &CuePlan, chords: &Chords, score: &Score, take: usize) -> Self {
        let pitches = pitch_span(score);
        let drums: Vec<u8> = drum_kinds(score);
        let clock = Clock::new(&score.tempo_map);
        let chords = take.checked_sub(1).and_then(|take| chords.takes.get(take)).map_or(&[][..], Vec::as_slice);
        Self {
            title: title(plan),
            end_seconds: plan.end_seconds.max(score.end_seconds),
            parts: score.tracks.iter().map(|track| part(track, &clock, pitches.0, &drums)).collect(),
            downbeats: plan.bars.iter().map(|bar| bar.start).collect(),
            sections: sections(plan),
            chords: chord_names(plan, chords),
            cuts: plan.cuts.iter().map(|cut| cut.time).collect(),
            pitches,
            drum_rows: drums.len() as i32,
        }
    }
}

fn title(plan: &CuePlan) -> String {
    let tempo = plan.tempo_text();
    format!("{}, {tempo} beats a minute, {} bars, {:.2} s", plan.key, plan.bars.len(), plan.end_seconds)
}

/// Whole octaves around what is played.
fn pitch_span(score: &Score) -> (i32, i32) {
    let pitched = score.tracks.iter().filter(|track| track.role != Role::Drums);
    let pitches = pitched.flat_map(|track| &track.notes).map(|note| i32::from(note.pitch));
    let (low, high) = pitches.fold((i32::MAX, i32::MIN), |(low, high), pitch| (low.min(pitch), high.max(pitch)));
    if low > high {
        return (60, 60 + LEAST_ROWS);
    }
    let low = low / 12 * 12;
    (low, (high / 12 * 12 + 11).max(low + LEAST_ROWS))
}

fn drum_kinds(score: &Score) -> Vec<u8> {
    let drums = score.tracks.iter().filter(|track| track.role == Role::Drums);
    let kinds: BTreeSet<u8> = drums.flat_map(|track| &track.notes).map(|note| note.pitch).collect();
    kinds.into_iter().rev().collect()
}

fn part(track: &ScoreTrack, clock: &Clock, lowest: i32, drums: &[u8]) -> Part {
    let row = |pitch: u8| match track.role {
        // High drums above low ones, as pitches are.
        Role::Drums => lowest - 2 - drums.iter().position(|kind| *kind == pitch).unwrap_or(0) as i32,
        _ => i32::from(pitch),
    };
    let blocks = track.notes.iter().map(|note| Block {
        from: clock.seconds(note.start_ticks),
        to: clock.seconds(note.start_ticks.saturating_add(note.duration_ticks)),
        row: row(note.pitch),
        velocity: note.velocity,
    });
    Part { name: track.name.clone(), role: track.role, blocks: blocks.collect() }
}

fn sections(plan: &CuePlan) -> Vec<(f64, f64, String)> {
    let start = |bar: usize| plan.bars.get(bar).map_or(plan.end_seconds, |bar| bar.start);
    let span = |section: &crate::artifact::Section| {
        (start(section.first_bar), start(section.first_bar + section.bars), section.name.clone())
    };
    plan.sections.iter().map(span).collect()
}

/// Where the chord changes; a bar of four beats holds two, a shorter one holds one.
fn chord_names(plan: &CuePlan, chords: &[Chord]) -> Vec<(f64, String)> {
    let slots = slots(plan).into_iter().zip(chords);
    let mut last = None;
    let changes = slots.filter(|(_, chord)| last.replace(**chord) != Some(**chord));
    changes.map(|(time, chord)| (time, chord_name(*chord, plan.key))).collect()
}

fn slots(plan: &CuePlan) -> Vec<f64> {
    let ends = plan.bars.iter().skip(1).map(|bar| bar.start).chain([plan.end_seconds]);
    let halves = plan.bars.iter().zip(ends).flat_map(|(bar, end)| {
        let middle = (bar.beats >= 4).then_some(f64::midpoint(bar.start, end));
        [Some(bar.start), middle]
    });
    halves.flatten().collect()
}

/// The name of a chord of C major or A minor in the key that is heard, spelled as that key spells it.
fn chord_name(chord: Chord, key: Key) -> String {
    let heard = chord.transposed(-key.shift_to_neutral());
    let Some(root) = heard.root() else { return heard.to_string() };
    let text = heard.to_string();
    format!("{}{}", key.spell(root), text.strip_prefix(pitch::name(root)).unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        metric::example::{plan, score},
        music::{Mode, Quality},
    };

    fn chord(text: &str) -> Chord {
        text.parse().unwrap()
    }

    #[test]
    fn notes_lie_where_they_are_heard() {
        let roll = Roll::new(&plan(), &Chords { takes: vec![], notes: vec![] }, &score(), 1);
        let first = roll.parts[0].blocks[1];
        assert!((first.from - 0.625).abs() < 1e-9 && (first.to - (0.625 + 400.0 / 480.0 * 0.625)).abs() < 1e-9);
        assert_eq!(roll.pitches, (36, 83));
        assert_eq!((roll.downbeats.len(), roll.cuts.len(), roll.sections.len()), (8, 2, 3));
        assert_eq!(roll.sections[1], (5.0, 15.0, "a".to_owned()));
        assert!(roll.chords.is_empty());
    }

    #[test]
    fn drums_have_rows_of_their_own_below() {
        let roll = Roll::new(&plan(), &Chords { takes: vec![], notes: vec![] }, &score(), 1);
        let drums = roll.parts.iter().find(|part| part.role == Role::Drums).unwrap();
        assert_eq!(roll.drum_rows, 2);
        assert_eq!((drums.blocks[0].row, drums.blocks[1].row), (33, 34));
    }

    #[test]
    fn chords_are_named_once_and_in_the_key_that_is_heard() {
        let take = vec![chord("C"), chord("C"), chord("F"), chord("G7"), chord("Am")];
        let roll = Roll::new(&plan(), &Chords { takes: vec![vec![], take], notes: vec![] }, &score(), 2);
        let names: Vec<&str> = roll.chords.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["G", "C", "D7", "Em"]);
        assert!((roll.chords[1].0 - 2.5).abs() < 1e-9 && (roll.chords[2].0 - 3.75).abs() < 1e-9);
    }

    #[test]
    fn a_short_bar_holds_one_chord() {
        let mut plan = plan();
        plan.bars[1].beats = 2;
        assert_eq!(slots(&plan)[..5], [0.0, 1.25, 2.5, 5.0, 6.25]);
    }

    #[test]
    fn names_are_spelled_as_the_key_is() {
        let key = Key::new(3, Mode::Major);
        assert_eq!(chord_name(chord("F"), key), "Ab");
        assert_eq!(chord_name(Chord::new(9, Quality::MinorSeventh), key), "Cm7");
        assert_eq!(chord_name(Chord::None, key), "N");
    }

    #[test]
    fn silence_still_has_rows() {
        let mut score = score();
        score.tracks.clear();
        assert_eq!(Roll::new(&plan(), &Chords { takes: vec![], notes: vec![] }, &score, 1).pitches, (60, 84));
    }
}
