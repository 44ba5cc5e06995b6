//! `watch.toml`: folders, each with recipe and out folder, and how they are watched.

use std::{
    fs,
    path::{Path, PathBuf},
};

use bytesize::ByteSize;
use serde::{Deserialize, Deserializer, de};

use super::{BadGlob, Filter, Folder, HookSettings, Mount, Rules};
use crate::recipe::nearest;

/// No watch.toml is near this.
const MAX_BYTES: u64 = 1 << 20;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WatchSettings {
    pub(crate) store: Option<PathBuf>,
    /// auto, cpu, cuda or cuda:N.
    pub(crate) device: Option<String>,
    /// Jobs that run at once.
    pub(crate) workers: Option<usize>,
    /// Seconds for which a file has to stand still.
    pub(crate) settle: Option<Seconds>,
    pub(crate) retries: Option<u32>,
    /// Seconds before the second try; each further pause is twice as long.
    pub(crate) pause: Option<Seconds>,
    pub(crate) longest_pause: Option<Seconds>,
    /// Seconds for which a broken file has to stand still before it is moved.
    pub(crate) quarantine_after: Option<Seconds>,
    /// Jobs that are open at once.
    pub(crate) queue: Option<usize>,
    /// Nothing starts when less is free.
    pub(crate) keep_free: Option<Bytes>,
    pub(crate) low_priority: Option<bool>,
    /// Address of the page: `127.0.0.1:8765`.
    pub(crate) serve: Option<String>,
    pub(crate) token: Option<String>,
    /// Names of this machine by which the page may be opened, beside its addresses.
    pub(crate) allowed_hosts: Vec<String>,
    pub(crate) notify: NotifySettings,
    pub(crate) folder: Vec<FolderSettings>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NotifySettings {
    pub(crate) command: Vec<String>,
    pub(crate) webhook: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FolderSettings {
    pub(crate) path: PathBuf,
    /// Tells folders apart; the path where it is left out.
    pub(crate) name: Option<String>,
    pub(crate) recipe: PathBuf,
    pub(crate) out: PathBuf,
    /// What is laid over the recipe, as `--set` takes it.
    #[serde(default)]
    pub(crate) set: Vec<String>,
    pub(crate) seed: Option<u64>,
    /// Patterns of names; without any, every video is taken.
    #[serde(default)]
    pub(crate) only: Vec<String>,
    #[serde(default)]
    pub(crate) skip: Vec<String>,
    pub(crate) min_size: Option<Bytes>,
    pub(crate) max_size: Option<Bytes>,
    /// Length of the video.
    pub(crate) min_seconds: Option<Seconds>,
    pub(crate) max_seconds: Option<Seconds>,
    /// Seconds between two looks, where events are not to be used.
    pub(crate) poll: Option<Seconds>,
    #[serde(default = "yes")]
    pub(crate) recursive: bool,
    /// Where broken files go: a folder, below the watched one where it is not absolute. `quarantine` where left out.
    pub(crate) quarantine: Option<PathBuf>,
    /// False leaves broken files where they are.
    #[serde(default = "yes")]
    pub(crate) move_broken: bool,
}

fn yes() -> bool {
    true
}

/// A number of seconds that makes sense.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Seconds(pub(crate) f64);

const MAX_SECONDS: f64 = 7.0 * 86400.0;

impl Seconds {
    pub(crate) fn ms(self) -> i64 {
        (self.0 * 1000.0) as i64
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        if (0.0..=MAX_SECONDS).contains(&seconds) {
            return Ok(Self(seconds));
        }
        Err(de::Error::custom(format!("write seconds from 0 to {MAX_SECONDS}")))
    }
}

/// `"500 MB"`, `"2 GiB"`, or a number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) u64);

impl std::str::FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let size: Result<ByteSize, _> = text.parse();
        size.map(|size| Self(size.as_u64())).map_err(|_| format!("`{text}` is no size; write \"500 MB\" or \"2 GiB\""))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(u64),
            Text(String),
        }
        match Written::deserialize(deserializer) {
            Ok(Written::Number(bytes)) => Ok(Self(bytes)),
            Ok(Written::Text(text)) => text.parse().map_err(de::Error::custom),
            Err(_) => Err(de::Error::custom("write a size: \"500 MB\" or \"2 GiB\"")),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("reading {}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{}: {text}", path.display())]
    Parse { path: PathBuf, text: String },
    #[error("folder {}: {error}", path.display())]
    Glob { path: PathBuf, error: BadGlob },
    #[error("nothing is watched; name a folder, or write [[folder]] into watch.toml")]
    NoFolder,
    #[error("two folders are called {0}; give one of them another name")]
    SameName(String),
    #[error("folder {} is its own out folder; results would be scored again", .0.display())]
    OutIsIn(PathBuf),
    #[error("{what} = {value} makes no sense; {allowed}")]
    Range { what: &'static str, value: String, allowed: &'static str },
}

