//! Composes pieces to briefs with the product's own functions, eight pieces side by side.

use serde::Deserialize;

use super::{
    Brief, Take,
    draw::{below, draw},
    excerpt::Excerpt,
};
use crate::{
    corpus::{Corpus, Song, Split},
    model::{
        ChordNetwork, Composing, Critic, NoteNetwork, Part, Piece, ROWS, Sampling, compose_chords, compose_notes,
        ngram::NgramComposer,
    },
    seed::Seed,
};

/// The three models.
pub(crate) struct Ensemble<'a> {
    pub(crate) chords: &'a ChordNetwork,
    pub(crate) chords_sampling: Sampling,
    pub(crate) chords_guidance: f64,
    pub(crate) melody: &'a NoteNetwork,
    pub(crate) accompaniment: &'a NoteNetwork,
    pub(crate) critic: Critic<'a>,
}

/// What of a piece is the real song's and not composed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Given {
    Nothing,
    ChordsAndMelody,
}

/// Stretches of held-out songs and what each would have been asked for.
pub(crate) fn briefs(corpus: &Corpus, bars: usize, count: usize, seed: Seed) -> Vec<(Excerpt<'_>, Brief)> {
    let mut rng = seed.derive("keys").rng();
    let excerpts = draw(corpus, Split::Test, bars, count, seed.derive("excerpts"));
    excerpts.into_iter().map(|excerpt| (excerpt, Brief::of(&excerpt, below(&mut rng, 12) as u8))).collect()
}

/// A piece to each brief. Without `conditions` the models are told mode, tempo and form alone.
pub(crate) fn compose(
    ensemble: &Ensemble,
    briefs: &[(Excerpt, Brief)],
    given: Given,
    conditions: bool,
    how: &Composing,
    mut on_progress: impl FnMut(f32),
) -> Vec<Take> {
    let mut takes = Vec::with_capacity(briefs.len());
    for (number, batch) in briefs.chunks(ROWS).enumerate() {
        let how = Composing { seed: how.seed.derive(&format!("batch {number}")), ..*how };
        let songs = compose_batch(ensemble, batch, given, conditions, &how);
        takes.extend(batch.iter().zip(songs).map(|((_, brief), song)| Take { brief: brief.clone(), song }));
        on_progress(takes.len() as f32 / briefs.len() as f32);
    }
    takes
}

fn compose_batch(
    ensemble: &Ensemble,
    batch: &[(Excerpt, Brief)],
    given: Given,
    conditions: bool,
    how: &Composing,
) -> Vec<Song> {
    let critic = &ensemble.critic;
    let mut pieces: Vec<Piece> = batch.iter().map(|(_, brief)| empty(brief, conditions)).collect();
    match given {
        Given::ChordsAndMelody => {
            for (piece, (excerpt, _)) in pieces.iter_mut().zip(batch) {
                let song = excerpt.song();
                (piece.chords, piece.melody) = (song.chords, song.melody);
            }
        }
        Given::Nothing => {
            for (row, piece) in pieces.iter_mut().enumerate() {
                let seed = how.seed.derive(&format!("chords {row}"));
                let (sampling, guidance) = (ensemble.chords_sampling, ensemble.chords_guidance);
                let how = Composing { sampling, guidance, seed, ..*how };
                let takes = compose_chords(ensemble.chords, piece, 1, &how, &mut |_| ());
                piece.chords = takes.into_iter().next().unwrap_or_default();
            }
            let how = Composing { seed: how.seed.derive("melody"), ..*how };
            let melodies = compose_notes(ensemble.melody, Part::Melody, &pieces, None, critic, &how, &mut |_| ());
            pieces.iter_mut().zip(melodies).for_each(|(piece, melody)| piece.melody = melody);
        }
    }
    let how = Composing { seed: how.seed.derive("accompaniment"), ..*how };
    let composed = compose_notes(ensemble.accompaniment, Part::Accompaniment, &pieces, None, critic, &how, &mut |_| ());
    let both = pieces.into_iter().zip(composed).zip(batch);
    both.map(|((piece, accompaniment), (_, brief))| song(brief, Piece { accompaniment, ..piece })).collect()
}

/// The baseline's pieces: n-grams are asked for nothing.
pub(crate) fn compose_by_ngrams(
    composer: &NgramComposer,
    briefs: &[(Excerpt, Brief)],
    sampling: Sampling,
    seed: Seed,
    mut on_progress: impl FnMut(f32),
) -> Vec<Take> {
    let take = |(number, (_, brief)): (usize, &(Excerpt, Brief))| {
        on_progress(number as f32 / briefs.len() as f32);
        let piece = composer.compose(empty(brief, false), sampling, seed.derive(&format!("piece {number}")));
        Take { brief: brief.clone(), song: song(brief, piece) }
    };
    briefs.iter().enumerate().map(take).collect()
}

fn empty(brief: &Brief, conditions: bool) -> Piece {
    let mut piece = Piece::of_plan(&brief.plan, &brief.conditions);
    if !conditions {
        piece.bars.iter_mut().for_each(|bar| bar.asked.fill(None));
    }
    piece
}

fn song(brief: &Brief, piece: Piece) -> Song {
    Song {
        id: brief.source.clone(),
        split: Split::Test,
        mode: piece.mode,
        bpm: brief.plan.tempo_map[0].bpm,
        bars: piece.bars.len(),
        chords: piece.chords,
        melody: piece.melody,
        accompaniment: piece.accompaniment,
        affect: vec![],
        picture: vec![],
    }
}
