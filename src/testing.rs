//! Test support: the gate on shared data, and a bench that runs one node as the worker would.
//!
//! Tests that need real clips or songs start with `let Some(data) = testing::data() else { return };`.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};
use tempfile::TempDir;

use crate::{
    artifact::{Artifact, BlobRef},
    corpus::{Song, pop909},
    digest::Digest,
    error::StageError,
    node::{self, KNOBS, NodeSpec, Param},
    run::protocol::{FilePath, Job},
    seed::Seed,
    stage::{self, StageContext, blob_path},
};

/// The folder of shared data that `CUESMITH_DATA` names; without it the test says so and is skipped.
#[expect(clippy::print_stderr, reason = "a test that is skipped has to say so")]
pub(crate) fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("CUESMITH_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: CUESMITH_DATA is not set");
    }
    folder
}

/// Weights that come with the project.
pub(crate) fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("store/models/{name}.safetensors"))
}

/// Songs of POP909 by their numbers, by way of a folder that holds no others.
pub(crate) fn songs(data: &Path, wanted: impl Fn(&str) -> bool) -> Vec<Song> {
    let folder = TempDir::new().unwrap();
    let pop909 = data.join("pop909");
    let index = fs::read_to_string(pop909.join("index.csv")).unwrap();
    let mut rows = index.lines();
    let mut kept = vec![rows.next().unwrap()];
    for row in rows.filter(|row| wanted(&row[..3])) {
        kept.push(row);
        symlink(pop909.join(&row[..3]), folder.path().join(&row[..3])).unwrap();
    }
    fs::write(folder.path().join("index.csv"), kept.join("\n")).unwrap();
    pop909::load(folder.path(), |_| ()).unwrap().songs
}

/// One node on a workbench: inputs and parameters in, outputs out, in a store of its own.
pub(crate) struct Bench {
    store: TempDir,
    job: Job,
}

impl Bench {
    /// All parameters and knobs of the node at their defaults, seed 1, on the CPU.
    pub(crate) fn new(node: &str) -> Self {
        let spec = node::find(node).unwrap();
        let store = TempDir::new().unwrap();
        let job = Job {
            id: 1,
            stage: node.rsplit('.').next().unwrap().to_owned(),
            node: node.to_owned(),
            params: defaults(spec),
            inputs: BTreeMap::new(),
            files: BTreeMap::new(),
            scripts: BTreeMap::new(),
            seed: Seed::master(1),
            device: "cpu".to_owned(),
            blobs: FilePath(store.path().join("blobs")),
            scratch: FilePath(store.path().join("scratch")),
        };
        Self { store, job }
    }

    pub(crate) fn param(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.job.params.insert(name.to_owned(), value.into());
        self
    }

    /// Gives a `File` parameter: its digest as value, its path beside it.
    pub(crate) fn file(mut self, name: &str, path: &Path) -> Self {
        let digest = Digest::of_file(path).unwrap();
        self.job.files.insert(digest, FilePath(path.to_owned()));
        self.param(name, digest.to_string())
    }

    /// As `file`, for a folder whose digest the caller makes up.
    pub(crate) fn outside(mut self, name: &str, digest: Digest, path: &Path) -> Self {
        self.job.files.insert(digest, FilePath(path.to_owned()));
        self.param(name, digest.to_string())
    }

    pub(crate) fn seed(mut self, seed: Seed) -> Self {
        self.job.seed = seed;
        self
    }

    /// Puts an artifact at an input port; once more for ports that take many.
    pub(crate) fn input<A: Artifact>(mut self, port: &str, artifact: &A) -> Self {
        let mut context = StageContext::new(&self.job, Box::new(|_, _| {}));
        context.output(port, artifact).unwrap();
        let blobs = context.into_outputs().remove(port).unwrap();
        self.job.inputs.entry(port.to_owned()).or_default().extend(blobs);
        self
    }

    pub(crate) fn run(self) -> Result<Outputs, StageError> {
        let execute = stage::executor(&self.job.node).unwrap();
        let mut context = StageContext::new(&self.job, Box::new(|_, _| {}));
        execute(&mut context)?;
        let blobs = context.into_outputs();
        Ok(Outputs { store: self.store, blobs })
    }
}

/// What a node put out.
pub(crate) struct Outputs {
    store: TempDir,
    blobs: BTreeMap<String, Vec<BlobRef>>,
}

impl Outputs {
    /// The only artifact of a port.
    pub(crate) fn get<A: Artifact>(&self, port: &str) -> A {
        A::from_bytes(&fs::read(self.path(port)).unwrap()).unwrap()
    }

    pub(crate) fn blobs(&self, port: &str) -> &[BlobRef] {
        &self.blobs[port]
    }

    /// Where the first blob of a port lies.
    pub(crate) fn path(&self, port: &str) -> PathBuf {
        blob_path(&self.store.path().join("blobs"), self.blobs[port][0].digest)
    }
}

fn defaults(spec: &NodeSpec) -> Map<String, Value> {
    let knobs = KNOBS.iter().filter(|knob| spec.knobs.contains(&knob.name));
    let default = |param: &Param| Some((param.name.to_owned(), serde_json::from_str(param.default?).unwrap()));
    spec.params.iter().chain(knobs).filter_map(default).collect()
}
