//! Notes as tokens of four factors (step, pitch, duration, velocity), one token a note, with exact ways back.
//!
//! `step` is the distance to the token before. Two of its values are no note: `REST` moves on by 32 steps, `END` says that
//! nothing more comes before the piece ends.

use crate::music::Note;

pub(crate) const FACTORS: &[&str] = &["step", "pitch", "duration", "velocity"];
/// A rest of `REST_STEPS`, no note.
pub(crate) const REST: u16 = 32;
pub(crate) const REST_STEPS: u32 = 32;
pub(crate) const END: u16 = 33;
pub(crate) const STEPS: usize = 34;
/// The lowest key of a piano, A0.
pub(crate) const LOWEST_PITCH: u8 = 21;
pub(crate) const PITCHES: usize = 88;
pub(crate) const VELOCITIES: usize = 16;
const VELOCITY_BIN: u8 = 8;

/// One token; factors other than `step` are 0 where it is no note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) step: u16,
    /// Keys above `LOWEST_PITCH`.
    pub(crate) pitch: u16,
    /// Steps less one.
    pub(crate) duration: u16,
    pub(crate) velocity: u16,
}

impl Token {
    pub(crate) const END: Self = Self { step: END, pitch: 0, duration: 0, velocity: 0 };
    const REST: Self = Self { step: REST, ..Self::END };

    pub(crate) fn is_note(self) -> bool {
        self.step < REST
    }

    /// Steps from the token before to this one.
    pub(crate) fn distance(self) -> u32 {
        match self.step {
            REST => REST_STEPS,
            END => 0,
            step => u32::from(step),
        }
    }

    pub(crate) fn factors(self) -> [u16; 4] {
        [self.step, self.pitch, self.duration, self.velocity]
    }

    pub(crate) fn note(self, start: u32) -> Note {
        Note {
            start,
            pitch: LOWEST_PITCH + self.pitch as u8,
            duration: self.duration + 1,
            velocity: self.velocity as u8 * VELOCITY_BIN + VELOCITY_BIN / 2,
        }
    }

    pub(super) fn of(note: Note, distance: u32) -> Self {
        Self {
            step: distance as u16,
            pitch: u16::from(note.pitch - LOWEST_PITCH),
            duration: note.duration - 1,
            velocity: u16::from(note.velocity / VELOCITY_BIN),
        }
    }
}

/// A note as tokens can say it: within the piano's keys (by octaves), not longer than `longest`, velocity at its bin's middle.
pub(crate) fn speakable(note: Note, longest: u16) -> Note {
    let highest = LOWEST_PITCH + PITCHES as u8 - 1;
    let mut pitch = note.pitch;
    while pitch < LOWEST_PITCH {
        pitch += 12;
    }
    while pitch > highest {
        pitch -= 12;
    }
    let velocity = note.velocity.min(127) / VELOCITY_BIN * VELOCITY_BIN + VELOCITY_BIN / 2;
    Note { start: note.start, pitch, duration: note.duration.clamp(1, longest), velocity }
}

/// Tokens of speakable notes, sorted by start and pitch, none before `from`.
pub(crate) fn encode(notes: &[Note], from: u32) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(notes.len() + 1);
    let mut at = from;
    for note in notes {
        while note.start - at >= REST_STEPS {
            tokens.push(Token::REST);
            at += REST_STEPS;
        }
        tokens.push(Token::of(*note, note.start - at));
        at = note.start;
    }
    tokens
}

/// The notes of tokens that begin at `from`.
#[cfg(test)]
pub(crate) fn decode(tokens: &[Token], from: u32) -> Vec<Note> {
    let mut at = from;
    let mut notes = Vec::with_capacity(tokens.len());
    for token in tokens {
        at += token.distance();
        if token.is_note() {
            notes.push(token.note(at));
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn notes(longest: u16) -> impl Strategy<Value = Vec<Note>> {
        let note = (0_u32..2000, 21_u8..=108, 1..=longest, 1_u8..128)
            .prop_map(|(start, pitch, duration, velocity)| Note { start, pitch, duration, velocity });
        prop::collection::vec(note, 0..60).prop_map(|mut notes| {
            notes.sort_unstable();
            notes.dedup_by_key(|note| (note.start, note.pitch));
            notes
        })
    }

    proptest! {
        #[test]
        fn speakable_notes_come_back(notes in notes(32)) {
            let said: Vec<Note> = notes.iter().map(|note| speakable(*note, 32)).collect();
            prop_assert_eq!(&decode(&encode(&said, 0), 0), &said);
            let again: Vec<Note> = said.iter().map(|note| speakable(*note, 32)).collect();
            prop_assert_eq!(again, said);
        }

        #[test]
        fn tokens_come_back(notes in notes(16)) {
            let tokens = encode(&notes, 0);
            prop_assert_eq!(encode(&decode(&tokens, 0), 0), tokens.clone());
            let sizes = [STEPS, PITCHES, 16, VELOCITIES];
            for token in tokens {
                prop_assert!(token.factors().iter().zip(sizes).all(|(factor, size)| usize::from(*factor) < size));
            }
        }

        #[test]
        fn any_note_is_made_speakable(start in 0_u32..99, pitch in 0_u8..128, duration in 0_u16..500, velocity in 0_u8..=127) {
            let said = speakable(Note { start, pitch, duration, velocity }, 16);
            prop_assert!((21..=108).contains(&said.pitch) && said.pitch % 12 == pitch % 12);
            prop_assert!((1..=16).contains(&said.duration) && said.velocity.abs_diff(velocity) <= 4);
        }
    }

    #[test]
    fn long_rests_are_tokens_of_their_own() {
        let note = |start| Note { start, pitch: 60, duration: 2, velocity: 68 };
        let steps: Vec<u16> = encode(&[note(31), note(63), note(160)], 0).iter().map(|token| token.step).collect();
        assert_eq!(steps, [31, REST, 0, REST, REST, REST, 1]);
    }
}
