//! Real worker processes: killed, over their limits, kept warm. `cuesmith-worker` has to be built (`cargo build`).

use std::{
    fs,
    path::{Path, PathBuf},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{
    error::FailureClass,
    graph::{Plan, PlannedStage},
    node::{self, Limits},
    recipe::StageFile,
    run::{Device, Event, InputOutcome, Options, Request, Status, execute},
    store::Store,
    testing,
};

struct Project {
    folder: TempDir,
    store: Store,
    options: Options,
    events: Vec<Event>,
}

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store")).unwrap();
        let options = Options { jobs: 1, ..Options::new(Device::Cpu) };
        Self { folder, store, options, events: Vec::new() }
    }

    /// A clip under a name of its own, so that this test's worker can be told by its open files.
    fn clip(&self, data: &Path, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::copy(data.join("videos").join(name), &path).unwrap();
        path
    }

    fn run(&mut self, requests: Vec<Request>, mut on_event: impl FnMut(&Event)) -> Vec<InputOutcome> {
        let mut events = Vec::new();
        let outcomes = execute(&self.store, requests, &self.options, &mut |event| {
            on_event(&event);
            events.push(event);
        });
        self.events = events;
        outcomes
    }

    fn replaced(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::WorkerReplaced { .. })).count()
    }
}

/// Enough to be a result; decoding all of a clip would say no more about workers.
const PREVIEW_SECONDS: f64 = 2.0;

fn request(clip: &Path, limits: Limits) -> Request {
    let node = node::find("source.video").unwrap();
    let params = node.params.iter().filter_map(|param| Some((param.name, param.default?)));
    let params = params.map(|(name, default)| (name.to_owned(), serde_json::from_str(default).unwrap())).collect();
    let files = [("file".to_owned(), StageFile::Input)].into();
    let inputs = [].into();
    let stage = PlannedStage { name: "source".into(), node, params, files, inputs, limits, on_fail: None };
    let plan = Plan { recipe: "test".into(), seed: 1, stages: vec![stage] };
    Request { input: Some(clip.to_owned()), plan: plan.for_input(clip, PREVIEW_SECONDS), attempts: None }
}

fn generous() -> Limits {
    Limits::new(300, 4096)
}

/// The process that reads this file now.
fn reader(file: &Path) -> Option<Pid> {
    let reads = |process: &Path| {
        let files = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
        files.filter_map(|entry| fs::read_link(entry.path()).ok()).any(|open| open == file)
    };
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let own = std::process::id().to_string();
    let others = processes.filter(|path| path.file_name().is_some_and(|name| *name != *own));
    let process = others.into_iter().find(|process| reads(process))?;
    Pid::from_raw(process.file_name()?.to_str()?.parse().ok()?)
}

fn kill_mid_stage(signal: Signal, name: &str) {
    let Some(data) = testing::data() else { return };
    let mut project = Project::new();
    let (victim, next) = (project.clip(&data, "nature_shots.mp4"), project.clip(&data, "bbb_opening.mp4"));
    let mut requests = vec![request(&victim, generous()), request(&next, generous())];
    requests[0].plan.stages[0].params.insert("preview".into(), 0.0.into());
    let mut killed = false;
    let outcomes = project.run(requests, |event| {
        if matches!(event, Event::StageProgress { input: 0, .. }) && !killed {
            killed = reader(&victim).is_some_and(|pid| kill_process(pid, signal).is_ok());
        }
    });
    assert!(killed);
    let (stage, error) = outcomes[0].failure().unwrap();
    assert_eq!((stage.status, error.class), (Status::Failed, FailureClass::Internal));
    assert_eq!(error.message, format!("stage source: its worker died of {name} without a word"));
    assert_eq!(outcomes[1].stages[0].status, Status::Miss);
    assert_eq!(project.replaced(), 1);
}

#[test]
fn a_worker_that_crashes_fails_one_stage_and_the_batch_goes_on() {
    kill_mid_stage(Signal::SEGV, "SIGSEGV");
}

#[test]
fn a_worker_that_is_killed_fails_one_stage_and_the_batch_goes_on() {
    kill_mid_stage(Signal::KILL, "SIGKILL");
}

#[test]
fn limits_stop_a_stage_and_say_how_to_raise_them() {
    let Some(data) = testing::data() else { return };
    let mut project = Project::new();
    let clip = project.clip(&data, "nature_shots.mp4");
    let limits = [Limits::new(300, 8), Limits::new(0, 4096)];
    let errors = limits.map(|limits| {
        let outcome = project.run(vec![request(&clip, limits)], |_| {}).remove(0);
        assert_eq!(project.replaced(), 1);
        outcome.failure().unwrap().1.clone()
    });
    assert!(errors.iter().all(|error| error.class == FailureClass::Temporary));
    assert!(errors[0].message.contains("over its limit of 8 MiB; raise `memory_mib` of source"), "{}", errors[0]);
    assert!(errors[1].message.contains("its deadline of 0 s; raise `deadline_seconds` of source"), "{}", errors[1]);
}

#[test]
fn a_worker_stays_warm_and_a_second_run_starts_none() {
    let Some(data) = testing::data() else { return };
    let mut project = Project::new();
    let clips = ["bbb_opening.mp4", "waterfall_portrait.mp4"].map(|name| project.clip(&data, name));
    let requests = || clips.iter().map(|clip| request(clip, generous())).collect::<Vec<_>>();
    let starts =
        |project: &Project| project.events.iter().filter(|event| matches!(event, Event::Workers { .. })).count();
    let first = project.run(requests(), |_| {});
    assert!(first.iter().all(|outcome| outcome.stages[0].status == Status::Miss), "{first:?}");
    assert_eq!(starts(&project), 1);
    let second = project.run(requests(), |_| {});
    assert!(second.iter().all(|outcome| outcome.stages[0].status == Status::Hit));
    assert_eq!(starts(&project), 0);
    assert_eq!(first[0].stages[0].outputs, second[0].stages[0].outputs);
    assert_eq!(second[0].files[0].param, "file");
}

#[test]
fn a_second_ctrl_c_kills_at_once() {
    let Some(data) = testing::data() else { return };
    let mut project = Project::new();
    let clip = project.clip(&data, "nature_shots.mp4");
    let interrupt = project.options.interrupt.clone();
    let mut pressed = false;
    let mut request = request(&clip, generous());
    request.plan.stages[0].params.insert("preview".into(), 0.0.into());
    let outcome = project.run(vec![request], |event| {
        if matches!(event, Event::StageProgress { .. }) && !pressed {
            pressed = true;
            interrupt.press();
            interrupt.press();
        }
    });
    assert!(pressed && outcome[0].interrupted);
    assert_eq!(outcome[0].stages[0].status, Status::Skipped);
    assert_eq!((project.replaced(), reader(&clip)), (0, None));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let mut project = Project::new();
    let outcome = project.run(vec![request(Path::new("/no/such/clip.mp4"), generous())], |_| {}).remove(0);
    let error = outcome.failure().unwrap().1;
    assert_eq!(error.class, FailureClass::Media);
    assert_eq!(error.message, "input /no/such/clip.mp4: No such file or directory (os error 2)");
}
