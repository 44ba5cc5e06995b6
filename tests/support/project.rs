//! Builds a folder with a recipe and videos, runs `cuesmith` there, and compares what it says.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

/// A folder that is gone when the test ends.
pub(crate) struct Project {
    folder: TempDir,
}

/// How the program ended. The project's folder reads `[..]` in both texts.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

impl Project {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The demo clip under another name.
    pub(crate) fn clip(self, path: impl AsRef<Path>) -> Self {
        self.file(path, fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/demo/big-buck-bunny.mp4")).unwrap())
    }

    pub(crate) fn json(&self, path: &str) -> serde_json::Value {
        serde_json::from_slice(&fs::read(self.path().join(path)).unwrap()).unwrap()
    }

    pub(crate) fn file(self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> Self {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// The program with the project as its current folder and nothing of ours in its environment.
    pub(crate) fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cuesmith"));
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null());
        command.env("TZ", "UTC").env_remove("CUESMITH_DATA");
        command
    }

    pub(crate) fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Outcome {
        self.outcome(&self.command(arguments).output().unwrap())
    }

    pub(crate) fn outcome(&self, output: &Output) -> Outcome {
        let folder = self.path().display().to_string();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&folder, "[..]");
        Outcome { stdout: text(&output.stdout), stderr: text(&output.stderr), code: output.status.code() }
    }

    /// Everything in the project, sorted, folders with a slash.
    pub(crate) fn tree(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path: PathBuf = entry.unwrap().path();
                let name = path.strip_prefix(self.path()).unwrap().display().to_string();
                names.push(if path.is_dir() { format!("{name}/") } else { name });
                folders.extend(path.is_dir().then_some(path));
            }
        }
        names.sort();
        names
    }
}

impl Outcome {
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn stdout(self, text: &str) -> Self {
        assert_eq!(self.stdout, text, "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn stderr(self, text: &str) -> Self {
        assert_eq!(self.stderr, text, "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn stderr_has(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "{self:?}");
        self
    }
}
