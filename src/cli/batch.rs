//! A batch: one plan over its inputs, from the first event to the results in their folders and the ledger.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    time::Instant,
};

use serde_json::json;

use crate::{
    error::Exit,
    recipe::hit_outside,
    report::{
        ExportError, ExportFile, Placed, Planned, Progress, RunFacts, RunJson, files, notes, place, seconds, terminal,
    },
    run::{self, Attempts, Event, InputOutcome, Options, Request, Status},
    store::{RunEnd, RunEntry, Store},
};

pub(super) struct Batch {
    pub(super) planned: Planned,
    /// One for each place, where a graph script asked for the videos; else empty.
    pub(super) own: Vec<Planned>,
    pub(super) places: Vec<Place>,
    /// What stands for inputs that were refused before the run.
    pub(super) refused: Option<Exit>,
    /// 0 takes the whole video.
    pub(super) preview_seconds: f64,
    /// Those of an earlier run, whose kept one is made again.
    pub(super) attempts: Option<Attempts>,
    pub(super) options: Options,
    pub(super) json: bool,
}

/// An input and where its results go.
pub(super) struct Place {
    /// None for recipes that read no video.
    pub(super) input: Option<PathBuf>,
    /// In messages.
    pub(super) name: String,
    pub(super) folder: PathBuf,
}

impl Place {
    /// What `{clip}` is in names of results.
    fn clip(&self, recipe: &str) -> OsString {
        stem(self.input.as_deref(), recipe)
    }
}

/// The input's stem, or the recipe's name where there is no input.
pub(super) fn stem(input: Option<&Path>, recipe: &str) -> OsString {
    input.and_then(Path::file_stem).unwrap_or(OsStr::new(recipe)).to_owned()
}

impl Batch {
    /// Runs all inputs; one that fails stops no other.
    pub(super) fn run(&self, store: &Store) -> Exit {
        let start = Instant::now();
        let mut entry = self.ledger_entry();
        let named = self.places.iter().filter(|place| place.input.is_some());
        let mut progress = Progress::new(named.map(|place| place.name.clone()).collect(), self.json);
        if let Some(aside) = store.damaged_index() {
            progress
                .note(format!("the store's index was damaged; it was made anew, the old one is {}", aside.display()));
        }
        log(store, &entry, &progress);
        let mut exits = BTreeMap::new();
        let outcomes = run::execute(store, self.requests(), &self.options, &mut |event| {
            progress.show(&event);
            if let Event::InputEnded { input, outcome } = event {
                exits.insert(input, self.end(store, &progress, input, &outcome));
            }
        });
        let exit = overall(exits.into_values().chain(self.refused));
        entry.end = Some(end(exit, start, &outcomes));
        log(store, &entry, &progress);
        progress.json(&json!({ "event": "run_ended", "exit": exit as u8, "seconds": start.elapsed().as_secs_f64() }));
        exit
    }

    fn requests(&self) -> Vec<Request> {
        let request = |(number, place): (usize, &Place)| {
            let (plan, attempts) = (&self.planned_for(number).plan, self.attempts.clone());
            let input = place.input.clone();
            let plan = match &input {
                Some(input) => plan.for_input(input, self.preview_seconds),
                None => plan.clone(),
            };
            Request { input, plan, attempts }
        };
        self.places.iter().enumerate().map(request).collect()
    }

    fn planned_for(&self, input: usize) -> &Planned {
        self.own.get(input).unwrap_or(&self.planned)
    }

    fn ledger_entry(&self) -> RunEntry {
        let inputs = self.places.iter().filter_map(|place| place.input.as_deref());
        RunEntry {
            pid: std::process::id(),
            started_ms: jiff::Timestamp::now().as_millisecond(),
            recipe: self.planned.plan.recipe.clone(),
            inputs: inputs.map(|input| input.display().to_string()).collect(),
            end: None,
        }
    }

