//! Pairs of a video and its music: `NAME.mp4` beside `NAME.mid`, or a `pairs.csv` that names both.
//!
//! The music is read as `midi` reads it; what the pictures show comes from whoever calls, so that no video is decoded here.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use serde_json::json;

use super::{
    Corpus, Loaded,
    midi::{self, MidiFolderError, Terms},
};
use crate::{artifact::BarPicture, digest::Digest};

const TABLE: &str = "pairs.csv";
const LARGEST_TABLE_BYTES: u64 = 16 << 20;
const VIDEO_ENDINGS: [&str; 8] = ["mp4", "mov", "m4v", "mkv", "webm", "avi", "mpg", "mpeg"];

struct Pair {
    id: String,
    music: PathBuf,
    video: Result<PathBuf, String>,
}

/// Pictures of a video over spans of seconds, or why there are none.
pub(crate) type Look<'a> = &'a mut dyn FnMut(&Path, Digest, &[(f64, f64)]) -> Result<Vec<BarPicture>, String>;

/// Loads all pairs of a folder in order; `look` is asked once for each piece of music that is taken.
pub(crate) fn load(
    folder: &Path,
    terms: Terms,
    fewest_bars: usize,
    look: Look,
    mut on_progress: impl FnMut(f32),
) -> Result<Loaded, MidiFolderError> {
    let pairs = pairs(folder)?;
    let (mut songs, mut left_out) = (Vec::new(), Vec::new());
    for (done, pair) in pairs.iter().enumerate() {
        on_progress(done as f32 / pairs.len() as f32);
        match song(pair, fewest_bars, look) {
            Ok(song) => songs.push(song),
            Err(reason) => left_out.push((pair.id.clone(), reason)),
        }
    }
    let Terms { name, licence } = terms;
    let measured = [("pairs".to_owned(), json!(pairs.len())), ("channels".to_owned(), json!(["color", "motion"]))];
    Ok(Loaded { corpus: Corpus { name, licence, songs, left_out }, measured: measured.into() })
}

/// The split goes by the video: two pieces for one video stay together.
fn song(pair: &Pair, fewest_bars: usize, look: Look) -> Result<super::Song, String> {
    let video = pair.video.as_ref().map_err(Clone::clone)?;
    let digest = Digest::of_file(video).map_err(|error| format!("unreadable video: {error}"))?;
    let timed = midi::song(&pair.id, midi::split(digest), &midi::read(&pair.music)?, fewest_bars)?;
    let spans: Vec<(f64, f64)> = timed.bars.windows(2).map(|pair| (pair[0], pair[1])).collect();
    let picture = look(video, digest, &spans)?;
    Ok(super::Song { picture, ..timed.song })
}

fn pairs(folder: &Path) -> Result<Vec<Pair>, MidiFolderError> {
    let table = folder.join(TABLE);
    let unreadable = |source| MidiFolderError::Unreadable { path: table.clone(), source };
    match fs::metadata(&table) {
        Ok(found) if found.len() > LARGEST_TABLE_BYTES => {
            Err(unreadable(std::io::Error::other(format!("it has {} bytes", found.len()))))
        }
        Ok(_) => Ok(listed(folder, &fs::read_to_string(&table).map_err(unreadable)?)),
        Err(_) => Ok(midi::files(folder)?.into_iter().map(|music| beside(folder, music)).collect()),
    }
}

/// Rows of `video,music`, both under the folder.
fn listed(folder: &Path, text: &str) -> Vec<Pair> {
    let rows = text.lines().map(str::trim).filter(|row| !row.is_empty() && *row != "video,music");
    let pair = |row: &str| {
        let (video, music) = row.split_once(',').unwrap_or((row, ""));
        let video = inside(folder, video).ok_or_else(|| format!("not in the folder: {video}"));
        let found = inside(folder, music).ok_or_else(|| format!("not in the folder: {music}"));
        Pair {
            id: Path::new(music.trim()).with_extension("").to_string_lossy().into_owned(),
            video: found.as_ref().map_err(Clone::clone).and_then(|_| video.clone()),
            music: found.unwrap_or_default(),
        }
    };
    rows.map(pair).collect()
}

/// Names of people's tables must not lead out of the folder, whose content is all that the stage's key knows.
fn inside(folder: &Path, name: &str) -> Option<PathBuf> {
    let path = Path::new(name.trim());
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    (plain && !name.trim().is_empty()).then(|| folder.join(path))
}

fn beside(folder: &Path, music: PathBuf) -> Pair {
    let video = VIDEO_ENDINGS.iter().map(|ending| music.with_extension(ending)).find(|video| video.is_file());
    let video = video.ok_or_else(|| format!("no video: none of {} beside it", VIDEO_ENDINGS.join(", ")));
    Pair { id: midi::id(folder, &music), music, video }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_name_pairs_and_lead_nowhere_else() {
        let pairs = listed(Path::new("/f"), "video,music\na.mp4, b.mid\n../x.mp4,c.mid\n/etc/passwd,d.mid\ne.mp4\n");
        let shown: Vec<_> = pairs.iter().map(|pair| (pair.id.as_str(), pair.video.is_ok())).collect();
        assert_eq!(shown, [("b", true), ("c", false), ("d", false), ("", false)]);
        assert_eq!(pairs[0].music, Path::new("/f/b.mid"));
    }
}
