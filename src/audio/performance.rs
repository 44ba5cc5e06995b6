//! One track as a player plays it: what the synthesizer is told, block by block.
//!
//! The synthesizer acts at block borders only, so every event goes to the nearest one: with 32 frames a block an onset
//! is at most a third of a millisecond off.

use super::clock::Clock;
use crate::artifact::{ScoreNote, ScoreTrack};

/// Frames the synthesizer renders at a time.
pub(crate) const BLOCK: usize = 32;

/// Controller number of the sustain pedal.
const SUSTAIN: u8 = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    NoteOff { pitch: u8 },
    Control { controller: u8, value: u8 },
    NoteOn { pitch: u8, velocity: u8 },
}

impl Event {
    /// Order within a block: releases and controls act before new notes.
    const fn rank(self) -> u8 {
        match self {
            Self::NoteOff { .. } => 0,
            Self::Control { .. } => 1,
            Self::NoteOn { .. } => 2,
        }
    }
}

/// An event and the block that it acts in.
pub(crate) type Timed = (u64, Event);

/// All events of a track in playing order.
pub(crate) fn events(track: &ScoreTrack, clock: &Clock) -> Vec<Timed> {
    let mut events: Vec<Timed> = Vec::with_capacity(2 * track.notes.len() + track.controls.len());
    for note in released_before_struck_again(&track.notes) {
        let start = block_of(clock.frame(note.start_ticks));
        let end = block_of(clock.frame(note.start_ticks.saturating_add(note.duration_ticks))).max(start + 1);
        events.push((start, Event::NoteOn { pitch: note.pitch, velocity: note.velocity.min(127) }));
        events.push((end, Event::NoteOff { pitch: note.pitch }));
    }
    events.extend(controls(track, clock));
    events.sort_by_key(|(block, event)| (*block, event.rank()));
    events
}

/// A key can only be struck again after it came up: overlapping notes of one pitch are cut at the next onset.
fn released_before_struck_again(notes: &[ScoreNote]) -> Vec<ScoreNote> {
    let mut notes: Vec<ScoreNote> =
        notes.iter().copied().filter(|note| note.pitch < 128 && note.velocity > 0).collect();
    notes.sort_by_key(|note| (note.pitch, note.start_ticks, std::cmp::Reverse(note.duration_ticks)));
    notes.dedup_by_key(|note| (note.pitch, note.start_ticks));
    for next in 1..notes.len() {
        let (start, pitch) = (notes[next].start_ticks, notes[next].pitch);
        let note = &mut notes[next - 1];
        if note.pitch == pitch {
            note.duration_ticks = note.duration_ticks.min(start - note.start_ticks);
        }
    }
    notes
}

/// Pedal changes keep their order: the synthesizer reads the pedal once a block, so a pedal that comes up and goes down
/// at one instant needs two blocks, or the old harmony would sound on.
fn controls(track: &ScoreTrack, clock: &Clock) -> Vec<Timed> {
    let mut controls = track.controls.clone();
    controls.sort();
    let mut lifted = None;
    let mut events = Vec::with_capacity(controls.len());
    for control in controls {
        let (controller, value) = (control.controller.min(127), control.value.min(127));
        let mut block = block_of(clock.frame(control.ticks));
        if controller == SUSTAIN && value < 64 {
            lifted = Some(block);
        } else if controller == SUSTAIN && lifted == Some(block) {
            block += 1;
        }
        events.push((block, Event::Control { controller, value }));
    }
    events
}

fn block_of(frame: u64) -> u64 {
    (frame + BLOCK as u64 / 2) / BLOCK as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        artifact::{Control, TempoMark},
        audio::testing::{self, note},
    };

    fn clock() -> Clock {
        Clock::new(&[TempoMark { time: 0.0, bpm: 120.0 }])
    }

    #[test]
    fn a_key_comes_up_before_it_is_struck_again() {
        let track =
            testing::track("piano", 0, vec![note(0, 60, 960, 90), note(480, 60, 480, 80), note(480, 64, 480, 80)]);
        let events = events(&track, &clock());
        let second = block_of(24_000);
        assert_eq!(
            events[1..4],
            [
                (second, Event::NoteOff { pitch: 60 }),
                (second, Event::NoteOn { pitch: 60, velocity: 80 }),
                (second, Event::NoteOn { pitch: 64, velocity: 80 })
            ]
        );
        let ons = events.iter().filter(|(_, event)| matches!(event, Event::NoteOn { .. })).count();
        assert_eq!(ons * 2, events.len(), "each note ends once");
    }

    #[test]
    fn doubled_notes_are_struck_once() {
        let track = testing::track("piano", 0, vec![note(0, 60, 100, 90), note(0, 60, 480, 80)]);
        let events = events(&track, &clock());
        assert_eq!(events.len(), 2);
        assert_eq!(events[1].0, block_of(24_000), "the longer one counts");
    }

    #[test]
    fn a_pedal_change_is_never_lost() {
        let mut track = testing::track("piano", 0, vec![]);
        track.controls = vec![
            Control { ticks: 480, controller: 64, value: 127 },
            Control { ticks: 480, controller: 64, value: 0 },
            Control { ticks: 0, controller: 64, value: 127 },
        ];
        let blocks: Vec<u64> = events(&track, &clock()).iter().map(|(block, _)| *block).collect();
        assert_eq!(blocks, [0, 750, 751]);
    }

    #[test]
    fn onsets_go_to_the_nearest_block() {
        assert_eq!([block_of(15), block_of(16), block_of(47), block_of(48)], [0, 1, 1, 2]);
    }
}
