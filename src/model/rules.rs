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
    /// Where the last note begins and ends.
    last_start: Option<u32>,
    last_pitch: Option<u8>,
    busy_until: u32,
    done: bool,
}

impl Rules {
    pub(super) fn new(part: Part, piece: &Piece) -> Self {
        let closing = piece.bars.last().map_or(0, |bar| bar.first_step);
        let last_chord = piece.chords.last().copied().unwrap_or(Chord::None);
        let end = piece.end_step();
        Self { part, end, closing, last_chord, done: end == 0, ..Self::none(part) }
    }

    /// For a row without a piece: done before it begins.
    pub(super) fn none(part: Part) -> Self {
        Self {
            part,
            end: 0,
            closing: 0,
            last_chord: Chord::None,
            at: 0,
            now: vec![],
            last_start: None,
            last_pitch: None,
            busy_until: 0,
            done: true,
        }
    }

    pub(super) fn at(&self) -> u32 {
        self.at
    }

    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    pub(super) fn allows_step(&self, step: u16) -> bool {
        match step {
            REST => {
                self.at + REST_STEPS < self.end && (self.part == Part::Melody || self.at + REST_STEPS < self.closing)
            }
            END => self.may_end(),
            0 => self.may_join(),
            step => {
                let start = self.at + u32::from(step);
                match self.part {
                    Part::Melody => start < self.end && start >= self.busy_until,
                    _ => start < self.end && (start <= self.closing || self.last_start >= Some(self.closing)),
                }
            }
        }
    }

    /// Pitches (as tokens say them) of a note that begins `step` later.
    pub(super) fn allows_pitch(&self, step: u16, pitch: usize) -> bool {
        let start = self.at + u32::from(step);
        let above = if step == 0 { self.now.last().copied() } else { None };
        self.in_range_from(start, pitch) && above.is_none_or(|last| LOWEST_PITCH + pitch as u8 > last)
    }

    /// Durations (less one) of a note of this pitch that begins `step` later. What is no tone of the last chord does not reach
    /// into it.
    pub(super) fn allows_duration(&self, step: u16, pitch: u16, duration: usize) -> bool {
        let start = self.at + u32::from(step);
        let end = start + duration as u32 + 1;
        let latest = if self.in_range_from(self.closing, pitch.into()) { self.end } else { self.closing };
        end <= latest && duration < usize::from(longest(self.part))
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
        self.last_start = Some(note.start);
        self.last_pitch = Some(note.pitch);
        self.busy_until = note.start + u32::from(note.duration);
        Some(note)
    }

    /// The accompaniment sounds in the last bar, from its downbeat on; a melody may come to rest two bars before the end, on a
    /// tone of the last chord.
    fn may_end(&self) -> bool {
        match self.part {
            Part::Melody => self.at + REST_STEPS >= self.end && self.rests(),
            _ => self.last_start.is_some_and(|start| start >= self.closing),
        }
    }

    /// Whether the melody has come to a tone that it may stay on, or has said nothing.
    fn rests(&self) -> bool {
        self.last_pitch.is_none_or(|pitch| self.last_chord == Chord::None || self.last_chord.contains(pitch))
    }

    /// Whether one more note may begin where the last one did.
    fn may_join(&self) -> bool {
        let room = match self.part {
            Part::Melody => self.now.is_empty() && self.at >= self.busy_until,
            _ => self.now.len() < HANDFUL,
        };
        room && (0..PITCHES).any(|pitch| self.allows_pitch(0, pitch))
    }

