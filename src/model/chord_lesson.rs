//! Lessons in chords: windows of up to 64 bars, so that what comes back is seen to come back.

use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use super::{
    Batch, Lesson, Part,
    chord_network::{BEFORE, ChordBatch},
    condition::{Telling, features},
    dropping::DICE,
    note_network::IGNORED,
    picture,
    piece::Piece,
    window::{Window, cover, draw, unit},
};
use crate::{
    affect::chord_valence,
    corpus::{Corpus, Split},
    music::Chord,
};

const LONGEST_BARS: usize = 64;
const VALENCE: usize = 0;

pub(super) struct ChordLesson {
    pieces: Vec<Piece>,
    splits: Vec<Split>,
}

impl ChordLesson {
    pub(super) fn new(corpus: &Corpus) -> Self {
        let mut pieces = picture::pieces(corpus);
        for (piece, valence) in pieces.iter_mut().zip(chord_valence(corpus).into_iter().flatten()) {
            for (bar, valence) in piece.bars.iter_mut().zip(valence) {
                bar.asked[VALENCE] = Some(valence);
            }
        }
        Self { pieces, splits: corpus.songs.iter().map(|song| song.split).collect() }
    }

    fn windows(&self, split: Split) -> Vec<Window> {
        let bars = |(piece, of): (&Piece, &Split)| if *of == split { piece.bars.len() } else { 0 };
        let bars: Vec<usize> = self.pieces.iter().zip(&self.splits).map(bars).collect();
        cover(&bars, LONGEST_BARS)
    }

    fn symbols(&self, window: &Window) -> Vec<i64> {
        let slots = 2 * window.bars.start..2 * window.bars.end;
        self.pieces[window.piece].chords[slots].iter().map(|chord| chord.index() as i64).collect()
    }

    fn batch(&self, windows: &[Window], dice: &[f32]) -> Batch {
        let slots = windows.iter().map(|window| 2 * window.bars.len()).max().unwrap_or(1);
        let (mut inputs, mut targets, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for window in windows {
            let symbols = self.symbols(window);
            let padding = slots - symbols.len();
            inputs.push(BEFORE);
            inputs.extend_from_slice(&symbols[..symbols.len() - 1]);
            inputs.extend(vec![BEFORE; padding]);
            targets.extend_from_slice(&symbols);
            targets.extend(vec![IGNORED; padding]);
            let features = slot_features(&self.pieces[window.piece], window.bars.clone());
            let width = features.len() / symbols.len();
            rows.extend(features);
            rows.extend(vec![0.0; padding * width]);
        }
        let (batch, slots) = (windows.len() as i64, slots as i64);
        ChordBatch {
            inputs: Tensor::from_slice(&inputs).view([batch, slots]),
            targets: Tensor::from_slice(&targets).view([batch, slots]),
            features: Tensor::from_slice(&rows).view([batch, slots, -1]),
            dice: Tensor::from_slice(dice).view([batch, DICE as i64]),
        }
        .into_batch()
    }
}

/// Features of each half bar: those of its first beat.
pub(super) fn slot_features(piece: &Piece, bars: std::ops::Range<usize>) -> Vec<f32> {
    let beats = features(Part::Chords, piece, bars, 0, Telling::AsAsked);
    let width = picture::width(Part::Chords, !piece.picture.is_empty()) as usize;
    beats.chunks(2 * width).flat_map(|half| &half[..width]).copied().collect()
}

impl Lesson for ChordLesson {
    fn factors(&self) -> &'static [&'static str] {
        &["chord"]
    }

    fn sizes(&self) -> Vec<usize> {
        vec![Chord::COUNT]
    }

    fn draw(&self, rng: &mut ChaCha8Rng, windows: usize) -> Batch {
        let among: Vec<usize> = (0..self.pieces.len()).filter(|piece| self.splits[*piece] == Split::Train).collect();
        let drawn: Vec<Window> = (0..windows).map(|_| draw(rng, &self.pieces, &among, LONGEST_BARS)).collect();
        let dice: Vec<f32> = (0..windows * DICE).map(|_| unit(rng) as f32).collect();
        self.batch(&drawn, &dice)
    }

    fn look(&self, split: Split, windows: usize) -> Vec<Batch> {
        let all = self.windows(split);
        all.chunks(windows).map(|chunk| self.batch(chunk, &vec![1.0; chunk.len() * DICE])).collect()
    }

    fn sequences(&self, split: Split) -> Vec<Vec<Vec<u16>>> {
        let sequence = |window: &Window| self.symbols(window).into_iter().map(|symbol| vec![symbol as u16]).collect();
        self.windows(split).iter().map(sequence).collect()
    }
}
