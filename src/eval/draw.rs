//! Random stretches of a split's songs: every song once before any comes again.

use rand_chacha::{ChaCha8Rng, rand_core::Rng};

use super::excerpt::Excerpt;
use crate::{
    corpus::{Corpus, Song, Split},
    model::section_starts,
    seed::Seed,
};

/// A stretch begins at a section within so many bars after a place that was drawn, or at that place.
const REACH: usize = 8;

/// `count` stretches of `bars` bars; songs that are shorter are left out.
pub(super) fn draw(corpus: &Corpus, split: Split, bars: usize, count: usize, seed: Seed) -> Vec<Excerpt<'_>> {
    let mut rng = seed.rng();
    let songs: Vec<&Song> = corpus.songs.iter().filter(|song| song.split == split && song.bars >= bars).collect();
    let mut drawn = Vec::with_capacity(count);
    while !songs.is_empty() && drawn.len() < count {
        let mut order = songs.clone();
        shuffle(&mut order, &mut rng);
        for song in order.into_iter().take(count - drawn.len()) {
            drawn.push(Excerpt { song, first_bar: first_bar(song, bars, &mut rng), bars });
        }
    }
    drawn
}

fn first_bar(song: &Song, bars: usize, rng: &mut ChaCha8Rng) -> usize {
    let last = song.bars - bars;
    let place = below(rng, last + 1);
    let reachable = place..=last.min(place + REACH);
    section_starts(song).into_iter().find(|start| reachable.contains(start)).unwrap_or(place)
}

fn shuffle<T>(items: &mut [T], rng: &mut ChaCha8Rng) {
    for end in (1..items.len()).rev() {
        items.swap(end, below(rng, end + 1));
    }
}

/// 0..count.
pub(super) fn below(rng: &mut ChaCha8Rng, count: usize) -> usize {
    ((rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64 * count as f64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing;

    fn corpus() -> Corpus {
        let mut corpus = testing::corpus(4);
        corpus.songs.push(testing::song("short", 8, Split::Train));
        corpus
    }

    #[test]
    fn every_song_comes_before_any_comes_again() {
        let corpus = corpus();
        let train = corpus.songs.iter().filter(|song| song.split == Split::Train && song.bars >= 12).count();
        let drawn = draw(&corpus, Split::Train, 12, 2 * train, Seed::master(1));
        assert_eq!(drawn.len(), 2 * train);
        for round in drawn.chunks(train) {
            let mut ids: Vec<&str> = round.iter().map(|excerpt| excerpt.song.id.as_str()).collect();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), train);
        }
        assert!(drawn.iter().all(|excerpt| excerpt.first_bar + 12 <= excerpt.song.bars));
        assert!(drawn.iter().all(|excerpt| excerpt.song.id != "short"));
    }

    #[test]
    fn a_seed_means_something_and_nothing_fits_nothing() {
        let corpus = corpus();
        let places =
            |seed| draw(&corpus, Split::Train, 10, 9, Seed::master(seed)).iter().map(Excerpt::name).collect::<Vec<_>>();
        assert_eq!(places(1), places(1));
        assert_ne!(places(1), places(2));
        assert!(draw(&corpus, Split::Train, 999, 3, Seed::master(1)).is_empty());
    }
}