impl WatchSettings {
    /// Paths in it are meant from its own folder.
    pub(crate) fn read(path: &Path) -> Result<Self, SettingsError> {
        let io = |source| SettingsError::Io { path: path.to_owned(), source };
        if fs::metadata(path).map_err(io)?.len() > MAX_BYTES {
            let text = format!("it is longer than {MAX_BYTES} bytes; is this a watch.toml?");
            return Err(SettingsError::Parse { path: path.to_owned(), text });
        }
        let text = fs::read_to_string(path).map_err(io)?;
        let mut settings: Self = toml::from_str(&text).map_err(|error| {
            let text = with_nearest(error.to_string().trim_end());
            SettingsError::Parse { path: path.to_owned(), text }
        })?;
        let home = std::path::absolute(path).map_err(io)?;
        let home = home.parent().unwrap_or(Path::new("/"));
        settings.store = settings.store.map(|store| home.join(store));
        for folder in &mut settings.folder {
            folder.path = home.join(&folder.path);
            folder.out = home.join(&folder.out);
            // A name of a shipped recipe stays one.
            let beside = home.join(&folder.recipe);
            if beside.is_file() {
                folder.recipe = beside;
            }
        }
        Ok(settings)
    }

    /// `lanes` is what this machine carries.
    pub(crate) fn rules(&self, lanes: usize) -> Result<Rules, SettingsError> {
        let usual = Rules::default();
        let ms = |seconds: Option<Seconds>, usual: i64| seconds.map_or(usual, Seconds::ms);
        let lanes = self.workers.unwrap_or(lanes);
        if !(1..=256).contains(&lanes) {
            let value = lanes.to_string();
            return Err(SettingsError::Range { what: "workers", value, allowed: "write 1 to 256" });
        }
        let queue = self.queue.unwrap_or(usual.queue);
        if queue == 0 {
            return Err(SettingsError::Range { what: "queue", value: "0".to_owned(), allowed: "write 1 or more" });
        }
        Ok(Rules {
            settle_ms: ms(self.settle, usual.settle_ms),
            lanes,
            retries: self.retries.unwrap_or(usual.retries),
            pause_ms: ms(self.pause, usual.pause_ms),
            longest_pause_ms: ms(self.longest_pause, usual.longest_pause_ms),
            broken_after_ms: ms(self.quarantine_after, usual.broken_after_ms),
            queue,
        })
    }

    pub(crate) fn hooks(&self) -> HookSettings {
        HookSettings { command: self.notify.command.clone(), webhook: self.notify.webhook.clone() }
    }

    /// None of them looks into what any of them writes.
    pub(crate) fn folders(&self, store: &Path) -> Result<Vec<Folder>, SettingsError> {
        let mut folders = Vec::new();
        for settings in &self.folder {
            folders.push(settings.folder()?);
        }
        if folders.is_empty() {
            return Err(SettingsError::NoFolder);
        }
        for (number, folder) in folders.iter().enumerate() {
            if folders[..number].iter().any(|other| other.name == folder.name) {
                return Err(SettingsError::SameName(folder.name.clone()));
            }
            if folders.iter().any(|other| other.out.path == folder.path.path) {
                return Err(SettingsError::OutIsIn(folder.path.path.clone()));
            }
        }
        let written = folders.iter().flat_map(|folder| [Some(folder.out.path.clone()), folder.quarantine.clone()]);
        let written: Vec<_> = written.flatten().chain([store.to_owned()]).collect();
        for folder in &mut folders {
            folder.filter.not_into.clone_from(&written);
        }
        Ok(folders)
    }
}

impl FolderSettings {
    fn folder(&self) -> Result<Folder, SettingsError> {
        let path = normal(&self.path);
        let globs = Filter::new(&self.only, &self.skip);
        let mut filter = globs.map_err(|error| SettingsError::Glob { path: path.clone(), error })?;
        filter.min_bytes = self.min_size.map_or(0, |bytes| bytes.0);
        filter.max_bytes = self.max_size.map(|bytes| bytes.0);
        let seconds = |seconds: Option<Seconds>, usual| seconds.map_or(usual, |seconds| seconds.0);
        if self.poll.is_some_and(|poll| poll.0 < 0.2) {
            let value = self.poll.map_or_else(String::new, |poll| poll.0.to_string());
            return Err(SettingsError::Range { what: "poll", value, allowed: "write 0.2 seconds or more" });
        }
        let quarantine = self.quarantine.as_deref().unwrap_or(Path::new("quarantine"));
        Ok(Folder {
            name: self.name.clone().unwrap_or_else(|| path.display().to_string()),
            out: Mount::new(normal(&self.out)),
            recipe: self.recipe.clone(),
            set: self.set.clone(),
            seed: self.seed,
            filter,
            is_recursive: self.recursive,
            seconds: (seconds(self.min_seconds, 0.0), seconds(self.max_seconds, f64::INFINITY)),
            quarantine: self.move_broken.then(|| normal(&path.join(quarantine))),
            poll_seconds: self.poll.map(|poll| poll.0),
            path: Mount::new(path),
        })
    }
}

