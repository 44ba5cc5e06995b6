//! The index as a file: safetensors with one row of prints a voice, and the label as JSON in the metadata.
//!
//! A file is read whole and checked before it is searched.

use std::{collections::HashMap, fs, io, path::Path};

use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::Deserialize;

use super::{
    copied::Voice,
    grams::{LONGEST_STEPS, ONSETS},
    index::{Index, Label, VERSION},
    sequence::Sequence,
};
use crate::error::StageError;

const METADATA_KEY: &str = "cuesmith_original";

#[derive(Debug, thiserror::Error)]
pub(crate) enum OriginalError {
    #[error("opening the index {path}: {source}; make it with train.original or give `weights` another file")]
    Unreadable { path: String, source: io::Error },
    #[error("reading the index {path}: {reason}; expected a file that train.original has written")]
    Malformed { path: String, reason: String },
    #[error("reading the index {path}: version {found}, this program reads {VERSION}; make it again or update")]
    Version { path: String, found: u32 },
}

impl From<OriginalError> for StageError {
    fn from(error: OriginalError) -> Self {
        Self::usage(error.to_string())
    }
}

/// Read first: a later version's label may have other fields.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl Index {
    /// Equal indices give equal bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let rows: Vec<(String, Dtype, usize, Vec<u8>)> =
            Voice::ALL.into_iter().flat_map(|voice| rows(voice, self.sequence(voice))).collect();
        let views = rows.iter().map(|(name, kind, length, bytes)| {
            (name.as_str(), TensorView::new(*kind, vec![*length], bytes).expect("as many bytes as numbers"))
        });
        let label = serde_json::to_string(&self.label).expect("a label is plain JSON");
        let metadata = HashMap::from([(METADATA_KEY.to_owned(), label)]);
        safetensors::serialize(views, Some(metadata)).expect("four rows with names of their own")
    }

    pub(crate) fn load(path: &Path) -> Result<Self, OriginalError> {
        let shown = || path.display().to_string();
        let bytes = fs::read(path).map_err(|source| OriginalError::Unreadable { path: shown(), source })?;
        let malformed = |reason: String| OriginalError::Malformed { path: shown(), reason };
        let text = label_text(&bytes).map_err(malformed)?;
        let Version { version } = serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
        if version != VERSION {
            return Err(OriginalError::Version { path: shown(), found: version });
        }
        Self::read(&text, &bytes).map_err(malformed)
    }

    fn read(label: &str, bytes: &[u8]) -> Result<Self, String> {
        let label: Label = serde_json::from_str(label).map_err(|error| error.to_string())?;
        if (label.onsets, label.longest_steps) != (ONSETS, LONGEST_STEPS) {
            return Err(format!("its n-grams have {} onsets, expected {ONSETS}", label.onsets));
        }
        let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
        let melody = sequence(&file, Voice::Melody, label.songs.len())?;
        let accompaniment = sequence(&file, Voice::Accompaniment, label.songs.len())?;
        Ok(Self { label, melody, accompaniment })
    }
}

fn rows(voice: Voice, sequence: &Sequence) -> [(String, Dtype, usize, Vec<u8>); 2] {
    let prints: Vec<u8> = sequence.prints().iter().flat_map(|print| print.to_le_bytes()).collect();
    let starts: Vec<u8> = sequence.starts().iter().flat_map(|start| start.to_le_bytes()).collect();
    let [prints_name, starts_name] = names(voice);
    [
        (prints_name, Dtype::U16, sequence.prints().len(), prints),
        (starts_name, Dtype::U32, sequence.starts().len(), starts),
    ]
}

fn names(voice: Voice) -> [String; 2] {
    ["prints", "starts"].map(|row| format!("{}.{row}", voice.name()))
}

fn label_text(bytes: &[u8]) -> Result<String, String> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
    let text = header.metadata().as_ref().and_then(|metadata| metadata.get(METADATA_KEY)).cloned();
    text.ok_or_else(|| format!("it has no metadata \"{METADATA_KEY}\""))
}

fn sequence(file: &SafeTensors<'_>, voice: Voice, songs: usize) -> Result<Sequence, String> {
    let [prints_name, starts_name] = names(voice);
    let row = |name: &str, kind: Dtype| {
        let view = file.tensor(name).map_err(|error| error.to_string())?;
        if view.dtype() != kind {
            return Err(format!("{name} is stored as {:?}, expected {kind:?}", view.dtype()));
        }
        Ok(view.data().to_vec())
    };
    let prints: Vec<u16> =
        row(&prints_name, Dtype::U16)?.chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]])).collect();
    let starts: Vec<u32> = row(&starts_name, Dtype::U32)?
        .chunks_exact(4)
        .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
        .collect();
    let rise = starts.first() == Some(&0) && starts.is_sorted() && starts.last() == Some(&(prints.len() as u32));
    if starts.len() != songs + 1 || !rise {
        return Err(format!("{starts_name} does not part {} prints into {songs} songs", prints.len()));
    }
    Ok(Sequence::new(prints, starts))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::testing::corpus;

    fn load(bytes: &[u8]) -> Result<Index, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        let shown = file.path().display().to_string();
        Index::load(file.path()).map_err(|error| error.to_string().replace(&shown, "INDEX"))
    }

    #[test]
    fn an_index_comes_back_as_it_was() {
        let bytes = Index::of(&corpus(6), 8).to_bytes();
        let back = load(&bytes).unwrap();
        assert_eq!(back.label.songs, ["000", "002", "003", "005"]);
        assert_eq!(back.to_bytes(), bytes);
    }

    #[test]
    fn what_is_no_index_is_refused_with_a_reason() {
        let error = |bytes: &[u8]| load(bytes).err().unwrap();
        assert!(error(b"no index").contains("expected a file that train.original has written"));
        let mut index = Index::of(&corpus(6), 8);
        index.label.version = VERSION + 1;
        insta::assert_snapshot!(error(&index.to_bytes()), @"reading the index INDEX: version 2, this program reads 1; make it again or update");
        index.label.version = VERSION;
        index.label.songs.pop();
        let parted = error(&index.to_bytes());
        assert!(parted.contains("into 3 songs"), "{parted}");
        let missing = Index::load(Path::new("/nowhere/original.safetensors")).err().unwrap().to_string();
        assert!(missing.contains("/nowhere/original.safetensors"), "{missing}");
    }

    proptest! {
        /// Damage is an error or another index, never a panic.
        #[test]
        fn damage_never_panics(at in 0.0..1.0_f64, byte: u8) {
            let mut bytes = Index::of(&corpus(3), 8).to_bytes();
            let at = (at * bytes.len() as f64) as usize;
            bytes[at] = byte;
            if let Ok(index) = load(&bytes) {
                let song = &corpus(3).songs[0];
                index.longest_run(&song.melody, &song.accompaniment);
            }
            prop_assert!(load(&bytes[..at]).is_err());
        }
    }
}