    fn in_range_from(&self, start: u32, pitch: usize) -> bool {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::{
        model::{
            piece::PieceBar,
            sampler::Sampling,
            token::{STEPS, VELOCITIES},
        },
        music::{Mode, Quality},
        seed::Seed,
    };

    /// Bars of these beats over C major.
    fn piece(beats: &[u32]) -> Piece {
        let starts = beats.iter().scan(0, |end, beats| Some(std::mem::replace(end, *end + 4 * beats)));
        let bar = |(first_step, beats): (u32, &u32)| PieceBar {
            first_step,
            beats: *beats,
            bpm: 100.0,
            asked: [None; 6],
            since_section: 0,
            until_section: 1,
            returns_to: None,
        };
        let bars: Vec<PieceBar> = starts.zip(beats).map(bar).collect();
        let chords = vec![Chord::new(0, Quality::Major); beats.iter().sum::<u32>() as usize / 2];
        Piece { mode: Mode::Major, bars, chords, melody: vec![], accompaniment: vec![] }
    }

    fn even(rng: &mut ChaCha8Rng, size: usize, allowed: impl Fn(usize) -> bool) -> Option<usize> {
        Sampling { temperature: 1.0, top_p: 1.0 }.draw(rng, &vec![0.0; size], allowed)
    }

    /// What a model without any taste would write.
    fn babble(part: Part, piece: &Piece, seed: u64) -> Vec<Note> {
        let mut rng = Seed::master(seed).rng();
        let mut rules = Rules::new(part, piece);
        let mut notes = Vec::new();
        while !rules.is_done() {
            let step = even(&mut rng, STEPS, |step| rules.allows_step(step as u16)).map_or(END, |step| step as u16);
            let mut token = Token { step, ..Token::END };
            if token.is_note() {
                token.pitch = even(&mut rng, PITCHES, |pitch| rules.allows_pitch(step, pitch)).unwrap() as u16;
                token.duration =
                    even(&mut rng, 32, |duration| rules.allows_duration(step, token.pitch, duration)).unwrap() as u16;
                token.velocity = even(&mut rng, VELOCITIES, |_| true).unwrap() as u16;
            }
            notes.extend(rules.follow(token));
        }
        notes
    }

    proptest! {
        #[test]
        fn no_sequence_of_allowed_choices_breaks_a_rule(
            beats in prop::collection::vec(prop::sample::select(vec![2_u32, 4]), 1..8), seed in 0_u64..10_000,
        ) {
            let piece = piece(&beats);
            let closing = piece.bars.last().unwrap().first_step;
            for part in [Part::Melody, Part::Accompaniment] {
                let notes = babble(part, &piece, seed);
                let end = |note: &Note| note.start + u32::from(note.duration);
                prop_assert!(notes.windows(2).all(|pair| (pair[0].start, pair[0].pitch) < (pair[1].start, pair[1].pitch)));
                prop_assert!(notes.iter().all(|note| end(note) <= piece.end_step() && note.velocity > 0));
                prop_assert!(notes.iter().all(|note| end(note) <= closing || [0, 4, 7].contains(&(note.pitch % 12))));
                if part == Part::Melody {
                    prop_assert!(notes.windows(2).all(|pair| end(&pair[0]) <= pair[1].start));
                    prop_assert!(notes.last().is_none_or(|last| [0, 4, 7].contains(&(last.pitch % 12))), "{notes:?}");
                    prop_assert!(notes.iter().all(|note| MELODY_RANGE.contains(&note.pitch)));
                } else {
                    prop_assert!(notes.iter().all(|note| note.duration <= 16));
                    prop_assert!(notes.chunk_by(|a, b| a.start == b.start).all(|chord| chord.len() <= HANDFUL));
                    prop_assert!(notes.iter().any(|note| note.start == closing), "nothing on the last downbeat");
                }
            }
        }
    }

    #[test]
    fn a_piece_without_bars_is_done() {
        assert!(Rules::new(Part::Melody, &piece(&[])).is_done());
    }

    #[test]
    fn a_pitch_that_begins_again_ends_before() {
        let note = |start, pitch, duration| Note { start, pitch, duration, velocity: 60 };
        let mut notes = [note(0, 60, 8), note(0, 64, 8), note(4, 60, 4), note(12, 60, 2)];
        untangle(&mut notes);
        assert_eq!(notes, [note(0, 60, 4), note(0, 64, 8), note(4, 60, 4), note(12, 60, 2)]);
    }
}
