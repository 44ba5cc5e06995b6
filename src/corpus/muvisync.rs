//! `MuVi-Sync` (Kang, Poria and Herremans 2024, Expert Systems with Applications 249): music videos, second by second.
//!
//! Tracks of one clip may differ by a second: they are cut to the shortest. The training split is dealt in two by its order,
//! one half for what composes and picks, the other for what scores.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use half::f16;

use crate::vmcp::{Clip, ClipRole, Clips, MINOR, MusicSeconds, PictureSeconds};

const TERMS: &str = "research data without a stated licence, research only";
/// Valence and arousal of exciting, fearful, tense, sad, relaxing, neutral.
const EMOTIONS: [[f32; 2]; 6] = [[0.7, 0.7], [-0.6, 0.7], [-0.4, 0.5], [-0.7, -0.4], [0.7, -0.6], [0.0, 0.0]];
const SEMANTIC: usize = 128;
const LONGEST_SECONDS: usize = 7200;
const MOST_BYTES: u64 = 8 << 20;
/// Semitones above the root.
const QUALITIES: [(&str, &[u16]); 14] = [
    ("", &[0, 4, 7]),
    ("maj", &[0, 4, 7]),
    ("min", &[0, 3, 7]),
    ("dim", &[0, 3, 6]),
    ("aug", &[0, 4, 8]),
    ("sus2", &[0, 2, 7]),
    ("sus4", &[0, 5, 7]),
    ("7", &[0, 4, 7, 10]),
    ("maj7", &[0, 4, 7, 11]),
    ("min7", &[0, 3, 7, 10]),
    ("maj6", &[0, 4, 7, 9]),
    ("min6", &[0, 3, 7, 9]),
    ("hdim7", &[0, 3, 6, 10]),
    ("dim7", &[0, 3, 6, 9]),
];
const ROOTS: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];

#[derive(Debug, thiserror::Error)]
pub(crate) enum MuViSyncError {
    #[error("cannot read {}: {source}; the folder must hold idlist.txt, split/ and the tracks' folders", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}, line {line}: {reason}", path.display())]
    Line { path: PathBuf, line: usize, reason: String },
    #[error("{}: {reason}", path.display())]
    File { path: PathBuf, reason: String },
}

/// All clips that a split names, by their numbers; `semantic` reads CLIP's features too.
pub(crate) fn load(folder: &Path, semantic: bool, mut on_progress: impl FnMut(f32)) -> Result<Clips, MuViSyncError> {
    let artists = artists(&folder.join("idlist.txt"))?;
    let mut roles: BTreeMap<String, ClipRole> = BTreeMap::new();
    for (split, first, second) in [
        ("train", ClipRole::Choosing, ClipRole::Scoring),
        ("val", ClipRole::Validation, ClipRole::Validation),
        ("test", ClipRole::Test, ClipRole::Test),
    ] {
        let text = text(&folder.join(format!("split/{split}.txt")))?;
        for (place, id) in text.split_whitespace().enumerate() {
            roles.insert(id.to_owned(), if place % 2 == 0 { first } else { second });
        }
    }
    let count = roles.len().max(1) as f32;
    let mut clips = Vec::with_capacity(roles.len());
    for (id, role) in roles {
        let (picture, music) = clip(folder, &id, semantic)?;
        let artist = artists.get(&id).cloned().unwrap_or_else(|| id.clone());
        clips.push(Clip { id, artist, role, picture, music });
        on_progress(clips.len() as f32 / count);
    }
    Ok(Clips { name: "MuVi-Sync".into(), terms: TERMS.into(), clips })
}

