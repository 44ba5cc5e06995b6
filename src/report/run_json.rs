//! run.json: what went in, what came out and how, beside every result. Lock file and provenance record in one.
//!
//! Fields come in the order in which they are declared here; others rely on their names.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ExportFile, past_run::absolute};
use crate::{
    artifact::{Artifact, Bar, CuePlan, Cut, Cuts, Kind, Report, TempoMark},
    digest::Digest,
    graph::Plan,
    recipe::StageFile,
    run::{Attempts, InputOutcome, OutsideFile, StageOutcome, Status, protocol::FilePath},
    store::Blobs,
};

#[derive(Clone, Debug, Serialize)]
pub(crate) struct RunJson {
    cuesmith: &'static str,
    recipe: RecipeRecord,
    seed: u64,
    device: String,
    inputs: Vec<FileDigest>,
    weights: Vec<FileDigest>,
    scripts: Vec<FileDigest>,
    stages: Vec<StageRecord>,
    cuts: Vec<Cut>,
    /// None when the recipe plans no music.
    plan: Option<MusicPlan>,
    /// Where a check had the piece composed anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<Attempts>,
    checks: BTreeMap<String, Report>,
    outputs: BTreeMap<String, Digest>,
    seconds: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RecipeRecord {
    pub(crate) path: FilePath,
    /// Of its own text, without those that it extends: `resolved` has what came of them.
    pub(crate) digest: Digest,
    /// In the form of a recipe, with nothing left to defaults.
    pub(crate) resolved: Value,
}

/// A file outside the store, with its content's digest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FileDigest {
    pub(crate) path: FilePath,
    pub(crate) digest: Digest,
}

#[derive(Clone, Debug, Serialize)]
struct StageRecord {
    name: String,
    node: &'static str,
    key: Option<Digest>,
    status: Status,
    seconds: f64,
    outputs: Vec<OutputRecord>,
}

#[derive(Clone, Debug, Serialize)]
struct OutputRecord {
    port: String,
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    digest: Digest,
}

#[derive(Clone, Debug, Serialize)]
struct MusicPlan {
    key: String,
    tempo_map: Vec<TempoMark>,
    bars: Vec<Bar>,
    /// Seconds.
    end: f64,
}

/// The recipe as it was asked for; a built-in one has its name as path.
#[derive(Clone, Debug)]
pub(crate) struct RecipeFacts {
    pub(crate) path: PathBuf,
    pub(crate) digest: Digest,
    pub(crate) resolved: Value,
}

/// What a run.json is made from.
pub(crate) struct RunFacts<'a> {
    pub(crate) recipe: &'a RecipeFacts,
    /// The recipe's plan, without the input's path.
    pub(crate) plan: &'a Plan,
    pub(crate) input: Option<&'a Path>,
    pub(crate) preview_seconds: f64,
    pub(crate) device: &'a str,
    pub(crate) outcome: &'a InputOutcome,
    pub(crate) files: &'a [ExportFile],
}

