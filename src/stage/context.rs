//! What an executor sees of its job: inputs, parameters, seed, device, outputs.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use tempfile::NamedTempFile;

use crate::{
    artifact::{Artifact, BlobRef, Kind},
    digest::Digest,
    error::StageError,
    run::protocol::{FilePath, Job},
    script::Bundle,
    seed::Seed,
};

/// Told of progress: a fraction 0..1 and a short note.
pub(crate) type OnProgress<'a> = Box<dyn FnMut(f32, &str) + 'a>;

pub(crate) struct StageContext<'a> {
    job: &'a Job,
    outputs: BTreeMap<String, Vec<BlobRef>>,
    on_progress: OnProgress<'a>,
}

impl<'a> StageContext<'a> {
    pub(crate) fn new(job: &'a Job, on_progress: OnProgress<'a>) -> Self {
        Self { job, outputs: BTreeMap::new(), on_progress }
    }

    /// All parameters and knobs as a serde struct of the executor's own.
    pub(crate) fn params<P: DeserializeOwned>(&self) -> Result<P, StageError> {
        serde_json::from_value(serde_json::Value::Object(self.job.params.clone()))
            .map_err(|error| StageError::internal(format!("stage {}: parameters: {error}", self.job.stage)))
    }

    /// Name of the stage in the recipe.
    pub(crate) fn stage(&self) -> &str {
        &self.job.stage
    }

    pub(crate) fn seed(&self) -> Seed {
        self.job.seed
    }

    /// `cpu` or `cuda:N`.
    pub(crate) fn device(&self) -> &str {
        &self.job.device
    }

    /// A folder that belongs to this stage's key and survives a kill, for checkpoints.
    pub(crate) fn scratch(&self) -> Result<&Path, StageError> {
        let scratch = &self.job.scratch.0;
        fs::create_dir_all(scratch)?;
        Ok(scratch)
    }

    pub(crate) fn input<A: Artifact>(&self, port: &str) -> Result<A, StageError> {
        self.optional_input(port)?.ok_or_else(|| self.missing(port))
    }

    pub(crate) fn optional_input<A: Artifact>(&self, port: &str) -> Result<Option<A>, StageError> {
        self.blobs(port).first().map(|blob| self.read(blob)).transpose()
    }

    /// Blobs of a port, in order; empty when nothing is joined to it.
    pub(crate) fn blobs(&self, port: &str) -> &[BlobRef] {
        self.job.inputs.get(port).map_or(&[], Vec::as_slice)
    }

    /// The stored file of an input, verified; for artifacts that are files as they are.
    pub(crate) fn input_file(&self, port: &str) -> Result<PathBuf, StageError> {
        let blob = self.blobs(port).first().ok_or_else(|| self.missing(port))?;
        self.blob_file(blob)
    }

    /// The stored file of a blob, verified.
    pub(crate) fn blob_file(&self, blob: &BlobRef) -> Result<PathBuf, StageError> {
        let path = blob_path(&self.job.blobs.0, blob.digest);
        let found = Digest::of_file(&path)?;
        if found != blob.digest {
            return Err(damaged(&path, blob.digest));
        }
        Ok(path)
    }

    /// A blob as its artifact, verified.
    pub(crate) fn read<A: Artifact>(&self, blob: &BlobRef) -> Result<A, StageError> {
        let path = blob_path(&self.job.blobs.0, blob.digest);
        let bytes = fs::read(&path)?;
        if Digest::of(&bytes) != blob.digest {
            return Err(damaged(&path, blob.digest));
        }
        A::from_bytes(&bytes).map_err(|error| StageError::internal(format!("{}: {error}", path.display())))
    }

    /// Where content that lies outside the store is: a `File` or `Folder` parameter's digest, or a `Media` artifact's.
    pub(crate) fn file(&self, digest: Digest) -> Result<&Path, StageError> {
        self.job
            .files
            .get(&digest)
            .map(|FilePath(path)| path.as_path())
            .ok_or_else(|| StageError::internal(format!("stage {}: no path came for {digest}", self.job.stage)))
    }

    /// The style script whose hooks run in this stage; none for built-in styles and styles that have none for it.
    pub(crate) fn style_script(&self) -> Option<&Bundle> {
        let digest: Digest = self.job.params.get("style")?.as_str()?.parse().ok()?;
        self.job.scripts.get(&digest)
    }

    /// A script by the digest that its parameter holds.
    pub(crate) fn script(&self, digest: Digest) -> Result<&Bundle, StageError> {
        let missing = || StageError::internal(format!("stage {}: no script came for {digest}", self.job.stage));
        self.job.scripts.get(&digest).ok_or_else(missing)
    }

    pub(crate) fn progress(&mut self, fraction: f32, note: &str) {
        (self.on_progress)(fraction, note);
    }

    /// Stores an artifact under an output port.
    pub(crate) fn output<A: Artifact>(&mut self, port: &str, artifact: &A) -> Result<(), StageError> {
        self.output_bytes(port, A::KIND, None, &artifact.to_bytes())
    }

    /// Stores bytes under an output port; `name` tells blobs of one port apart.
    pub(crate) fn output_bytes(
        &mut self,
        port: &str,
        kind: Kind,
        name: Option<&str>,
        bytes: &[u8],
    ) -> Result<(), StageError> {
        let mut file = self.temp_file()?;
        file.write_all(bytes)?;
        self.output_file(port, kind, name, file)
    }

    /// A file on the store's own file system to write an output into; gone again if it is not stored.
    pub(crate) fn temp_file(&self) -> Result<NamedTempFile, StageError> {
        let folder = self.job.blobs.0.join("tmp");
        fs::create_dir_all(&folder)?;
        Ok(NamedTempFile::new_in(folder)?)
    }

    /// Stores a finished file under an output port: fsync, then rename to its digest.
    pub(crate) fn output_file(
        &mut self,
        port: &str,
        kind: Kind,
        name: Option<&str>,
        file: NamedTempFile,
    ) -> Result<(), StageError> {
        file.as_file().sync_all()?;
        let digest = Digest::of_file(file.path())?;
        let bytes = file.as_file().metadata()?.len();
        let path = blob_path(&self.job.blobs.0, digest);
        let folder = path.parent().expect("blob paths have a folder");
        fs::create_dir_all(folder)?;
        file.persist(&path).map_err(|error| StageError::from(error.error))?;
        fs::File::open(folder)?.sync_all()?;
        let blob = BlobRef { kind, digest, name: name.map(str::to_owned), bytes };
        self.outputs.entry(port.to_owned()).or_default().push(blob);
        Ok(())
    }

    pub(crate) fn into_outputs(self) -> BTreeMap<String, Vec<BlobRef>> {
        self.outputs
    }

    fn missing(&self, port: &str) -> StageError {
        StageError::internal(format!("stage {}: nothing came in at port {port}", self.job.stage))
    }
}

/// Where a blob lies: two digits of its digest as folder.
pub(crate) fn blob_path(blobs: &Path, digest: Digest) -> PathBuf {
    let name = digest.to_string();
    blobs.join(&name[..2]).join(name)
}

fn damaged(path: &Path, digest: Digest) -> StageError {
    StageError::new(
        crate::error::FailureClass::Temporary,
        format!("{} is damaged: its content is not {digest}; run again and it will be made anew", path.display()),
    )
}
