//! What theory and the grid forbid, whatever a model thinks: notes before the last one or past the end, pitches out of
//! range, a melody that overlaps itself, more notes at once than two hands hold, an ending off the last chord.

use super::{
    Part,
    note_network::longest,
    piece::Piece,
    token::{END, LOWEST_PITCH, PITCHES, REST, REST_STEPS, Token},
};
use crate::music::{Chord, Note};

/// Notes that may begin together in the accompaniment.
const HANDFUL: usize = 8;
/// Lowest and highest pitch of a melody: what is sung, whistled or played as one.
const MELODY_RANGE: std::ops::RangeInclusive<u8> = 48..=96;

/// One voice on its way to the end of the piece.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    part: Part,
    end: u32,
    /// From here on only tones of the last chord sound.
    closing: u32,
    last_chord: Chord,
    at: u32,
    /// Pitches that began at `at`, rising.
    now: Vec<u8>,
    /// Where the last note ends.
    busy_until: u32,
    done: bool,
}

impl Rules {
    pub(super) fn new(part: Part, piece: &Piece) -> Self {
        let closing = piece.bars.last().map_or(0, |bar| bar.first_step);
        let last_chord = piece.chords.last().copied().unwrap_or(Chord::None);
        let end = piece.end_step();
        Self { part, end, closing, last_chord, at: 0, now: vec![], busy_until: 0, done: end == 0 }
    }

    /// For a row without a piece: done before it begins.
    pub(super) fn none(part: Part) -> Self {
        let last_chord = Chord::None;
        Self { part, end: 0, closing: 0, last_chord, at: 0, now: vec![], busy_until: 0, done: true }
    }

    pub(super) fn at(&self) -> u32 {
        self.at
    }

    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    pub(super) fn allows_step(&self, step: u16) -> bool {
        match step {
            REST => self.at + REST_STEPS < self.end,
            END => self.may_end(),
            0 => self.may_join(),
            step => {
                let start = self.at + u32::from(step);
                start < self.end && (self.part == Part::Accompaniment || start >= self.busy_until)
            }
        }
    }

    /// Pitches (as tokens say them) of a note that begins `step` later.
    pub(super) fn allows_pitch(&self, step: u16, pitch: usize) -> bool {
        let start = self.at + u32::from(step);
        let above = if step == 0 { self.now.last().copied() } else { None };
        self.in_range(start, pitch) && above.is_none_or(|last| LOWEST_PITCH + pitch as u8 > last)
    }

    /// Durations (less one) of a note that begins `step` later.
    pub(super) fn allows_duration(&self, step: u16, duration: usize) -> bool {
        let end = self.at + u32::from(step) + duration as u32 + 1;
        end <= self.end && duration < usize::from(longest(self.part))
    }

    /// Goes on to a token that was chosen.
    pub(super) fn follow(&mut self, token: Token) -> Option<Note> {
        self.done = token.step == END;
        if token.distance() > 0 {
            self.now.clear();
        }
        self.at += token.distance();
        let note = token.is_note().then(|| token.note(self.at))?;
        self.now.push(note.pitch);
        self.busy_until = self.at + u32::from(note.duration);
        Some(note)
    }

    /// The accompaniment sounds in the last bar; a melody may come to rest two bars before the end.
    fn may_end(&self) -> bool {
        let sounding = !self.now.is_empty() || self.busy_until > 0;
        match self.part {
            Part::Melody => self.at + REST_STEPS >= self.end,
            _ => sounding && self.at >= self.closing,
        }
    }

    /// Whether one more note may begin where the last one did.
    fn may_join(&self) -> bool {
        let room = match self.part {
            Part::Melody => self.now.is_empty() && self.at >= self.busy_until,
            _ => self.now.len() < HANDFUL,
        };
        room && (0..PITCHES).any(|pitch| self.allows_pitch(0, pitch))
    }

    fn in_range(&self, start: u32, pitch: usize) -> bool {
        let pitch = LOWEST_PITCH + pitch as u8;
        let closes = start < self.closing || self.last_chord == Chord::None || self.last_chord.contains(pitch);
        closes && (self.part == Part::Accompaniment || MELODY_RANGE.contains(&pitch))
    }
}

/// A pitch that begins again while it sounds ends where it begins again.
pub(super) fn untangle(notes: &mut [Note]) {
    let mut sounding: [Option<usize>; 128] = [None; 128];
    for index in 0..notes.len() {
        let Note { start, pitch, .. } = notes[index];
        if let Some(before) = sounding[usize::from(pitch)].replace(index) {
            let room = (start - notes[before].start).max(1) as u16;
            notes[before].duration = notes[before].duration.min(room);
        }
    }
}
