//! A run.json as it is read again: whose results a folder holds, and what a replay or a remix needs.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{self, Path, PathBuf},
};

use serde::Deserialize;
use serde_json::Value;

use super::run_json::{FileDigest, RecipeRecord};
use crate::{
    digest::Digest,
    run::{Attempts, protocol::FilePath},
};

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct PastRun {
    pub(crate) cuesmith: String,
    pub(crate) recipe: RecipeRecord,
    pub(crate) seed: u64,
    pub(crate) device: String,
    pub(crate) inputs: Vec<FileDigest>,
    #[serde(default)]
    pub(crate) weights: Vec<FileDigest>,
    /// Scripts with the digest of what they mean, modules and all.
    #[serde(default)]
    pub(crate) scripts: Vec<FileDigest>,
    /// By path relative to the folder of results; lossy where it is not UTF-8.
    pub(crate) outputs: BTreeMap<String, Digest>,
    /// None where the first one passed.
    #[serde(default)]
    pub(crate) attempts: Option<Attempts>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum PastRunError {
    #[error("reading {}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{} is no run.json of cuesmith: {source}", path.display())]
    Malformed { path: PathBuf, source: serde_json::Error },
}

impl PastRun {
    pub(crate) fn read(path: &Path) -> Result<Self, PastRunError> {
        let bytes = fs::read(path).map_err(|source| PastRunError::Io { path: path.to_owned(), source })?;
        serde_json::from_slice(&bytes).map_err(|source| PastRunError::Malformed { path: path.to_owned(), source })
    }

    pub(crate) fn input(&self) -> Option<&Path> {
        self.inputs.first().map(|input| input.path.0.as_path())
    }

    /// Whether it tells of this input; none for a recipe that reads no video.
    pub(crate) fn belongs_to(&self, input: Option<&Path>) -> bool {
        self.input().map(absolute) == input.map(absolute)
    }

    /// How much of the video was scored; 0 is all of it.
    pub(crate) fn preview_seconds(&self) -> f64 {
        let mut stages = self.recipe.resolved["stages"].as_object().into_iter().flat_map(|stages| stages.values());
        stages.find_map(|stage| stage.get("preview").and_then(Value::as_f64)).unwrap_or(0.0)
    }
}

pub(super) fn absolute(path: &Path) -> FilePath {
    FilePath(path::absolute(path).unwrap_or_else(|_| path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_run_json_says_so_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        assert!(PastRun::read(&path).unwrap_err().to_string().starts_with("reading "));
        fs::write(&path, "{\"seed\": 1}").unwrap();
        assert!(PastRun::read(&path).unwrap_err().to_string().contains("is no run.json of cuesmith: missing field"));
    }
}
