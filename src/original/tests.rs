//! The index against passages that are known to be copied, and against real songs.

use proptest::prelude::*;

use super::{Copied, Index, Survey, Voice, survey::quantile, testing};
use crate::{
    corpus::{Corpus, Split, pop909},
    music::{Note, STEPS_PER_BAR, STEPS_PER_BEAT},
    seed::Seed,
};

fn beats(notes: &[Note]) -> f64 {
    f64::from(notes.last().unwrap().start - notes[0].start) / f64::from(STEPS_PER_BEAT)
}

/// Pushes a passage into notes that nobody else has.
fn within(passage: &[Note], seed: Seed) -> Vec<Note> {
    let mut piece = testing::drawn(seed, 30);
    let (first, last) = (passage[0].start, passage[passage.len() - 1].start);
    piece.retain(|note| !(first..=last).contains(&note.start));
    piece.extend(passage);
    piece.sort_unstable();
    piece
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_copied_passage_is_found_with_its_exact_length(
        song in 0..4_usize, first in 0..14_u32, bars in 2..6_u32, to_bar in 0..20_u32, semitones in -12..12_i8, seed: u64,
    ) {
        let corpus = testing::corpus(6);
        let song = corpus.songs.iter().filter(|song| song.split == Split::Train).nth(song).unwrap();
        let passage = testing::phrase(&song.accompaniment, first..first + bars, to_bar, semitones);
        let piece = within(&passage, Seed::master(seed));
        let copied = Index::of(&corpus, 8).longest_run(&[], &piece);
        prop_assert_eq!(copied.song.as_ref(), Some(&song.id));
        // A neighbour may fit by chance: then the run is longer by it, and truly so.
        prop_assert!((beats(&passage)..=beats(&passage) + 2.0).contains(&copied.beats), "{:?}", copied);
        prop_assert!(copied.notes >= passage.len() && copied.start <= passage[0].start);
    }

    #[test]
    fn music_of_its_own_is_not_a_copy(seed: u64) {
        let notes = testing::drawn(Seed::master(seed), 60);
        let copied = Index::of(&testing::corpus(6), 8).longest_run(&notes, &notes);
        prop_assert_eq!(copied, Copied::nothing(Voice::Melody));
    }
}

/// A figure that many songs have is nobody's; so is one that is put together from several songs.
#[test]
fn common_property_and_patchwork_are_no_copies() {
    let mut corpus = testing::corpus(30);
    let figure = testing::phrase(&corpus.songs[0].melody, 0..8, 0, 0);
    for song in &mut corpus.songs[1..] {
        song.melody.clone_from(&figure);
    }
    let run = |common_songs| Index::of(&corpus, common_songs).longest_run(&figure, &[]).beats;
    assert!((run(8) - 0.0).abs() < 1e-9);
    assert!((run(100) - beats(&figure)).abs() < 1e-9);

    let corpus = testing::corpus(30);
    let bars = |song: usize| testing::phrase(&corpus.songs[song].melody, 4..6, song as u32, 0);
    let patchwork: Vec<Note> = [0, 2, 5, 8].into_iter().flat_map(bars).collect();
    let longest = Index::of(&corpus, 8).longest_run(&patchwork, &[]);
    assert!(longest.beats < 12.0, "{longest:?}");
}

fn real() -> Option<Corpus> {
    crate::testing::data().map(|data| pop909::load(&data.join("pop909"), |_| {}).unwrap())
}

/// What `check.original` says must mean something: real songs pass, versions of a song and training songs do not.
#[test]
fn real_songs() {
    let Some(corpus) = real() else { return };
    let index = Index::of(&corpus, 8);
    let sixteen_bars = |notes: &[Note]| testing::phrase(notes, 16..32, 3, 4);
    let has_no_long_rest = |notes: &[Note]| {
        notes.len() > 40 && notes.windows(2).all(|pair| pair[1].start - pair[0].start <= STEPS_PER_BAR)
    };
    let train = corpus.songs.iter().filter(|song| song.split == Split::Train);
    for (voice, notes) in
        train.take(40).flat_map(|song| [(Voice::Melody, &song.melody), (Voice::Accompaniment, &song.accompaniment)])
    {
        let passage = sixteen_bars(notes);
        let copied = index.run_of(voice, &passage, None);
        if has_no_long_rest(&passage) {
            assert!(copied.beats > 0.8 * beats(&passage), "{copied:?} of {}", beats(&passage));
        }
    }
    let survey = Survey::of(&index, &corpus, |_| {});
    let whole = Survey::beats(&survey.whole, None);
    assert!(quantile(&whole, 0.5) < 8.0 && quantile(&whole, 0.9) < 16.0, "{whole:?}");
    let melodies = Survey::beats(&survey.excerpts, Some(Voice::Melody));
    assert!(quantile(&melodies, 1.0) < 8.0, "{melodies:?}");
    // 018 is a dance mix of 017; 492 and 666 have one tune and two titles.
    for (song, other) in [("017", "018"), ("492", "666"), ("262", "805")] {
        assert!(
            survey.versions.iter().any(|(a, b, _)| (a, b) == (&song.into(), &other.into())),
            "{:?}",
            survey.versions
        );
    }
    assert!(survey.versions.len() < 10, "{:?}", survey.versions);
}