/// Absolute, and by its real name where it is there: events tell of real names.
fn normal(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let there = absolute.ancestors().find(|above| above.exists()).map(Path::to_owned);
    let Some((there, real)) = there.and_then(|there| Some((there.clone(), fs::canonicalize(there).ok()?))) else {
        return absolute;
    };
    let rest = absolute.strip_prefix(&there).unwrap_or(Path::new(""));
    if rest.as_os_str().is_empty() { real } else { real.join(rest) }
}

/// serde lists what it expected; the nearest of it is what people look for.
fn with_nearest(text: &str) -> String {
    let Some((_, told)) = text.split_once("unknown field `") else { return text.to_owned() };
    let mut names = told.split('`').step_by(2);
    let Some(unknown) = names.next() else { return text.to_owned() };
    match nearest(unknown, names) {
        Some(guess) => format!("{text}\ndid you mean `{guess}`?"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<WatchSettings, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("watch.toml");
        fs::write(&path, text).unwrap();
        let home = folder.path().display().to_string();
        WatchSettings::read(&path).map_err(|error| error.to_string().replace(&home, "[..]"))
    }

    const WHOLE: &str = r#"
store = "cache"
workers = 2
settle = 2.5
retries = 3
pause = 1
quarantine_after = 30
keep_free = "2 GiB"
low_priority = true
serve = "127.0.0.1:8765"

[notify]
command = ["notify-send", "cuesmith"]

[[folder]]
path = "incoming"
recipe = "vlog"
out = "scored"
only = ["*.mp4"]
skip = ["draft-*"]
max_size = "10 GB"
min_seconds = 3
set = ["knobs.energy=0.7"]

[[folder]]
path = "films"
recipe = "cinematic"
out = "films/scored"
poll = 10
recursive = false
move_broken = false
"#;

    #[test]
    fn a_whole_file_is_understood() {
        let settings = read(WHOLE).unwrap();
        let rules = settings.rules(7).unwrap();
        assert_eq!((rules.lanes, rules.settle_ms, rules.broken_after_ms, rules.retries), (2, 2500, 30_000, 3));
        assert_eq!(settings.keep_free, Some(Bytes(2 << 30)));
        let folders = settings.folders(Path::new("/store")).unwrap();
        assert_eq!(folders[0].filter.max_bytes, Some(10_000_000_000));
        assert!(folders[0].seconds.0 > 2.9 && folders[0].seconds.1.is_infinite());
        assert!(folders[0].quarantine.as_ref().unwrap().ends_with("incoming/quarantine"));
        assert_eq!(
            (folders[1].poll_seconds, folders[1].is_recursive, &folders[1].quarantine),
            (Some(10.0), false, &None)
        );
        // Nobody looks into what is written.
        assert!(!folders[1].filter.enters(&folders[1].out.path) && !folders[0].filter.enters(Path::new("/store")));
    }

    #[test]
    fn errors_name_the_place_and_the_nearest_name() {
        let error = read("workers = 2\nsetle = 4\n").unwrap_err();
        assert!(error.starts_with("[..]/watch.toml: TOML parse error at line 2, column 1\n"), "{error}");
        assert!(error.contains("^^^^^") && error.ends_with("did you mean `settle`?"), "{error}");
        let error = read("settle = -1").unwrap_err();
        assert!(error.ends_with("write seconds from 0 to 604800"), "{error}");
        let error = read("keep_free = \"much\"").unwrap_err();
        assert!(error.ends_with("`much` is no size; write \"500 MB\" or \"2 GiB\""), "{error}");
        assert!(read("[[folder]]\npath = \"a\"\nout = \"b\"\n").unwrap_err().contains("missing field `recipe`"));
    }

    #[test]
    fn folders_that_would_feed_each_other_are_refused() {
        let folders = |text: &str| read(text).unwrap().folders(Path::new("/s")).unwrap_err().to_string();
        let folder =
            |path: &str, out: &str| format!("[[folder]]\npath = \"{path}\"\nout = \"{out}\"\nrecipe = \"vlog\"\n");
        assert!(folders("").starts_with("nothing is watched"));
        assert!(folders(&folder("a", "a")).contains("is its own out folder"));
        assert!(folders(&format!("{}{}", folder("a", "b"), folder("b", "c"))).contains("is its own out folder"));
        assert!(folders(&format!("{0}{0}", folder("a", "b"))).starts_with("two folders are called "));
    }
}
