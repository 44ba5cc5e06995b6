//! SymMV: piano transcriptions of 1,140 music videos, brought from real time onto the grid of `Song`.
//!
//! Knows the data's defects: beats are found (`tracking`), chords on Eb and Bb that are missing are taken from the notes, the
//! melody is the top line, videos that occur twice stay in one split, and what cannot be believed is left out with a reason.

mod annotation;
mod figures;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use self::{
    annotation::{Entry, LineError},
    figures::{Figures, SongFigures},
};
use super::{
    Corpus, Loaded, Song,
    draft::{Draft, Written},
    free_note::FreeNote,
    grid::Octave,
    midi,
    span::Span,
    tracking,
};
use crate::{digest::Digest, music::smf::MidiFile};

/// Ticks of chords and notes a second.
const TICKS_PER_SECOND: f64 = 440.0;
/// Roots of which no chord is written in any file: Eb and Bb.
const MISSING_ROOTS: [u8; 2] = [3, 10];
const FEWEST_BARS: usize = 16;

#[derive(Debug, thiserror::Error)]
pub(crate) enum SymMvError {
    #[error("cannot read {}: {source}; the folder must hold SymMV.csv, midi/ and chord/", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}: {source}", path.display())]
    Line { path: PathBuf, source: LineError },
}

/// Loads all songs of a folder, in order of their numbers; `on_progress` hears the share that is done.
pub(crate) fn load(folder: &Path, mut on_progress: impl FnMut(f32)) -> Result<Loaded, SymMvError> {
    let table = read(folder.join("SymMV.csv"), annotation::table)?;
    let (mut songs, mut left_out, mut figures) = (Vec::new(), Vec::new(), Figures::default());
    for (done, entry) in table.iter().enumerate() {
        on_progress(done as f32 / table.len() as f32);
        let chords = read(folder.join(format!("chord/{}.txt", entry.id)), annotation::chords)?;
        let bytes = midi::read(&folder.join(format!("midi/{}.mid", entry.id)));
        match bytes.and_then(|bytes| song(entry, &bytes, &chords)) {
            Ok((song, of_song)) => {
                figures.add(&song, entry, of_song);
                songs.push(song);
            }
            Err(reason) => left_out.push((entry.id.clone(), reason)),
        }
    }
    let licence = "CC BY-NC-SA 4.0, non-commercial".to_owned();
    let corpus = Corpus { name: "SymMV".into(), licence, songs, left_out };
    Ok(Loaded { corpus, measured: figures.values() })
}

/// A song, or why it is left out.
fn song(
    entry: &Entry,
    bytes: &[u8],
    chords: &[Span<Option<crate::music::Chord>>],
) -> Result<(Song, SongFigures), String> {
    let file = MidiFile::read(bytes).map_err(|error| format!("unreadable: {error}"))?;
    let seconds = |ticks: u32| f64::from(ticks) / TICKS_PER_SECOND;
    let notes: Vec<FreeNote> = file
        .parts
        .iter()
        .flat_map(|part| &part.notes)
        .map(|note| FreeNote {
            start: seconds(note.start),
            end: seconds(note.end),
            pitch: note.pitch,
            velocity: note.velocity,
        })
        .collect();
    let tracked = tracking::believed(&notes)?;
    let beat = |ticks: f64| tracked.pulse.beat(ticks / TICKS_PER_SECOND);
    let chords: Vec<_> =
        chords.iter().map(|span| Span { start: beat(span.start), end: beat(span.end), label: span.label }).collect();
    let figures = SongFigures::new(&tracked, &notes, &chords);
    let built = Draft {
        id: entry.id.clone(),
        split: midi::split(Digest::of(entry.address.as_bytes())),
        bpm: tracked.bpm,
        octave: Octave::Kept,
        lead: vec![],
        others: notes.iter().map(|note| note.counted(&tracked.pulse)).collect(),
        written: Written { downbeats: vec![], chords, missing_roots: MISSING_ROOTS.to_vec(), key: Some(entry.key) },
        fewest_bars: FEWEST_BARS,
    }
    .build()?;
    Ok((built.song, figures))
}

fn read<T>(path: PathBuf, parse: impl Fn(&str) -> Result<T, LineError>) -> Result<T, SymMvError> {
    match fs::read_to_string(&path) {
        Ok(text) => parse(&text).map_err(|source| SymMvError::Line { path, source }),
        Err(source) => Err(SymMvError::Unreadable { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first songs, in a folder of their own.
    #[test]
    fn transcriptions_become_songs_or_say_why_not() {
        let Some(data) = crate::testing::data() else { return };
        let from = data.join("symmv");
        let folder = tempfile::TempDir::new().unwrap();
        let table = fs::read_to_string(from.join("SymMV.csv")).unwrap();
        fs::write(folder.path().join("SymMV.csv"), table.lines().take(9).collect::<Vec<_>>().join("\n")).unwrap();
        for part in ["midi", "chord"] {
            std::os::unix::fs::symlink(from.join(part), folder.path().join(part)).unwrap();
        }
        let loaded = load(folder.path(), |_| {}).unwrap();
        let Corpus { songs, left_out, licence, .. } = &loaded.corpus;
        assert_eq!(songs.len() + left_out.len(), 8);
        assert!(songs.len() > 3 && licence.contains("non-commercial"), "{left_out:?}");
        for song in songs {
            assert!(
                (70.0..=140.0).contains(&song.bpm) && song.chords.len() == 2 * song.bars && !song.melody.is_empty()
            );
        }
        let report = loaded.report();
        let near = report.values["onsets_within_30_ms_of_a_sixteenth"].as_f64().unwrap();
        assert!(near > 0.8, "{:?}", report.values);
    }

    #[test]
    #[ignore = "a measurement"]
    #[expect(clippy::print_stderr, reason = "it prints what it measures")]
    fn figures_of_all_songs() {
        let Some(data) = crate::testing::data() else { return };
        let report = load(&data.join("symmv"), |_| {}).unwrap().report();
        eprintln!("{}", report.summary);
        for (name, value) in report.values.iter().filter(|(name, _)| *name != "left_out_songs") {
            eprintln!("{name}: {value}");
        }
    }
}
