//! Composes by n-grams: the baseline that composed music is held against. Chords, melody and accompaniment know nothing of each
//! other; what theory and the grid forbid is forbidden here too, so that only the models differ.

use rand_chacha::ChaCha8Rng;

use super::{QUOTED, writer::Writer};
use crate::{
    corpus::{Corpus, Split},
    model::{
        Part, Piece, Sampling,
        parts::lesson_of,
        rules::{Rules, untangle},
        token::Token,
    },
    music::{Chord, Note},
    seed::Seed,
};

pub(crate) struct NgramComposer {
    chords: Writer,
    melody: Writer,
    accompaniment: Writer,
}

impl NgramComposer {
    /// Learns from the training songs.
    pub(crate) fn learn(corpus: &Corpus) -> Self {
        let learn = |part| {
            let lesson = lesson_of(part, corpus);
            Writer::learn(&lesson.sequences(Split::Train), lesson.sizes(), QUOTED)
        };
        Self { chords: learn(Part::Chords), melody: learn(Part::Melody), accompaniment: learn(Part::Accompaniment) }
    }

    /// Fills an empty piece.
    pub(crate) fn compose(&self, piece: Piece, sampling: Sampling, seed: Seed) -> Piece {
        let mut piece = piece;
        piece.chords = chords(&self.chords, piece.slots(), sampling, &mut seed.derive("chords").rng());
        let notes = |part: Part, writer: &Writer, purpose: &str| {
            notes(writer, Rules::new(part, &piece), sampling, &mut seed.derive(purpose).rng())
        };
        let melody = notes(Part::Melody, &self.melody, "melody");
        let accompaniment = notes(Part::Accompaniment, &self.accompaniment, "accompaniment");
        Piece { melody, accompaniment, ..piece }
    }
}

fn chords(writer: &Writer, slots: usize, sampling: Sampling, rng: &mut ChaCha8Rng) -> Vec<Chord> {
    let mut before = Vec::with_capacity(slots);
    for _ in 0..slots {
        let drawn = draw(writer, &before, sampling, rng, |_| true);
        before.push(drawn.unwrap_or(0) as u16);
    }
    before.into_iter().filter_map(|index| Chord::from_index(usize::from(index))).collect()
}

fn notes(writer: &Writer, mut rules: Rules, sampling: Sampling, rng: &mut ChaCha8Rng) -> Vec<Note> {
    let (mut before, mut notes) = (Vec::new(), Vec::new());
    while !rules.is_done() {
        let step = draw(writer, &before, sampling, rng, |step| rules.allows_step(step as u16));
        let mut token = Token { step: step.map_or(Token::END.step, |step| step as u16), ..Token::END };
        before.push(token.step);
        for factor in 1..4 {
            let allowed = |value: usize| match factor {
                1 => rules.allows_pitch(token.step, value),
                2 => rules.allows_duration(token.step, token.pitch, value),
                _ => true,
            };
            let drawn = if token.is_note() { draw(writer, &before, sampling, rng, allowed).unwrap_or(0) } else { 0 };
            before.push(drawn as u16);
            match factor {
                1 => token.pitch = drawn as u16,
                2 => token.duration = drawn as u16,
                _ => token.velocity = drawn as u16,
            }
        }
        notes.extend(rules.follow(token));
    }
    notes.sort_unstable();
    untangle(&mut notes);
    notes
}

fn draw(
    writer: &Writer,
    before: &[u16],
    sampling: Sampling,
    rng: &mut ChaCha8Rng,
    allowed: impl Fn(usize) -> bool,
) -> Option<usize> {
    let logits: Vec<f32> = writer.chances(before).into_iter().map(|chance| chance.ln() as f32).collect();
    sampling.draw(rng, &logits, allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing;

    #[test]
    fn a_loop_that_was_learned_is_played_in_its_own_rhythm() {
        let corpus = testing::corpus(6);
        let composer = NgramComposer::learn(&corpus);
        let mut empty = Piece::of_song(&testing::song("x", 16, Split::Test));
        empty.chords.clear();
        let sampling = Sampling { temperature: 1.0, top_p: 0.9 };
        let piece = composer.compose(empty.clone(), sampling, Seed::master(1));
        assert_eq!(piece.chords.len(), 32);
        let on_eighths = piece.accompaniment.iter().filter(|note| note.start % 2 == 0).count();
        assert!(on_eighths as f64 > 0.9 * piece.accompaniment.len() as f64 && piece.accompaniment.len() > 60);
        assert!(piece.melody.windows(2).all(|pair| pair[0].start + u32::from(pair[0].duration) <= pair[1].start));
        assert_eq!(composer.compose(empty.clone(), sampling, Seed::master(1)), piece);
        assert_ne!(composer.compose(empty, sampling, Seed::master(2)), piece);
    }
}
