//! One take in the key that is heard, cut to the plan, closed on the tonic: what all instruments read.

use super::{
    ArrangeError, ending,
    form::{self, BarShape},
    harmony::{ChordSpan, Harmony},
};
use crate::{
    artifact::{BarConditions, Chords, Conditions, CuePlan, Notes},
    music::{Chord, Key, Metre, Note},
};

/// How far bars stand out by their excitement from the piece's mean: players overdo differences, since listeners measure a bar by
/// those around it.
const CONTRAST: f32 = 2.5;
/// How much more detached the gladdest bar is played, and how much more bound the saddest (Juslin 2000: happiness is staccato).
const LIGHTNESS: f32 = 0.8;

/// What `arrange.style` is given, and which of its takes to arrange, counted from 1.
pub(crate) struct Take<'a> {
    pub(crate) plan: &'a CuePlan,
    pub(crate) conditions: &'a Conditions,
    pub(crate) chords: &'a Chords,
    pub(crate) melody: &'a Notes,
    pub(crate) accompaniment: &'a Notes,
    pub(crate) number: usize,
}

#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) key: Key,
    pub(crate) metre: Metre,
    pub(super) harmony: Harmony,
    pub(crate) shapes: Vec<BarShape>,
    pub(crate) conditions: Vec<BarConditions>,
    /// One voice.
    pub(crate) melody: Vec<Note>,
    pub(crate) accompaniment: Vec<Note>,
    moods: Vec<PlayedMood>,
    /// The melody's pitch at each step.
    line: Vec<Option<u8>>,
}

/// How excited and how crisp a bar is played, each -1..1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PlayedMood {
    pub(super) excitement: f32,
    /// Excited and glad bars are detached and marked, calm and sad ones bound.
    pub(super) crispness: f32,
}

/// Means over the whole piece, -1..1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mood {
    pub(crate) valence: f32,
    pub(crate) arousal: f32,
}

impl Piece {
    pub(crate) fn new(take: &Take) -> Result<Self, ArrangeError> {
        let Take { plan, conditions, .. } = take;
        let metre = Metre::new(plan.bars.iter().map(|bar| bar.beats));
        if metre.end() == 0 {
            return Err(ArrangeError::NoBars);
        }
        if conditions.bars.len() != plan.bars.len() {
            return Err(ArrangeError::Rows { bars: plan.bars.len(), rows: conditions.bars.len() });
        }
        let shift = -plan.key.shift_to_neutral();
        let chords = choose(&take.chords.takes, take.number, "chords")?;
        let chords: Vec<Chord> = chords.iter().map(|chord| chord.transposed(shift)).collect();
        let melody = if conditions.melody {
            one_voice(&heard(choose(&take.melody.takes, take.number, "melody")?, shift, metre.end()))
        } else {
            Vec::new()
        };
        let accompaniment = heard(choose(&take.accompaniment.takes, take.number, "accompaniment")?, shift, metre.end());
        let mut piece = Self {
            key: plan.key,
            harmony: Harmony::new(chords, &metre),
            shapes: form::shapes(&plan.sections, &conditions.bars, &metre),
            conditions: conditions.bars.clone(),
            moods: Vec::new(),
            line: Vec::new(),
            metre,
            melody,
            accompaniment,
        };
        ending::close(&mut piece);
        piece.moods = piece.played_moods();
        piece.line = line(&piece.melody, piece.metre.end());
        Ok(piece)
    }

    pub(crate) fn mood(&self) -> Mood {
        let mean = |value: fn(&BarConditions) -> f32| {
            self.conditions.iter().map(value).sum::<f32>() / self.conditions.len() as f32
        };
        Mood { valence: mean(|bar| bar.valence), arousal: mean(|bar| bar.arousal) }
    }

    /// The chords in order, none over a bar line.
    pub(crate) fn chord_spans(&self) -> Vec<ChordSpan> {
        self.harmony.spans_by_bar(&self.metre)
    }

    pub(crate) fn chord_at(&self, step: u32) -> Chord {
        self.harmony.at(step)
    }

    /// The chord that sounds at a step, as far as it sounds in that bar.
    pub(crate) fn chord_span(&self, step: u32) -> ChordSpan {
        let holds = |span: &ChordSpan| span.steps.contains(&step);
        let none = || ChordSpan { steps: step..step, chord: Chord::None };
        self.chord_spans().into_iter().find(holds).unwrap_or_else(none)
    }

    pub(super) fn played_mood(&self, bar: usize) -> PlayedMood {
        self.moods[bar]
    }

    fn played_moods(&self) -> Vec<PlayedMood> {
        let mean = self.mood().arousal;
        let played = |bar: &BarConditions| {
            let excitement = (mean + CONTRAST * (bar.arousal - mean)).clamp(-1.0, 1.0);
            let crispness = (excitement + LIGHTNESS * bar.valence).clamp(-1.0, 1.0);
            PlayedMood { excitement, crispness }
        };
        self.conditions.iter().map(played).collect()
    }

    pub(super) fn last_bar(&self) -> usize {
        self.metre.bars() - 1
    }

    /// Steps from `start` on over which the melody sounds a semitone (or a seventh, or a ninth) from `pitch`.
    pub(crate) fn rub(&self, pitch: u8, start: u32, steps: u32) -> u32 {
        let span = self.line.iter().skip(start as usize).take(steps as usize);
        span.flatten().filter(|tone| matches!((**tone + 120 - pitch) % 12, 1 | 11)).count() as u32
    }
}

