//! Own folders of MIDI files: whatever lies in them, brought onto the grid or left out with a reason.
//!
//! Nothing is trusted: sizes, counts and lengths are limited, and a broken file is a reason, never an error of the whole.

mod counted;
mod parts;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use walkdir::WalkDir;

use self::counted::{Counted, Counting};
use super::{Corpus, Loaded, Song, Split, draft::Draft};
use crate::{digest::Digest, music::smf::MidiFile};

const MOST_FILES: usize = 20_000;
const DEEPEST: usize = 16;
const LARGEST_BYTES: u64 = 16 << 20;

#[derive(Debug, thiserror::Error)]
pub(crate) enum MidiFolderError {
    #[error("cannot read {}: {source}; give a folder of MIDI files", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} holds more than {MOST_FILES} MIDI files; split it and join the parts with data.join", path.display())]
    TooMany { path: PathBuf },
    #[error("{} holds no MIDI file (.mid, .midi)", path.display())]
    Empty { path: PathBuf },
}

/// What the data are called, and on which terms they may be used.
pub(crate) struct Terms {
    pub(crate) name: String,
    pub(crate) licence: String,
}

/// A song with the seconds of the file at which its bars begin; one more for the end.
pub(crate) struct TimedSong {
    pub(crate) song: Song,
    pub(crate) bars: Vec<f64>,
    /// Whether its beats had to be found.
    pub(crate) tracked: bool,
}

/// Loads all MIDI files of a folder and the folders in it, in order of their paths.
pub(crate) fn load(
    folder: &Path,
    terms: Terms,
    fewest_bars: usize,
    mut on_progress: impl FnMut(f32),
) -> Result<Loaded, MidiFolderError> {
    let files = files(folder)?;
    let (mut songs, mut left_out, mut seen) = (Vec::new(), Vec::new(), BTreeMap::new());
    let mut tracked = 0;
    for (done, path) in files.iter().enumerate() {
        on_progress(done as f32 / files.len() as f32);
        let id = id(folder, path);
        let read = read(path).and_then(|bytes| {
            let digest = Digest::of(&bytes);
            match seen.insert(digest, id.clone()) {
                Some(other) => Err(format!("same content as another file: {other}")),
                None => song(&id, split(digest), &bytes, fewest_bars),
            }
        });
        match read {
            Ok(found) => {
                tracked += usize::from(found.tracked);
                songs.push(found.song);
            }
            Err(reason) => left_out.push((id, reason)),
        }
    }
    let measured = [("files".to_owned(), json!(files.len())), ("beats_found".to_owned(), json!(tracked))];
    let Terms { name, licence } = terms;
    Ok(Loaded { corpus: Corpus { name, licence, songs, left_out }, measured: measured.into() })
}

/// The song of a MIDI file, or why it is left out.
pub(crate) fn song(id: &str, split: Split, bytes: &[u8], fewest_bars: usize) -> Result<TimedSong, String> {
    let file = MidiFile::read(bytes).map_err(|error| format!("unreadable: {error}"))?;
    if is_cut_short(bytes) {
        return Err("unreadable: the file is cut short".to_owned());
    }
    let parts = parts::Parts::of(&file)?;
    let Counted { counting, bpm, octave, downbeats } = Counted::of(&file, &parts)?;
    let counted = |notes: Vec<_>| notes.into_iter().map(|note| counting.note(&note)).collect();
    let built = Draft {
        id: id.to_owned(),
        split,
        bpm,
        octave,
        lead: counted(parts.lead),
        others: counted(parts.others),
        written: super::draft::Written { downbeats, ..Default::default() },
        fewest_bars,
    }
    .build()?;
    let bars = built.bars.into_iter().map(|beat| counting.seconds(beat)).collect();
    Ok(TimedSong { song: built.song, bars, tracked: matches!(counting, Counting::Found(_)) })
}

/// Whether a chunk says that it is longer than what is left of the file: half a song has no ending to learn.
fn is_cut_short(bytes: &[u8]) -> bool {
    let mut place = 0;
    while let Some(length) = bytes.get(place + 4..place + 8) {
        let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        place += 8 + length;
    }
    place > bytes.len()
}

/// Eight in ten train: by content, so that a renamed file stays where it was.
pub(crate) fn split(content: Digest) -> Split {
    match u32::from_str_radix(&content.short(), 16).unwrap_or(0) % 10 {
        0 => Split::Test,
        9 => Split::Validation,
        _ => Split::Train,
    }
}

pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, MidiFolderError> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).max_depth(DEEPEST).sort_by_file_name() {
        let entry = entry.map_err(|error| MidiFolderError::Unreadable {
            path: error.path().unwrap_or(folder).to_owned(),
            source: error.into(),
        })?;
        let is_midi = entry
            .path()
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("mid") || extension.eq_ignore_ascii_case("midi"));
        if is_midi && entry.file_type().is_file() {
            files.push(entry.into_path());
        }
        if files.len() > MOST_FILES {
            return Err(MidiFolderError::TooMany { path: folder.to_owned() });
        }
    }
    if files.is_empty() { Err(MidiFolderError::Empty { path: folder.to_owned() }) } else { Ok(files) }
}

/// The path under the folder, without its ending.
pub(super) fn id(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).with_extension("").to_string_lossy().into_owned()
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error: io::Error| format!("unreadable: {error}");
    let bytes = fs::metadata(path).map_err(unreadable)?.len();
    if bytes > LARGEST_BYTES {
        return Err(format!("unreadable: {bytes} bytes, over the limit of {LARGEST_BYTES}"));
    }
    fs::read(path).map_err(unreadable)
}

/// For reports that say more of their songs.
pub(crate) type Measured = BTreeMap<String, Value>;

#[cfg(test)]
pub(crate) use self::tests::plain as made;

#[cfg(test)]
mod tests;