    /// Says how an input ended and puts its results in place when it ended well.
    fn end(&self, store: &Store, progress: &Progress, input: usize, outcome: &InputOutcome) -> Exit {
        let prefix = progress.prefix(input);
        if outcome.interrupted {
            progress.note(format!("{prefix}stopped; the next run continues from here"));
            return Exit::Interrupted;
        }
        if let Some((stage, error)) = outcome.failure() {
            match error.hit.and_then(|hit| Some((hit, self.planned_for(input).hits.get(hit.number)?))) {
                Some((hit, place)) => {
                    let shown = hit_outside(place, hit.time, hit.video_seconds).render(terminal::is_styled());
                    progress.note(format!("{prefix}{}", shown.trim_end()));
                }
                None => progress.note(format!("error: {prefix}stage {}: {error}", stage.name)),
            }
            return error.class.into();
        }
        let attempts = outcome.attempts.summary();
        for note in notes(outcome, store.blobs()).into_iter().chain((!attempts.is_empty()).then_some(attempts)) {
            progress.note(format!("note: {prefix}{note}"));
        }
        let place = &self.places[input];
        let files = files(outcome, &place.clip(&self.planned.plan.recipe));
        match self.export(store, input, outcome, &files) {
            Ok(placed) => {
                tell(progress, input, place, outcome, &files, &placed);
                Exit::Done
            }
            Err(error) => {
                progress.note(format!("error: {prefix}{error}"));
                error.class().into()
            }
        }
    }

    fn export(
        &self,
        store: &Store,
        input: usize,
        outcome: &InputOutcome,
        files: &[ExportFile],
    ) -> Result<Placed, ExportError> {
        let (at, planned) = (&self.places[input], self.planned_for(input));
        let facts = RunFacts {
            recipe: &planned.facts,
            plan: &planned.plan,
            input: at.input.as_deref(),
            preview_seconds: self.preview_seconds,
            device: &self.options.device.to_string(),
            outcome,
            files,
        };
        place(store, &at.folder, files, &RunJson::of(&facts, store.blobs()).to_bytes())
    }
}

fn tell(
    progress: &Progress,
    input: usize,
    place: &Place,
    outcome: &InputOutcome,
    files: &[ExportFile],
    placed: &Placed,
) {
    let (hits, stages) = (count(outcome, Status::Hit), outcome.stages.len());
    let (prefix, folder) = (progress.prefix(input), place.folder.display());
    if let Placed::Written { renamed } = placed {
        for path in renamed {
            progress.note(format!("note: {prefix}your own file is now {}", place.folder.join(path).display()));
        }
    }
    let time = seconds(outcome.seconds);
    progress.result(format!("{prefix}{folder} in {time}, {hits} of {stages} stages from the cache"));
    let outputs: BTreeMap<_, _> = files.iter().map(|file| (file.path.to_string_lossy(), file.blob.digest)).collect();
    let changed = matches!(placed, Placed::Written { .. });
    let folder = place.folder.to_string_lossy();
    progress.json(&json!({
        "event": "exported", "input": input, "folder": folder, "changed": changed, "outputs": outputs,
    }));
}

fn log(store: &Store, entry: &RunEntry, progress: &Progress) {
    if let Err(error) = store.log(entry) {
        progress.note(format!("warning: {error}"));
    }
}

fn count(outcome: &InputOutcome, status: Status) -> usize {
    outcome.stages.iter().filter(|stage| stage.status == status).count()
}

fn end(exit: Exit, start: Instant, outcomes: &[InputOutcome]) -> RunEnd {
    let all = |status| outcomes.iter().map(|outcome| count(outcome, status)).sum();
    RunEnd {
        exit: exit as u8,
        seconds: start.elapsed().as_secs_f64(),
        hits: all(Status::Hit),
        misses: all(Status::Miss),
        failed: all(Status::Failed),
    }
}

