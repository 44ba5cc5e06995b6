//! What real songs share with training songs: the measure for what composed pieces may.

use super::{
    copied::{Copied, Voice},
    index::Index,
};
use crate::{
    corpus::{Corpus, Song, Split},
    music::{Note, STEPS_PER_BAR},
};

/// Bars of an excerpt: as long as the pieces that are judged in numbers.
pub(super) const EXCERPT_BARS: u32 = 32;
/// Songs that share so much of their melody are versions of one song.
const VERSION_BEATS: f64 = 16.0;

pub(crate) struct Survey {
    /// The longest run of each test song, by voice in the order of `Voice::ALL`, and that of its excerpt.
    pub(super) whole: Vec<[Copied; 2]>,
    pub(super) excerpts: Vec<[Copied; 2]>,
    /// Songs of any split and the training song that is most like them, with the beats they share.
    pub(super) versions: Vec<(String, String, f64)>,
}

impl Survey {
    pub(crate) fn of(index: &Index, corpus: &Corpus, mut on_progress: impl FnMut(f32)) -> Self {
        let test = || corpus.songs.iter().filter(|song| song.split == Split::Test);
        let runs = |melody: &[Note], accompaniment: &[Note]| {
            [index.run_of(Voice::Melody, melody, None), index.run_of(Voice::Accompaniment, accompaniment, None)]
        };
        let excerpt = |song: &Song| runs(&middle(&song.melody, song.bars), &middle(&song.accompaniment, song.bars));
        let mut versions = Vec::new();
        for (done, song) in corpus.songs.iter().enumerate() {
            on_progress(done as f32 / corpus.songs.len() as f32);
            let run = index.run_of(Voice::Melody, &song.melody, Some(&song.id));
            let twice = |known: &(String, String, f64)| Some(&known.0) == run.song.as_ref() && known.1 == song.id;
            if let Some(other) = run.song.as_ref().filter(|_| run.beats >= VERSION_BEATS && !versions.iter().any(twice))
            {
                versions.push((song.id.clone(), other.clone(), run.beats));
            }
        }
        Self {
            whole: test().map(|song| runs(&song.melody, &song.accompaniment)).collect(),
            excerpts: test().map(excerpt).collect(),
            versions,
        }
    }

    /// Beats that the given shares of songs stay under or meet, by voice or, without one, by the longer of both.
    pub(super) fn beats(songs: &[[Copied; 2]], voice: Option<Voice>) -> Vec<f64> {
        let of = |runs: &[Copied; 2]| {
            let asked = runs.iter().filter(|run| voice.is_none_or(|voice| run.voice == voice));
            asked.map(|run| run.beats).fold(0.0, f64::max)
        };
        let mut beats: Vec<f64> = songs.iter().map(of).collect();
        beats.sort_by(f64::total_cmp);
        beats
    }
}

/// The notes of the bars in the middle of a song.
fn middle(notes: &[Note], bars: usize) -> Vec<Note> {
    let first = (bars as u32).saturating_sub(EXCERPT_BARS) / 2 * STEPS_PER_BAR;
    let inside = first..first + EXCERPT_BARS * STEPS_PER_BAR;
    notes.iter().filter(|note| inside.contains(&note.start)).copied().collect()
}

/// The value under which a share of sorted values lies; 0 of none.
pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(at).copied().unwrap_or_default()
}