impl RunJson {
    /// Small artifacts are read from the store; one that cannot be read is left out, its digest is still there.
    pub(crate) fn of(facts: &RunFacts<'_>, blobs: &Blobs) -> Self {
        let outcome = facts.outcome;
        let music: Option<CuePlan> = artifacts(outcome, blobs).next();
        let shots: Option<Cuts> = artifacts(outcome, blobs).next();
        Self {
            cuesmith: env!("CARGO_PKG_VERSION"),
            recipe: RecipeRecord {
                path: FilePath(facts.recipe.path.clone()),
                digest: facts.recipe.digest,
                resolved: resolved(facts),
            },
            seed: facts.plan.seed,
            device: facts.device.to_owned(),
            inputs: inputs(facts),
            weights: outside(outcome, |file| file.param == "weights"),
            scripts: outside(outcome, |file| is_script(facts.plan, file)),
            stages: outcome.stages.iter().map(StageRecord::of).collect(),
            cuts: shots.map(|shots| shots.cuts).or(music.as_ref().map(|music| music.cuts.clone())).unwrap_or_default(),
            plan: music.map(MusicPlan::of),
            attempts: Some(outcome.attempts.clone()).filter(|attempts| !attempts.refused.is_empty()),
            checks: checks(outcome, blobs),
            outputs: facts.files.iter().map(|file| (text(&file.path), file.blob.digest)).collect(),
            seconds: outcome.seconds,
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("run.json holds no maps with keys other than strings");
        bytes.push(b'\n');
        bytes
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// With the preview in place: it is an argument of the run, but a replay needs it.
fn resolved(facts: &RunFacts<'_>) -> Value {
    let mut resolved = facts.recipe.resolved.clone();
    let readers = facts.plan.stages.iter().filter(|stage| stage.files.values().any(|file| *file == StageFile::Input));
    for reader in readers.filter(|stage| stage.params.contains_key("preview")) {
        if let Some(stage) = resolved["stages"].get_mut(&reader.name) {
            stage["preview"] = facts.preview_seconds.into();
        }
    }
    resolved
}

fn inputs(facts: &RunFacts<'_>) -> Vec<FileDigest> {
    let Some(path) = facts.input else { return Vec::new() };
    let is_input = |file: &&OutsideFile| {
        let stage = facts.plan.stage(&file.stage);
        stage.and_then(|stage| stage.files.get(&file.param)) == Some(&StageFile::Input)
    };
    let found = facts.outcome.files.iter().find(is_input);
    found.map(|file| FileDigest { path: absolute(path), digest: file.digest }).into_iter().collect()
}

fn is_script(plan: &Plan, file: &OutsideFile) -> bool {
    let found = plan.stage(&file.stage).and_then(|stage| stage.files.get(&file.param));
    matches!(found, Some(StageFile::Script(_)))
}

/// Files outside the store that fit, each once.
fn outside(outcome: &InputOutcome, fits: impl Fn(&OutsideFile) -> bool) -> Vec<FileDigest> {
    let found = outcome.files.iter().filter(|file| fits(file));
    let by_path: BTreeMap<FilePath, Digest> =
        found.map(|file| (absolute(Path::new(&file.path)), file.digest)).collect();
    by_path.into_iter().map(|(path, digest)| FileDigest { path, digest }).collect()
}

/// All artifacts of a kind, in the plan's order.
fn artifacts<'a, A: Artifact>(outcome: &'a InputOutcome, blobs: &'a Blobs) -> impl Iterator<Item = A> + 'a {
    let found = outcome.stages.iter().flat_map(|stage| stage.outputs.values().flatten());
    found.filter(|blob| blob.kind == A::KIND).filter_map(|blob| A::from_bytes(&blobs.read(blob)?).ok())
}

/// What the plan wants people to know.
pub(crate) fn notes(outcome: &InputOutcome, blobs: &Blobs) -> Vec<String> {
    artifacts::<CuePlan>(outcome, blobs).flat_map(|plan| plan.notes).collect()
}

fn checks(outcome: &InputOutcome, blobs: &Blobs) -> BTreeMap<String, Report> {
    let checks = outcome.stages.iter().filter(|stage| stage.node.starts_with("check."));
    let report = |stage: &StageOutcome| {
        let blob = stage.outputs.values().flatten().find(|blob| blob.kind == Kind::Report)?;
        Some((stage.name.clone(), Report::from_bytes(&blobs.read(blob)?).ok()?))
    };
    checks.filter_map(report).collect()
}

impl StageRecord {
    fn of(stage: &StageOutcome) -> Self {
        let outputs = stage.outputs.iter().flat_map(|(port, blobs)| {
            blobs.iter().map(|blob| OutputRecord {
                port: port.clone(),
                kind: blob.kind,
                name: blob.name.clone(),
                digest: blob.digest,
            })
        });
        Self {
            name: stage.name.clone(),
            node: stage.node,
            key: stage.key,
            status: stage.status,
            seconds: stage.seconds,
            outputs: outputs.collect(),
        }
    }
}

impl MusicPlan {
    fn of(plan: CuePlan) -> Self {
        Self { key: plan.key.to_string(), tempo_map: plan.tempo_map, bars: plan.bars, end: plan.end_seconds }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::{super::PastRun, *};
    use crate::{
        artifact::BlobRef,
        graph::PlannedStage,
        music::{Key, Mode},
        node::{self, Limits},
        store::{Reader, write_atomically},
    };

    fn plan() -> Plan {
        let source = PlannedStage {
            name: "source".to_owned(),
            node: node::find("source.video").unwrap(),
            params: Map::from_iter([("preview".to_owned(), 0.into())]),
            files: BTreeMap::from([("file".to_owned(), StageFile::Input)]),
            inputs: BTreeMap::new(),
            limits: Limits::new(60, 512),
            on_fail: None,
        };
        Plan { recipe: "vlog".into(), seed: 7, stages: vec![source] }
    }

    /// A finished run of the small plan, with its artifacts in a store.
    struct Scene {
        blobs: Blobs,
        outcome: InputOutcome,
        files: Vec<ExportFile>,
        _folder: tempfile::TempDir,
    }

    impl Scene {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let blobs = Reader::new(folder.path()).blobs().clone();
            let outcome = InputOutcome {
                stages: Vec::new(),
                seconds: 2.5,
                interrupted: false,
                files: Vec::new(),
                attempts: Attempts::default(),
            };
            Self { blobs, outcome, files: Vec::new(), _folder: folder }
        }

        fn stage(&mut self, name: &str, node: &'static str, port: &str, blob: BlobRef) {
            self.outcome.stages.push(StageOutcome {
                name: name.to_owned(),
                node,
                key: Some(Digest::of(name.as_bytes())),
                status: Status::Miss,
                seconds: 0.5,
                outputs: BTreeMap::from([(port.to_owned(), vec![blob])]),
                error: None,
            });
        }

        fn put<A: Artifact>(&self, artifact: &A) -> BlobRef {
            let bytes = artifact.to_bytes();
            let digest = Digest::of(&bytes);
            write_atomically(&self.blobs.path(digest), &bytes).unwrap();
            BlobRef { kind: A::KIND, digest, name: None, bytes: bytes.len() as u64 }
        }

        fn outside(&mut self, stage: &str, param: &str, path: &str) {
            let (stage, param, path) = (stage.to_owned(), param.to_owned(), path.to_owned());
            let digest = Digest::of(path.as_bytes());
            self.outcome.files.push(OutsideFile { stage, param, path, digest });
        }

        fn run_json(&self) -> String {
            let recipe = RecipeFacts {
                path: "/recipes/vlog.toml".into(),
                digest: Digest::of(b"recipe"),
                resolved: json!({
                    "recipe": { "name": "vlog", "seed": 7 },
                    "stages": { "source": { "node": "source.video", "preview": 0.0 } },
                }),
            };

            let facts = RunFacts {
                recipe: &recipe,
                plan: &plan(),
                input: Some(Path::new("/videos/clip.mp4")),
                preview_seconds: 12.5,
                device: "cpu",
                outcome: &self.outcome,
                files: &self.files,
            };
            String::from_utf8(RunJson::of(&facts, &self.blobs).to_bytes()).unwrap()
        }
    }

    fn scene() -> Scene {
        let mut scene = Scene::new();
        let cut = Cut { time: 3.2, strength: 0.9 };
        let shots = scene.put(&Cuts { cuts: vec![cut] });
        scene.stage("shots", "feature.shots", "cuts", shots);
        let music = scene.put(&CuePlan {
            key: Key::new(9, Mode::Minor),
            tempo_map: vec![TempoMark { time: 0.0, bpm: 96.0 }],
            bars: vec![Bar { start: 0.0, beats: 4 }],
            sections: Vec::new(),
            end_seconds: 2.5,
            cuts: vec![cut],
            hits: Vec::new(),
            notes: Vec::new(),
        });
        scene.stage("cue", "plan.cue", "plan", music);
        let report = Report { passed: Some(true), summary: "all well".into(), values: BTreeMap::new() };
        let report = scene.put(&report);
        scene.stage("sync", "check.sync", "report", report);
        scene.outside("source", "file", "/videos/clip.mp4");
        scene.outside("chords", "weights", "/models/chords.safetensors");
        scene.outside("stems", "soundfont", "/sounds/gm.sf2");
        let blob = BlobRef { kind: Kind::Midi, digest: Digest::of(b"midi"), name: None, bytes: 4 };
        scene.files.push(ExportFile { path: "score.mid".into(), blob });
        scene
    }

    #[test]
    fn run_json_has_these_fields_in_this_order() {
        insta::assert_snapshot!("run_json", scene().run_json());
    }

    #[test]
    fn a_run_json_is_read_again() {
        let past: PastRun = serde_json::from_str(&scene().run_json()).unwrap();
        assert!(past.belongs_to(Some(Path::new("/videos/clip.mp4"))));
        assert!(!past.belongs_to(Some(Path::new("/videos/other.mp4"))) && !past.belongs_to(None));
        assert_eq!(past.outputs["score.mid"], Digest::of(b"midi"));
        assert!((past.preview_seconds() - 12.5).abs() < 1e-9);
    }

    #[test]
    fn a_lost_artifact_is_left_out() {
        let scene = scene();
        let cue = scene.outcome.stage("cue").unwrap().outputs["plan"][0].digest;
        scene.blobs.remove(cue).unwrap();
        let run: Value = serde_json::from_str(&scene.run_json()).unwrap();
        assert_eq!(run["plan"], Value::Null);
        assert_eq!(run["stages"][1]["outputs"][0]["digest"], cue.to_string());
        assert_eq!(run["cuts"][0]["time"], 3.2);
    }
}
