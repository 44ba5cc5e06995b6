//! Real songs as the yardstick: stretches of test songs that composed pieces are compared with, and of training songs that show
//! how alike two samples of real music are. Several draws, so that one lucky draw decides nothing.

use super::draw::draw;
use crate::{
    corpus::{Corpus, Song, Split},
    metric::{
        song::{MEASURES, measure_all},
        statistics::{Likeness, likeness, mean},
    },
    seed::Seed,
};

const DRAWS: usize = 20;

/// One piece's measures.
pub(super) type Row = Vec<Option<f64>>;
pub(super) type Rows = Vec<Row>;

/// Draws of equally many stretches.
pub(super) struct Real {
    pub(super) test: Vec<Rows>,
    train: Vec<Rows>,
}

/// A measure's likeness, averaged over draws.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Compared {
    pub(super) overlap: f64,
    pub(super) divergence: f64,
}

impl Real {
    pub(super) fn new(
        corpus: &Corpus,
        bars: usize,
        count: usize,
        seed: Seed,
        mut on_progress: impl FnMut(f32),
    ) -> Self {
        let mut rows = |split: Split, draws: &str| -> Vec<Rows> {
            let measured = (0..DRAWS).map(|number| {
                on_progress(number as f32 / DRAWS as f32);
                let excerpts = draw(corpus, split, bars, count, seed.derive(&format!("{draws} {number}")));
                excerpts.iter().map(|excerpt| measure_all(&excerpt.song())).collect()
            });
            measured.collect()
        };
        Self { test: rows(Split::Test, "test"), train: rows(Split::Train, "train") }
    }

    /// Pieces against test songs, measure by measure.
    pub(super) fn compare(&self, pieces: &[Row]) -> Vec<Option<Compared>> {
        let draws: Vec<(&[Row], &[Row])> = self.test.iter().map(|test| (&test[..], pieces)).collect();
        compare(&draws)
    }

    /// Training songs against test songs: as like as composed pieces can be asked to be.
    pub(super) fn ceiling(&self) -> Vec<Option<Compared>> {
        compare(&self.test.iter().zip(&self.train).map(|(test, train)| (&test[..], &train[..])).collect::<Vec<_>>())
    }

    /// All values of a measure over all draws of test songs.
    pub(super) fn values(&self, measure: usize) -> Vec<f64> {
        self.test.iter().flat_map(|rows| column(rows, measure)).collect()
    }
}

fn compare(draws: &[(&[Row], &[Row])]) -> Vec<Option<Compared>> {
    let compared = |measure: usize| {
        let one = |(real, other): &(&[Row], &[Row])| likeness(&column(real, measure), &column(other, measure));
        let found: Vec<Likeness> = draws.iter().filter_map(one).collect();
        let average = |value: fn(&Likeness) -> f64| mean(&found.iter().map(value).collect::<Vec<_>>());
        Some(Compared { overlap: average(|found| found.overlap)?, divergence: average(|found| found.divergence)? })
    };
    (0..MEASURES.len()).map(compared).collect()
}

pub(super) fn column(rows: &[Row], measure: usize) -> Vec<f64> {
    rows.iter().filter_map(|row| row[measure]).collect()
}

pub(super) fn rows<'a>(songs: impl IntoIterator<Item = &'a Song>) -> Rows {
    songs.into_iter().map(measure_all).collect()
}
