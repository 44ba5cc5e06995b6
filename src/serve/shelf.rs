//! The results of one job: what its run.json tells, and the files that it lists. Nothing else is given out.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Component, Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

const RECORD: &str = "run.json";
/// The record of an hour of film has some hundred KiB.
const RECORD_BYTES: u64 = 32 << 20;
/// Endings under which a report looks for its film.
const FILMS: [&str; 4] = ["mp4", "mov", "webm", "mkv"];

pub(super) struct Shelf {
    /// With all links resolved.
    folder: PathBuf,
    pub(super) record: Record,
}

/// Of run.json what the page shows.
#[derive(Debug, Deserialize)]
pub(super) struct Record {
    recipe: RecipePart,
    outputs: BTreeMap<String, Value>,
    #[serde(default)]
    pub(super) checks: BTreeMap<String, Check>,
    #[serde(default)]
    pub(super) stages: Vec<StageLine>,
}

#[derive(Debug, Deserialize)]
struct RecipePart {
    resolved: Value,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Check {
    passed: Option<bool>,
    summary: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StageLine {
    name: String,
    node: String,
    status: String,
    seconds: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct FileLine {
    name: String,
    bytes: u64,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum ShelfError {
    #[error("the results in {} can't be read: {source}; do the job again, or bring the folder back", folder.display())]
    Io { folder: PathBuf, source: io::Error },
    #[error("run.json in {} has {bytes} bytes, more than {RECORD_BYTES}", folder.display())]
    Large { folder: PathBuf, bytes: u64 },
    #[error("run.json in {} is none of cuesmith: {source}", folder.display())]
    Malformed { folder: PathBuf, source: serde_json::Error },
}

impl Shelf {
    pub(super) fn open(folder: &Path) -> Result<Self, ShelfError> {
        let io = |source| ShelfError::Io { folder: folder.to_owned(), source };
        let real = fs::canonicalize(folder).map_err(io)?;
        let path = inside(&real, RECORD).ok_or_else(|| io(io::ErrorKind::NotFound.into()))?;
        let bytes = fs::metadata(&path).map_err(io)?.len();
        if bytes > RECORD_BYTES {
            return Err(ShelfError::Large { folder: folder.to_owned(), bytes });
        }
        let text = fs::read(&path).map_err(io)?;
        let record = serde_json::from_slice(&text)
            .map_err(|source| ShelfError::Malformed { folder: folder.to_owned(), source })?;
        Ok(Self { folder: real, record })
    }

    /// Where a file lies that may be given out.
    pub(super) fn file(&self, name: &str) -> Option<PathBuf> {
        if name == RECORD || self.record.outputs.contains_key(name) {
            return inside(&self.folder, name);
        }
        inside(&self.folder, self.film_of_report(name)?)
    }

    /// A report looks for the film under the name of the folder that it lies in, which here is `files`.
    fn film_of_report(&self, name: &str) -> Option<&str> {
        let ending = name.strip_prefix("files.").filter(|ending| FILMS.contains(ending))?;
        let mut names = self.record.outputs.keys().map(String::as_str);
        names.find(|name| !name.contains('/') && name.rsplit_once('.').is_some_and(|(_, end)| end == ending))
    }

    /// All files that may be given out and are still there.
    pub(super) fn files(&self) -> Vec<FileLine> {
        let names = self.record.outputs.keys().map(String::as_str).chain([RECORD]);
        let line = |name: &str| {
            let bytes = fs::metadata(inside(&self.folder, name)?).ok()?.len();
            Some(FileLine { name: name.to_owned(), bytes })
        };
        names.filter_map(line).collect()
    }

    /// As the recipe resolved them.
    pub(super) fn knobs(&self) -> &Value {
        &self.record.recipe.resolved["knobs"]
    }
}

/// A plain file below the folder; a link may lead to it, but not out of the folder.
fn inside(folder: &Path, name: &str) -> Option<PathBuf> {
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    if name.is_empty() || name.contains('\0') || !Path::new(name).components().all(is_plain) {
        return None;
    }
    let path = fs::canonicalize(folder.join(name)).ok()?;
    (path.starts_with(folder) && path.is_file()).then_some(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_leads_out_of_the_folder_is_no_file() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "s").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let real = fs::canonicalize(folder.path()).unwrap();
        fs::create_dir(real.join("stems")).unwrap();
        fs::write(real.join("stems/bass.wav"), "b").unwrap();
        symlink(real.join("stems/bass.wav"), real.join("own")).unwrap();
        symlink(outside.path().join("secret"), real.join("link")).unwrap();
        symlink(outside.path(), real.join("out")).unwrap();
        assert!(inside(&real, "stems/bass.wav").is_some() && inside(&real, "own").is_some());
        for name in ["link", "out/secret", "../x", "stems/../../x", "/etc/passwd", "", ".", "stems", "a\0b", "none"] {
            assert!(inside(&real, name).is_none(), "{name:?}");
        }
    }
}