fn clip(folder: &Path, id: &str, semantic: bool) -> Result<(PictureSeconds, MusicSeconds), MuViSyncError> {
    let track = |name: &str, columns: usize| rows(&folder.join(format!("{name}/{id}.lab")), columns);
    let (emotions, motion, scenes) = (track("emotion", 6)?, track("motion", 1)?, track("scene_offset", 1)?);
    let (loudness, density) = (track("loudness", 1)?, track("note_density", 1)?);
    let (minor, chord) = chords(&folder.join(format!("chord_norm/{id}.lab")))?;
    let seen = if semantic { Some(npy(&folder.join(format!("semantic/{id}.npy")))?) } else { None };
    let lengths = [&emotions, &motion, &scenes, &loudness, &density].map(Vec::len);
    let seconds = lengths.into_iter().chain([chord.len()]).chain(seen.as_ref().map(Vec::len)).min().unwrap_or(0);
    let column = |rows: &[Vec<f32>], value: &dyn Fn(&[f32]) -> f32| -> Vec<f32> {
        rows[..seconds].iter().map(|row| value(row)).collect()
    };
    let plane = |side: usize| {
        move |row: &[f32]| row.iter().zip(EMOTIONS).map(|(share, emotion)| share * emotion[side]).sum::<f32>()
    };
    let seen = seen.unwrap_or_default();
    let picture = PictureSeconds {
        valence: column(&emotions, &plane(0)),
        arousal: column(&emotions, &plane(1)),
        motion: column(&motion, &|row| row[0]),
        cuts: column(&scenes, &|row| f32::from(u8::from(row[0] < 0.5))),
        semantic: if semantic { (0..SEMANTIC).map(|at| column(&seen, &|row| row[at])).collect() } else { vec![] },
    };
    let music = MusicSeconds {
        amplitude: column(&loudness, &|row| row[0]),
        density: column(&density, &|row| row[0]),
        chord: chord[..seconds].to_vec(),
        minor,
    };
    Ok((picture, music))
}

/// Names before ` - ` in titles, without guests: what one artist has made is alike.
fn artists(path: &Path) -> Result<BTreeMap<String, String>, MuViSyncError> {
    let title = |line: &str| {
        let (id, title) = line.split('\t').next()?.split_once('-')?;
        let name = title.split(" - ").next()?.to_lowercase();
        let first = [",", "&", " ft", " feat", " x "]
            .iter()
            .fold(name.as_str(), |name, mark| name.split(mark).next().unwrap_or(name));
        Some((id.to_owned(), first.trim().to_owned()))
    };
    Ok(text(path)?.lines().filter_map(title).collect())
}

/// Rows of `second value value ...`; a header is passed over.
fn rows(path: &Path, columns: usize) -> Result<Vec<Vec<f32>>, MuViSyncError> {
    let text = text(path)?;
    let mut rows = Vec::new();
    for (place, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        if place == 0 && line.starts_with("time") {
            continue;
        }
        let trouble = |reason: String| MuViSyncError::Line { path: path.to_owned(), line: place + 1, reason };
        let cells =
            line.split_whitespace().skip(1).map(|cell| cell.parse::<f32>().ok().filter(|cell| cell.is_finite()));
        let row = cells.collect::<Option<Vec<f32>>>().filter(|row| row.len() == columns);
        rows.push(row.ok_or_else(|| trouble(format!("{line:?} is no second with {columns} numbers")))?);
        if rows.len() > LONGEST_SECONDS {
            return Err(trouble(format!("more than {LONGEST_SECONDS} seconds")));
        }
    }
    Ok(rows)
}

/// Whether the key is minor, and the chord of each second.
fn chords(path: &Path) -> Result<(bool, Vec<u16>), MuViSyncError> {
    let text = text(path)?;
    let trouble = |line: usize, reason: String| MuViSyncError::Line { path: path.to_owned(), line, reason };
    let mut lines = text.lines().enumerate();
    let minor = match lines.next().map(|(_, line)| line.trim()) {
        Some("key C major") => false,
        Some("key A minor") => true,
        other => return Err(trouble(1, format!("{other:?} is neither `key C major` nor `key A minor`"))),
    };
    let chord = |(place, line): (usize, &str)| {
        let label = line.split_whitespace().nth(1).unwrap_or_default();
        tones(label).ok_or_else(|| trouble(place + 1, format!("{label:?} is no chord")))
    };
    let chords: Result<Vec<u16>, _> = lines.filter(|(_, line)| !line.trim().is_empty()).map(chord).collect();
    Ok((minor, chords?))
}

