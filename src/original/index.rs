//! The index: both voices of all training songs.

use serde::{Deserialize, Serialize};

use super::{
    copied::{Copied, Voice},
    grams::{LONGEST_STEPS, ONSETS, onsets},
    sequence::Sequence,
};
use crate::{
    corpus::{Corpus, Song, Split},
    music::{Note, STEPS_PER_BEAT},
};

/// What the index says of itself, beside its prints. A file with other sizes of n-grams is of another version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Label {
    pub(crate) version: u32,
    pub(crate) corpus: String,
    pub(crate) licence: String,
    pub(crate) onsets: usize,
    pub(crate) longest_steps: u32,
    /// What stands in more songs is common property.
    pub(crate) common_songs: usize,
    /// Ids of the training songs.
    pub(crate) songs: Vec<String>,
}

/// Grows when prints change their meaning.
pub(super) const VERSION: u32 = 1;

pub(crate) struct Index {
    pub(super) label: Label,
    pub(super) melody: Sequence,
    pub(super) accompaniment: Sequence,
}

impl Index {
    /// Of the corpus' training songs.
    pub(crate) fn of(corpus: &Corpus, common_songs: usize) -> Self {
        let songs: Vec<&Song> = corpus.songs.iter().filter(|song| song.split == Split::Train).collect();
        let sequence = |part: fn(&Song) -> &[Note]| {
            let voices: Vec<_> = songs.iter().map(|song| onsets(part(song))).collect();
            Sequence::of(&voices, common_songs)
        };
        let label = Label {
            version: VERSION,
            corpus: corpus.name.clone(),
            licence: corpus.licence.clone(),
            onsets: ONSETS,
            longest_steps: LONGEST_STEPS,
            common_songs,
            songs: songs.iter().map(|song| song.id.clone()).collect(),
        };
        Self { label, melody: sequence(|song| &song.melody), accompaniment: sequence(|song| &song.accompaniment) }
    }

    /// The longer of both voices' longest runs, in beats.
    pub(crate) fn longest_run(&self, melody: &[Note], accompaniment: &[Note]) -> Copied {
        let melody = self.run_of(Voice::Melody, melody, None);
        let accompaniment = self.run_of(Voice::Accompaniment, accompaniment, None);
        if accompaniment.beats > melody.beats { accompaniment } else { melody }
    }

    /// The longest run of one voice; `but` leaves out the song of that id.
    pub(crate) fn run_of(&self, voice: Voice, notes: &[Note], but: Option<&str>) -> Copied {
        let onsets = onsets(notes);
        let skip = but.and_then(|id| self.label.songs.iter().position(|song| song == id));
        let Some(run) = self.sequence(voice).longest(&onsets, skip) else { return Copied::nothing(voice) };
        let copied = &onsets[run.first..=run.last];
        let start = copied[0].start;
        Copied {
            voice,
            notes: copied.iter().map(super::grams::Onset::notes).sum(),
            beats: f64::from(onsets[run.last].start - start) / f64::from(STEPS_PER_BEAT),
            start,
            song: Some(self.label.songs[run.song].clone()),
        }
    }

    pub(super) fn sequence(&self, voice: Voice) -> &Sequence {
        match voice {
            Voice::Melody => &self.melody,
            Voice::Accompaniment => &self.accompaniment,
        }
    }
}