/// A run that was stopped says so; else the first input that failed decides.
fn overall(exits: impl Iterator<Item = Exit>) -> Exit {
    let failed: Vec<_> = exits.filter(|exit| *exit != Exit::Done).collect();
    if failed.contains(&Exit::Interrupted) { Exit::Interrupted } else { *failed.first().unwrap_or(&Exit::Done) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::{
        artifact::{BlobRef, Kind},
        digest::Digest,
        error::{FailureClass, StageError},
        graph::Plan,
        report::RecipeFacts,
        run::{Device, StageOutcome},
        store::write_atomically,
    };

    /// A batch of one video, its store, and outcomes made by hand.
    struct Desk {
        folder: TempDir,
        store: Store,
        batch: Batch,
    }

    impl Desk {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(&folder.path().join("store")).unwrap();
            let facts = RecipeFacts { path: "vlog".into(), digest: Digest::of(b"recipe"), resolved: json!({}) };
            let plan = Plan { recipe: "vlog".into(), seed: 7, stages: Vec::new() };
            let place = Place {
                input: Some(folder.path().join("clip.mp4")),
                name: "clip.mp4".into(),
                folder: folder.path().join("out/clip"),
            };
            let planned = Planned { facts, plan, asked_clip: false, hits: Vec::new(), printed: Vec::new() };
            let options = Options::new(Device::Cpu);
            let batch = Batch {
                planned,
                own: Vec::new(),
                places: vec![place],
                refused: None,
                preview_seconds: 0.0,
                attempts: None,
                options,
                json: false,
            };
            Self { folder, store, batch }
        }

        fn stage(&self, node: &'static str, port: &str, content: &str) -> StageOutcome {
            let digest = Digest::of(content.as_bytes());
            write_atomically(&self.store.blobs().path(digest), content.as_bytes()).unwrap();
            let blob = BlobRef { kind: Kind::Audio, digest, name: None, bytes: content.len() as u64 };
            StageOutcome {
                name: node.rsplit('.').next().unwrap().to_owned(),
                node,
                key: None,
                status: Status::Miss,
                seconds: 0.1,
                outputs: BTreeMap::from([(port.to_owned(), vec![blob])]),
                error: None,
            }
        }

        fn end(&self, stages: Vec<StageOutcome>, interrupted: bool) -> Exit {
            let outcome =
                InputOutcome { stages, seconds: 0.1, interrupted, files: Vec::new(), attempts: Attempts::default() };
            self.batch.end(&self.store, &Progress::new(vec!["clip.mp4".into()], true), 0, &outcome)
        }

        fn out(&self) -> PathBuf {
            self.folder.path().join("out")
        }
    }

    fn failed(mut stage: StageOutcome, class: FailureClass) -> StageOutcome {
        stage.error = Some(StageError::new(class, "it is broken"));
        stage.status = Status::Failed;
        stage.outputs.clear();
        stage
    }

    #[test]
    fn an_input_that_ends_well_gets_its_folder() {
        let desk = Desk::new();
        assert_eq!(desk.end(vec![desk.stage("render.midi", "midi", "notes")], false), Exit::Done);
        assert_eq!(fs::read_to_string(desk.out().join("clip/score.mid")).unwrap(), "notes");
        assert!(desk.out().join("clip/run.json").exists());
    }

    #[test]
    fn a_failed_input_leaves_nothing_and_its_class_is_the_exit_code() {
        let desk = Desk::new();
        let cases = [
            (FailureClass::Media, Exit::Media),
            (FailureClass::Check, Exit::CheckFailed),
            (FailureClass::Usage, Exit::Usage),
            (FailureClass::Temporary, Exit::Temporary),
            (FailureClass::Internal, Exit::Internal),
        ];
        for (class, exit) in cases {
            let stages =
                vec![desk.stage("render.midi", "midi", "notes"), failed(desk.stage("mix.bed", "music", "m"), class)];
            assert_eq!(desk.end(stages, false), exit);
        }
        assert_eq!(desk.end(vec![desk.stage("render.midi", "midi", "notes")], true), Exit::Interrupted);
        assert!(!desk.out().exists());
    }

    #[test]
    fn a_place_that_cannot_be_written_is_the_users_to_change() {
        let desk = Desk::new();
        fs::write(desk.out(), "a file").unwrap();
        assert_eq!(desk.end(vec![desk.stage("render.midi", "midi", "notes")], false), Exit::Usage);
    }

    #[test]
    fn the_first_failure_decides_and_a_stop_outranks_it() {
        use Exit::{CheckFailed, Done, Interrupted, Media};
        assert_eq!(overall([Done, Media, CheckFailed].into_iter()), Media);
        assert_eq!(overall([Media, Interrupted].into_iter()), Interrupted);
        assert_eq!(overall([Done, Done].into_iter()), Done);
    }
}