/// `B:min`: pitch classes as bits.
fn tones(label: &str) -> Option<u16> {
    if label == "N" {
        return Some(0);
    }
    let (root, quality) = label.split_once(':').unwrap_or((label, ""));
    let root = ROOTS.iter().position(|name| *name == root)? as u16;
    let (_, tones) = QUALITIES.iter().find(|(name, _)| *name == quality)?;
    let minor = if tones[1] == 3 { MINOR } else { 0 };
    Some(tones.iter().fold(minor, |bits, tone| bits | 1 << ((root + tone) % 12)))
}

/// A table of f16 with `SEMANTIC` columns, as numpy saves it (version 1.0).
fn npy(path: &Path) -> Result<Vec<Vec<f32>>, MuViSyncError> {
    let trouble = |reason: &str| MuViSyncError::File { path: path.to_owned(), reason: reason.to_owned() };
    let unreadable = |source| MuViSyncError::Unreadable { path: path.to_owned(), source };
    if fs::metadata(path).map_err(unreadable)?.len() > MOST_BYTES {
        return Err(trouble("larger than 8 MiB"));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    let header =
        bytes.get(8..10).filter(|_| bytes.starts_with(b"\x93NUMPY\x01")).ok_or_else(|| trouble("no numpy file"))?;
    let start = 10 + usize::from(u16::from_le_bytes([header[0], header[1]]));
    let about = bytes.get(10..start).map(String::from_utf8_lossy).ok_or_else(|| trouble("cut off"))?;
    let shape = format!(", {SEMANTIC})");
    if !about.contains("'<f2'") || about.contains("'fortran_order': True") || !about.contains(&shape) {
        return Err(trouble("no table of f16 with 128 columns"));
    }
    let row = |row: &[u8]| {
        let values = row.chunks_exact(2).map(|two| f16::from_le_bytes([two[0], two[1]]).to_f32());
        values.map(|value| if value.is_finite() { value } else { 0.0 }).collect()
    };
    Ok(bytes[start..].chunks_exact(2 * SEMANTIC).map(row).collect())
}

fn text(path: &Path) -> Result<String, MuViSyncError> {
    let unreadable = |source| MuViSyncError::Unreadable { path: path.to_owned(), source };
    let bytes = fs::metadata(path).map_err(unreadable)?.len();
    if bytes > MOST_BYTES {
        return Err(MuViSyncError::File { path: path.to_owned(), reason: format!("{bytes} bytes, over 8 MiB") });
    }
    fs::read_to_string(path).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::Artifact;

    #[test]
    fn chords_are_tones() {
        assert_eq!(tones("A:min"), Some(MINOR | 1 << 9 | 1 | 1 << 4));
        assert_eq!(tones("N"), Some(0));
        assert_eq!(tones("G:7"), Some(1 << 7 | 1 << 11 | 1 << 2 | 1 << 5));
        assert_eq!((tones("H"), tones("C:huge")), (None, None));
    }

    #[test]
    fn all_clips_load_and_pass_between_stages() {
        let Some(data) = crate::testing::data() else { return };
        let clips = load(&data.join("muvisync"), false, |_| ()).unwrap();
        let count = |role| clips.clips.iter().filter(|clip| clip.role == role).count();
        let roles = [ClipRole::Choosing, ClipRole::Scoring, ClipRole::Validation, ClipRole::Test];
        assert_eq!(roles.map(count), [299, 298, 75, 75]);
        let seconds: usize = clips.clips.iter().map(|clip| clip.picture.len()).sum();
        assert_eq!(seconds, 190_460);
        for clip in &clips.clips {
            assert_eq!(clip.picture.len(), clip.music.len());
            assert!(clip.picture.valence.iter().all(|value| value.abs() <= 0.71), "{}", clip.id);
        }
        assert_eq!(Clips::from_bytes(&clips.to_bytes()).unwrap(), clips);
    }

    #[test]
    fn what_is_no_track_is_told() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("x.lab");
        fs::write(&path, "0 1.5\n1 nan\n").unwrap();
        let error = rows(&path, 1).unwrap_err().to_string();
        assert!(error.ends_with("line 2: \"1 nan\" is no second with 1 numbers"), "{error}");
        assert!(load(Path::new("/nowhere"), false, |_| ()).unwrap_err().to_string().contains("/nowhere/idlist.txt"));
        fs::write(&path, b"\x93NUMPY\x01\0\xff\xff").unwrap();
        assert!(npy(&path).is_err());
    }
}