fn choose<'a, T>(takes: &'a [Vec<T>], take: usize, part: &'static str) -> Result<&'a [T], ArrangeError> {
    let chosen = take.checked_sub(1).and_then(|index| takes.get(index));
    chosen.map(Vec::as_slice).ok_or(ArrangeError::NoTake { part, take, takes: takes.len() })
}

/// Notes in the heard key, inside the piece, in order.
fn heard(notes: &[Note], shift: i32, end: u32) -> Vec<Note> {
    let inside = notes.iter().filter(|note| note.start < end && note.duration > 0);
    let mut notes: Vec<Note> = inside
        .map(|note| Note {
            pitch: (i32::from(note.pitch) + shift).clamp(0, 127) as u8,
            duration: u32::from(note.duration).min(end - note.start) as u16,
            velocity: note.velocity.clamp(1, 127),
            ..*note
        })
        .collect();
    notes.sort_unstable();
    notes
}

/// The highest note of each onset, each ending where the next begins.
fn one_voice(notes: &[Note]) -> Vec<Note> {
    let mut voice: Vec<Note> = Vec::new();
    for note in notes {
        match voice.last_mut() {
            Some(last) if last.start == note.start => *last = *note,
            Some(last) => {
                last.duration = u32::from(last.duration).min(note.start - last.start) as u16;
                voice.push(*note);
            }
            None => voice.push(*note),
        }
    }
    voice
}

fn line(melody: &[Note], end: u32) -> Vec<Option<u8>> {
    let mut line = vec![None; end as usize];
    for note in melody {
        let until = (note.start + u32::from(note.duration)).min(end);
        line[note.start as usize..until as usize].fill(Some(note.pitch));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrange::testing::{Example, note};

    #[test]
    fn notes_and_chords_come_into_the_heard_key_by_the_shorter_way() {
        let mut example = Example::plain(4);
        for (key, shift) in [("C", 0), ("F#", -6), ("F", 5), ("G", -5), ("Bb", -2)] {
            example.plan.key = key.parse().unwrap();
            let piece = example.piece();
            assert_eq!(i32::from(piece.melody[0].pitch) - i32::from(example.melody.takes[0][0].pitch), shift, "{key}");
            assert_eq!(piece.harmony.at(0).root(), Some(example.plan.key.tonic), "{key}");
        }
    }

    #[test]
    fn a_take_that_is_not_there_is_said() {
        let mut example = Example::plain(4);
        example.take = 2;
        assert_eq!(Piece::new(&example.take()).err(), Some(ArrangeError::NoTake { part: "chords", take: 2, takes: 1 }));
        example.take = 0;
        assert!(Piece::new(&example.take()).is_err());
    }

    #[test]
    fn rows_must_fit_the_plan() {
        let mut example = Example::plain(4);
        example.conditions.bars.pop();
        assert_eq!(Piece::new(&example.take()).err(), Some(ArrangeError::Rows { bars: 4, rows: 3 }));
        example.plan.bars.clear();
        assert_eq!(Piece::new(&example.take()).err(), Some(ArrangeError::NoBars));
    }

    #[test]
    fn bars_are_played_more_apart_than_they_are_asked_for() {
        let mut example = Example::plain(4);
        let mut excitement = |asked: [f32; 4]| {
            example.conditions.bars.iter_mut().zip(asked).for_each(|(bar, arousal)| bar.arousal = arousal);
            example.piece().moods.into_iter().map(|mood| mood.excitement).collect::<Vec<f32>>()
        };
        let near = |found: &[f32], expected: [f32; 4]| found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(near(&excitement([0.2; 4]), [0.2; 4]), "a steady piece is as excited as asked");
        assert!(near(&excitement([0.1, 0.2, 0.4, 0.5]), [-0.2, 0.05, 0.55, 0.8]));
        assert!(near(&excitement([-1.0, -1.0, 1.0, 1.0]), [-1.0, -1.0, 1.0, 1.0]));
    }

    #[test]
    fn glad_bars_are_crisper_than_sad_ones_and_as_excited() {
        let mut example = Example::plain(4);
        example.conditions.bars.iter_mut().zip([-0.5, -0.5, 0.5, 0.5]).for_each(|(bar, valence)| bar.valence = valence);
        let piece = example.piece();
        let (sad, glad) = (piece.played_mood(0), piece.played_mood(3));
        assert!(glad.crispness > sad.crispness + 0.7 && (glad.excitement - sad.excitement).abs() < 1e-6);
        let excited = example.conditions.bars.iter_mut().zip([-1.0, -1.0, 1.0, 1.0]);
        excited.for_each(|(bar, arousal)| (bar.arousal, bar.valence) = (arousal, -0.5));
        let sad_and_excited = example.piece().played_mood(3);
        assert!((sad_and_excited.crispness - 0.6).abs() < 1e-6, "gladness tells however excited: {sad_and_excited:?}");
    }

    #[test]
    fn a_melody_is_one_voice() {
        let voice = one_voice(&[note(0, 60, 8), note(4, 62, 4), note(4, 65, 2), note(20, 60, 1)]);
        assert_eq!(voice, [note(0, 60, 4), note(4, 65, 2), note(20, 60, 1)]);
    }

    #[test]
    fn rubbing_is_counted_in_steps() {
        let mut example = Example::plain(4);
        example.melody.takes[0] = vec![note(0, 65, 6), note(8, 71, 2)];
        let piece = example.piece();
        assert_eq!(piece.rub(40, 0, 16), 6, "F over E");
        assert_eq!(piece.rub(36, 4, 16), 2, "B over C");
        assert_eq!(piece.rub(43, 0, 16), 0);
    }
}
