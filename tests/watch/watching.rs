//! A project with a watched folder, and the program that watches it.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::{COMPOSE, Project, demo_clip};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Events,
    Polling,
}

impl Mode {
    pub(crate) fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Events => &[],
            Self::Polling => &["--poll", "0.5"],
        }
    }
}

/// How long anything may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(150);

pub(crate) struct Watching {
    pub(crate) project: Project,
    mode: Mode,
    recipe: &'static str,
    arguments: Vec<String>,
    child: Option<Child>,
}

impl Watching {
    /// Two seconds of picture are composed for; a file is taken after a second.
    pub(crate) fn new(mode: Mode) -> Self {
        let project = Project::new().file("compose.toml", COMPOSE);
        fs::create_dir_all(project.path().join("in")).unwrap();
        Self { project, mode, recipe: "compose.toml", arguments: Vec::new(), child: None }
    }

    pub(crate) fn recipe(mut self, recipe: &'static str) -> Self {
        self.recipe = recipe;
        self
    }

    /// More arguments for the program.
    pub(crate) fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        self
    }

    pub(crate) fn start(mut self) -> Self {
        self.restart();
        self
    }

    pub(crate) fn command(&self, more: &[&str]) -> Command {
        let mut arguments = vec!["watch", "in", "--recipe", self.recipe];
        for usual in [["--settle", "1"], ["--keep-free", "1MB"]] {
            if !self.arguments.iter().any(|argument| argument == usual[0]) {
                arguments.extend(usual);
            }
        }
        arguments.extend(self.mode.arguments());
        arguments.extend(self.arguments.iter().map(String::as_str));
        arguments.extend(more);
        self.project.command(&arguments)
    }

    pub(crate) fn restart(&mut self) {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.path("watch.log")).unwrap();
        let mut command = self.command(&[]);
        command.stdout(Stdio::null()).stderr(log);
        self.child = Some(command.spawn().unwrap());
    }

    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Asked to stop once: gives the exit code.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        let mut child = self.child.take().unwrap();
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        child.wait().unwrap().code()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// To the end of all that is there; `code` is that of the first failure.
    #[track_caller]
    pub(crate) fn run_once(&self, code: i32) {
        let output = self.command(&["--once"]).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    }

    pub(crate) fn path(&self, below: impl AsRef<Path>) -> PathBuf {
        self.project.path().join(below)
    }

    /// A short clip that differs from every other one with another number.
    pub(crate) fn clip(&self, below: &str, number: u32) -> PathBuf {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, clip(number)).unwrap();
        path
    }

    /// The demo clip.
    pub(crate) fn long_clip(&self, below: &str) -> PathBuf {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(demo_clip(), &path).unwrap();
        path
    }

    /// The ledger, as a user lists it.
    pub(crate) fn jobs(&self) -> Vec<Value> {
        let output = self.project.command(&["jobs", "--json", "--last", "10000"]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The job of the file of this name, if there is one.
    pub(crate) fn job(&self, name: &str) -> Option<Value> {
        let is_it = |job: &Value| Path::new(job["input"].as_str().unwrap()).file_name() == Some(OsStr::new(name));
        self.jobs().into_iter().find(is_it)
    }

    pub(crate) fn state(&self, name: &str) -> String {
        self.job(name).map_or_else(|| "unknown".to_owned(), |job| job["state"].as_str().unwrap().to_owned())
    }

    #[track_caller]
    pub(crate) fn wait_for(&self, name: &str, state: &str) -> Value {
        self.wait(&format!("{name} to be {state}"), || self.state(name) == state);
        self.job(name).unwrap()
    }

    #[track_caller]
    pub(crate) fn wait(&self, what: &str, is_so: impl Fn() -> bool) {
        let start = Instant::now();
        while !is_so() {
            let is_dead =
                self.child.as_ref().is_some_and(|child| !Path::new(&format!("/proc/{}/fd/0", child.id())).exists());
            assert!(!is_dead, "waiting for {what}: the watch has ended\n{}", self.log());
            assert!(start.elapsed() < PATIENCE, "waiting for {what}: {:#?}\n{}", self.jobs(), self.log());
            thread::sleep(Duration::from_millis(100));
        }
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("watch.log")).unwrap_or_default()
    }

    /// Every job that is done has a whole result, every result has a job, and nothing half is to be seen.
    #[track_caller]
    pub(crate) fn agrees(&self) -> usize {
        let mut known = BTreeSet::new();
        for job in self.jobs().iter().filter(|job| job["state"] == "done") {
            let folder = PathBuf::from(job["result"]["folder"].as_str().unwrap());
            assert!(is_whole(&folder), "{} is not whole\n{}", folder.display(), self.log());
            let run: Value = serde_json::from_slice(&fs::read(folder.join("run.json")).unwrap()).unwrap();
            assert_eq!(run["inputs"][0]["path"], job["input"]);
            assert_eq!(run["inputs"][0]["digest"], job["content"]);
            assert!(known.insert(folder), "two jobs have one result");
        }
        let there = results(&self.path("out"));
        assert_eq!(there, known, "{}", self.log());
        known.len()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// All its files are there as run.json has them.
fn is_whole(folder: &Path) -> bool {
    let Ok(run) = fs::read(folder.join("run.json")) else { return false };
    let run: Value = serde_json::from_slice(&run).unwrap();
    let outputs = run["outputs"].as_object().unwrap();
    let is_right = |(path, digest): (&String, &Value)| {
        fs::read(folder.join(path)).is_ok_and(|bytes| blake3::hash(&bytes).to_hex().as_str() == digest)
    };
    !outputs.is_empty() && outputs.iter().all(is_right)
}

/// Folders with a run.json below `out`; anything hidden or empty there is a fault.
#[track_caller]
fn results(out: &Path) -> BTreeSet<PathBuf> {
    let mut results = BTreeSet::new();
    let mut folders = vec![out.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            assert!(!name.starts_with('.'), "{} was left over", entry.path().display());
            match entry.path() {
                path if path.join("run.json").exists() => drop(results.insert(path)),
                path => folders.push(path),
            }
        }
    }
    results
}

/// Made once with ffmpeg; what is appended is no part of the film.
fn clip(number: u32) -> Vec<u8> {
    static CLIP: OnceLock<Vec<u8>> = OnceLock::new();
    let clip = CLIP.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clip.mp4");
        let made = Command::new("ffmpeg")
            .args(["-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=2", "-pix_fmt", "yuv420p"])
            .arg(&path)
            .status();
        assert!(made.unwrap().success());
        fs::read(path).unwrap()
    });
    let mut bytes = clip.clone();
    bytes.extend(number.to_be_bytes());
    bytes.extend([0; 4]);
    bytes
}

/// A story for both ways of looking.
macro_rules! both_ways {
    ($($name:ident),+ $(,)?) => {
        mod events {
            $(#[test] fn $name() { super::$name($crate::watch::Mode::Events); })+
        }
        mod polling {
            $(#[test] fn $name() { super::$name($crate::watch::Mode::Polling); })+
        }
    };
}
pub(super) use both_ways;
