//! Sections that are composed anew while everything around them stays, note for note: `"b:2"` is the second roll of section b.

use std::ops::Range;

use crate::{
    artifact::{CuePlan, Rolled},
    error::StageError,
    model::{Piece, find_section},
    music::Note,
};

/// Reads `"b:2, 5:1"`: sections by name or number, each with the number of its roll.
pub(super) fn parse(text: &str, plan: &CuePlan) -> Result<Vec<Rolled>, StageError> {
    let roll = |written: &str| {
        let (name, number) = written.rsplit_once(':').unwrap_or((written, "1"));
        let number = number.trim().parse::<u32>().ok().filter(|number| *number > 0).ok_or_else(|| {
            StageError::usage(format!(
                "reroll: \"{written}\" has no roll; write a section and a number from 1 on, as in \"b:2\""
            ))
        })?;
        let bars =
            find_section(&plan.sections, name.trim()).map_err(|error| StageError::usage(format!("reroll: {error}")))?;
        Ok(Rolled { first_bar: bars.start, bars: bars.len(), number })
    };
    text.split(',').map(str::trim).filter(|written| !written.is_empty()).map(roll).collect()
}

pub(super) fn bars(roll: Rolled) -> Range<usize> {
    roll.first_bar..roll.first_bar + roll.bars
}

/// The take as it was, with the notes that begin in `bars` from a new one. Kept notes stay as they are: new ones give way.
pub(super) fn graft(piece: &Piece, bars: &Range<usize>, kept: &[Note], new: &[Note], is_one_voice: bool) -> Vec<Note> {
    let start = |bar: usize| piece.bars.get(bar).map_or_else(|| piece.end_step(), |bar| bar.first_step);
    let steps = start(bars.start)..start(bars.end);
    let (before, after): (Vec<Note>, Vec<Note>) =
        kept.iter().filter(|note| !steps.contains(&note.start)).partition(|note| note.start < steps.start);
    let same_voice = |one: &Note, other: &Note| is_one_voice || one.pitch == other.pitch;
    let is_free = |note: &&Note| {
        let sounds = |kept: &Note| same_voice(kept, note) && kept.start + u32::from(kept.duration) > note.start;
        !before.iter().any(sounds)
    };
    let fitted = |note: &Note| {
        let next = after.iter().find(|kept| same_voice(kept, note)).map_or(u32::MAX, |kept| kept.start);
        Note { duration: u32::from(note.duration).min(next - note.start) as u16, ..*note }
    };
    let inside = new.iter().filter(|note| steps.contains(&note.start)).filter(is_free).map(fitted);
    before.iter().copied().chain(inside).chain(after.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        artifact::{BarConditions, Conditions, Section, TempoMark},
        music::Mode,
    };

    fn plan() -> CuePlan {
        let section = |name: &str, first_bar| Section { name: name.to_owned(), first_bar, bars: 2 };
        CuePlan {
            key: Mode::Major.neutral_key(),
            tempo_map: vec![TempoMark { time: 0.0, bpm: 120.0 }],
            bars: (0..6).map(|bar| crate::artifact::Bar { start: 2.0 * f64::from(bar), beats: 4 }).collect(),
            sections: vec![section("a", 0), section("b", 2), section("a'", 4)],
            end_seconds: 12.0,
            cuts: vec![],
            hits: vec![],
            notes: vec![],
        }
    }

    fn piece() -> Piece {
        let row = BarConditions {
            valence: 0.0,
            arousal: 0.0,
            density: 8.0,
            dynamics: 70.0,
            register: 57.0,
            melody_density: 4.0,
        };
        Piece::of_plan(&plan(), &Conditions { bars: vec![row; 6], melody: true, picture: vec![], notes: vec![] })
    }

    fn note(start: u32, pitch: u8, duration: u16) -> Note {
        Note { start, pitch, duration, velocity: 68 }
    }

    #[test]
    fn rolls_are_read_in_their_order() {
        let roll = |first_bar, number| Rolled { first_bar, bars: 2, number };
        assert_eq!(parse("b:2", &plan()).unwrap(), [roll(2, 2)]);
        assert_eq!(parse(" 3:1,B ", &plan()).unwrap(), [roll(4, 1), roll(2, 1)]);
        assert_eq!(parse("", &plan()).unwrap(), []);
        insta::assert_snapshot!(parse("b:0", &plan()).unwrap_err(), @r#"reroll: "b:0" has no roll; write a section and a number from 1 on, as in "b:2""#);
        insta::assert_snapshot!(parse("verse:1", &plan()).unwrap_err(), @r#"reroll: the plan has no section "verse"; it has 1 a, 2 b, 3 a'; give a number or a name of these"#);
    }

    #[test]
    fn what_is_kept_stays_and_what_is_new_gives_way() {
        let kept = [note(0, 60, 40), note(4, 64, 4), note(33, 70, 4), note(64, 60, 4), note(66, 72, 4)];
        let new = [note(0, 50, 4), note(34, 60, 4), note(36, 62, 4), note(60, 60, 8), note(61, 65, 9)];
        let chordal = graft(&piece(), &(2..4), &kept, &new, false);
        assert_eq!(
            chordal,
            [kept[0], kept[1], note(36, 62, 4), note(60, 60, 4), note(61, 65, 9), kept[3], kept[4]],
            "60 still sounds at 34, and begins again at 64"
        );
        let voice = graft(&piece(), &(2..4), &[note(28, 60, 7), note(64, 60, 4)], &new, true);
        assert_eq!(voice[..2], [note(28, 60, 7), note(36, 62, 4)]);
        assert!(voice.iter().filter(|note| note.start < 64).all(|note| note.start + u32::from(note.duration) <= 64));
    }
}
