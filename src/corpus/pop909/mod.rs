//! POP909: 909 pop songs as piano arrangements, brought onto the grid of `Song`.
//!
//! Knows the data's defects: metres other than 4/4 and broken grids are left out with a reason, bar lines are found anew
//! (`phase`), tempo octaves brought together (`grid`), changes of key folded away (`harmony`). A file that cannot be read
//! is an error, never a song less.

mod annotation;
mod song;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use self::annotation::{Entry, LineError};
#[cfg(test)]
use super::free_note::FreeNote;
use super::{Corpus, Loaded, Song};
use crate::music::smf::SmfError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Pop909Error {
    #[error("cannot read {}: {source}; the folder must hold index.csv and the songs 001 to 909", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}: {source}", path.display())]
    Line { path: PathBuf, source: LineError },
    #[error("{}: {source}", path.display())]
    Midi { path: PathBuf, source: SmfError },
    #[error("{} has no track {track}", path.display())]
    NoTrack { path: PathBuf, track: &'static str },
}

/// Loads all songs of a folder, in order of their numbers; `on_progress` hears the share that is done.
pub(crate) fn loaded(folder: &Path, mut on_progress: impl FnMut(f32)) -> Result<Loaded, Pop909Error> {
    let mut songs = Vec::new();
    let mut left_out = Vec::new();
    let mut chords_from_notes = 0;
    let index = read(folder.join("index.csv"), annotation::index)?;
    for (done, entry) in index.iter().enumerate() {
        on_progress(done as f32 / index.len() as f32);
        match load_song(folder, entry)? {
            Ok((song, found)) => {
                chords_from_notes += found;
                songs.push(song);
            }
            Err(reason) => left_out.push((entry.id.clone(), reason)),
        }
    }
    let corpus = Corpus { name: "POP909".into(), licence: "MIT".into(), songs, left_out };
    Ok(Loaded {
        corpus,
        measured: [("half_bars_whose_chord_is_from_notes".to_owned(), chords_from_notes.into())].into(),
    })
}

/// The songs alone.
#[cfg(test)]
pub(crate) fn load(folder: &Path, on_progress: impl FnMut(f32)) -> Result<Corpus, Pop909Error> {
    loaded(folder, on_progress).map(|loaded| loaded.corpus)
}

/// A song and how many of its chords had to be found, or why it is left out.
fn load_song(folder: &Path, entry: &Entry) -> Result<Result<(Song, usize), String>, Pop909Error> {
    if (entry.beats_a_measure, entry.quavers_a_beat) != (2, 2) {
        let (beats, quavers) = (entry.beats_a_measure, entry.quavers_a_beat);
        return Ok(Err(format!("not plain 4/4: {beats} beats a measure, {quavers} quavers a beat")));
    }
    let sources = song::Sources::read(&folder.join(&entry.id), &entry.id)?;
    Ok(sources.song(&entry.id))
}

fn read<T>(path: PathBuf, parse: impl Fn(&str) -> Result<T, LineError>) -> Result<T, Pop909Error> {
    match fs::read_to_string(&path) {
        Ok(text) => parse(&text).map_err(|source| Pop909Error::Line { path, source }),
        Err(source) => Err(Pop909Error::Unreadable { path, source }),
    }
}

/// A song as it is played, with its beats at 70 to 140 a minute, all in seconds.
#[cfg(test)]
pub(super) struct Timed {
    pub(super) id: String,
    pub(super) notes: Vec<FreeNote>,
    pub(super) beats: Vec<f64>,
    pub(super) downbeats: Vec<f64>,
}

/// Every so many songs, for measuring what finds beats.
#[cfg(test)]
pub(super) fn timed(folder: &Path, every: usize) -> Vec<Timed> {
    let index = read(folder.join("index.csv"), annotation::index).unwrap();
    let plain = index.iter().filter(|entry| (entry.beats_a_measure, entry.quavers_a_beat) == (2, 2));
    let sources = plain.step_by(every).map(|entry| (entry, song::Sources::read(&folder.join(&entry.id), &entry.id)));
    sources.filter_map(|(entry, sources)| sources.unwrap().timed(&entry.id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::fit::Fit;

    /// Figures over the whole data set: a wrong bar line, key or chord map would show here.
    #[test]
    fn all_songs_load_and_hang_together() {
        let Some(data) = crate::testing::data() else { return };
        let corpus = load(&data.join("pop909"), |_| {}).unwrap();
        let plain = |reason: &str| !reason.starts_with("not plain 4/4");
        assert_eq!(corpus.songs.len() + corpus.left_out.len(), 909);
        assert_eq!(corpus.left_out.iter().filter(|(_, reason)| !plain(reason)).count(), 52);
        assert!(corpus.left_out.iter().filter(|(_, reason)| plain(reason)).count() < 10, "{:?}", corpus.left_out);
        let fit = Fit::of(&corpus);
        assert!(fit.changes_on_downbeats > 0.7, "{fit:?}");
        assert!(fit.melody_on_chord > 0.65 && fit.accompaniment_on_chord > 0.95, "{fit:?}");
        assert!(fit.melody_in_scale > 0.97 && fit.accompaniment_in_scale > 0.95, "{fit:?}");
        for song in &corpus.songs {
            holds_what_a_song_promises(song);
        }
    }

    fn holds_what_a_song_promises(song: &Song) {
        let bars = song.bars as u32;
        assert!((70.0..=140.0).contains(&song.bpm), "{} {}", song.id, song.bpm);
        assert_eq!(song.chords.len(), 2 * song.bars, "{}", song.id);
        let ends = |note: &crate::music::Note| note.start + u32::from(note.duration);
        assert!(song.melody.windows(2).all(|pair| ends(&pair[0]) <= pair[1].start), "{}", song.id);
        assert!(
            song.accompaniment.windows(2).all(|pair| (pair[0].start, pair[0].pitch) < (pair[1].start, pair[1].pitch))
        );
        for note in song.melody.iter().chain(&song.accompaniment) {
            assert!(
                note.duration > 0 && (1..128).contains(&note.velocity) && ends(note) <= bars * 16,
                "{} {note:?}",
                song.id
            );
        }
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = load(Path::new("/nowhere/pop909"), |_| {}).unwrap_err().to_string();
        assert!(error.starts_with("cannot read /nowhere/pop909/index.csv"), "{error}");
    }
}
