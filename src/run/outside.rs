//! What lies outside the store and goes into a plan: the video, weights, a SoundFont, folders of songs.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};

use super::{OutsideFile, protocol::FilePath};
use crate::{
    artifact::Kind,
    digest::Digest,
    error::StageError,
    graph::{Plan, PlannedStage},
    recipe::StageFile,
    script::Bundle,
};

/// How a path becomes a digest: the store remembers, the reader only looks.
pub(super) type Hash<'a> = &'a dyn Fn(&Path) -> io::Result<Digest>;

/// The outside files of one plan, hashed.
#[derive(Debug, Default)]
pub(super) struct Outside(Vec<Hashed>);

#[derive(Debug)]
struct Hashed {
    stage: String,
    param: String,
    path: PathBuf,
    digest: Result<Digest, StageError>,
    /// Texts that travel with the job: what was read is what runs.
    script: Option<Bundle>,
}

impl Outside {
    /// `input` decides who is to blame for a file that can't be read: who made the video, or who wrote the recipe.
    pub(super) fn of(plan: &Plan, input: Option<&Path>, hash: Hash) -> Self {
        let files =
            plan.stages.iter().flat_map(|stage| stage.files.iter().map(move |(param, file)| (stage, param, file)));
        Self(files.map(|(stage, param, file)| Hashed::of(stage, param, file, input, hash)).collect())
    }

    /// Parameters of a stage with the digests of its files in place.
    pub(super) fn params(&self, stage: &PlannedStage) -> Result<Map<String, Value>, StageError> {
        let mut params = stage.params.clone();
        for file in self.of_stage(&stage.name) {
            params.insert(file.param.clone(), file.digest.clone()?.to_string().into());
        }
        Ok(params)
    }

    /// Where each content lies, for jobs.
    pub(super) fn paths(&self) -> BTreeMap<Digest, FilePath> {
        let files = self.0.iter().filter(|file| file.script.is_none());
        let known = files.filter_map(|file| Some((file.digest.clone().ok()?, &file.path)));
        known.map(|(digest, path)| (digest, FilePath(absolute(path)))).collect()
    }

    /// The scripts of a stage.
    pub(super) fn scripts(&self, stage: &str) -> BTreeMap<Digest, Bundle> {
        let scripts = self.of_stage(stage).filter_map(|file| Some((file.digest.clone().ok()?, file.script.clone()?)));
        scripts.collect()
    }

    pub(super) fn list(&self) -> Vec<OutsideFile> {
        let known = self.0.iter().filter_map(|file| Some((file, file.digest.clone().ok()?)));
        known.map(|(file, digest)| file.listed(digest)).collect()
    }

    /// A file of this stage that is not what it was when its key was made: what the stage made is not worth keeping.
    /// Stages that take a `Media` read the input past their own parameters.
    pub(super) fn changed(&self, stage: &PlannedStage, input: Option<&Path>, hash: Hash) -> Option<StageError> {
        let reads_video = stage.node.inputs.iter().any(|port| port.kind == Kind::Media);
        let is_read = |file: &&Hashed| file.stage == stage.name || (reads_video && input == Some(&file.path));
        let is_changed = |file: &&Hashed| match &file.digest {
            Ok(_) if file.script.is_some() => false,
            Ok(digest) => hash(&file.path).ok() != Some(*digest),
            Err(_) => false,
        };
        let changed = self.0.iter().filter(is_read).find(is_changed)?;
        let message = format!("{} changed while it was read; run again when it is complete", changed.path.display());
        Some(StageError::media(message))
    }

    fn of_stage<'a>(&'a self, stage: &'a str) -> impl Iterator<Item = &'a Hashed> {
        self.0.iter().filter(move |file| file.stage == stage)
    }
}

impl Hashed {
    fn of(stage: &PlannedStage, param: &str, file: &StageFile, input: Option<&Path>, hash: Hash) -> Self {
        let (path, digest) = match file {
            StageFile::At(path) => (path.clone(), hash(path).map_err(|error| blame(stage, param, path, input, &error))),
            StageFile::Script(script) => (PathBuf::from(&script.bundle.name), Ok(script.digest)),
            StageFile::Input => {
                let message = format!("stage {} reads a video; name one with --input", stage.name);
                (PathBuf::new(), Err(StageError::usage(message)))
            }
        };
        let script = if let StageFile::Script(script) = file { Some(script.bundle.clone()) } else { None };
        Self { stage: stage.name.clone(), param: param.to_owned(), path, digest, script }
    }

    fn listed(&self, digest: Digest) -> OutsideFile {
        let path = self.path.to_string_lossy().into_owned();
        OutsideFile { stage: self.stage.clone(), param: self.param.clone(), path, digest }
    }
}

fn blame(stage: &PlannedStage, param: &str, path: &Path, input: Option<&Path>, error: &io::Error) -> StageError {
    if input == Some(path) {
        StageError::media(format!("input {}: {error}", path.display()))
    } else {
        StageError::usage(format!("stage {}: {param} {}: {error}; see `cuesmith doctor`", stage.name, path.display()))
    }
}

pub(super) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
