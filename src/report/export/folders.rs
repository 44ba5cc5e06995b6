//! Which folder the results of an input get: the same one for the same input, never that of another input.

use std::{
    collections::BTreeSet,
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
};

use crate::report::PastRun;

/// Folders of results under one `--out`, given out one by one.
#[derive(Debug)]
pub(crate) struct Folders {
    out: PathBuf,
    given: BTreeSet<OsString>,
}

/// What lies at a place where results could go.
enum Tenant {
    Nobody,
    This,
    Another,
}

impl Folders {
    pub(crate) fn new(out: &Path) -> Self {
        Self { out: out.to_owned(), given: BTreeSet::new() }
    }

    /// `OUT/clip`, or `OUT/clip-2` and so on where another input has that one; `run.json` says whose it is.
    pub(crate) fn choose(&mut self, stem: &OsStr, input: Option<&Path>) -> PathBuf {
        let mut free = None;
        for number in 1.. {
            let name = numbered(stem, number);
            if self.given.contains(&name) {
                continue;
            }
            match tenant(&self.out.join(&name), input) {
                Tenant::This => return self.give(name),
                Tenant::Nobody if number > self.highest(stem) => return self.give(free.unwrap_or(name)),
                Tenant::Nobody => drop(free.get_or_insert(name)),
                Tenant::Another => {}
            }
        }
        unreachable!("no folder holds so many entries")
    }

    fn give(&mut self, name: OsString) -> PathBuf {
        let folder = self.out.join(&name);
        self.given.insert(name);
        folder
    }

    /// The highest number after `stem` in the out folder: a failed input may have left a gap before it.
    fn highest(&self, stem: &OsStr) -> usize {
        let entries = fs::read_dir(&self.out).into_iter().flatten().flatten();
        entries.filter_map(|entry| number_of(stem, &entry.file_name())).max().unwrap_or(0)
    }
}

fn numbered(stem: &OsStr, number: usize) -> OsString {
    let mut name = stem.to_owned();
    if number > 1 {
        name.push(format!("-{number}"));
    }
    name
}

/// At most six digits: `clip-20261124` is a name, not a number.
fn number_of(stem: &OsStr, name: &OsStr) -> Option<usize> {
    let rest = name.as_encoded_bytes().strip_prefix(stem.as_encoded_bytes())?.strip_prefix(b"-")?;
    std::str::from_utf8(rest).ok().filter(|digits| digits.len() <= 6)?.parse().ok()
}

fn tenant(folder: &Path, input: Option<&Path>) -> Tenant {
    if folder.symlink_metadata().is_err() || fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none()) {
        return Tenant::Nobody;
    }
    match PastRun::read(&folder.join("run.json")) {
        Ok(run) if run.belongs_to(input) => Tenant::This,
        _ => Tenant::Another,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lived_in(folder: &Path, input: &str) {
        fs::create_dir_all(folder).unwrap();
        let run = json!({
            "cuesmith": "0.1.0",
            "recipe": { "path": "r", "digest": "0".repeat(64), "resolved": {} },
            "seed": 1, "device": "cpu", "inputs": [{ "path": input, "digest": "0".repeat(64) }], "outputs": {},
        });
        fs::write(folder.join("run.json"), run.to_string()).unwrap();
    }

    fn choose(out: &Path, inputs: &[&str]) -> Vec<String> {
        let mut folders = Folders::new(out);
        let choose = |input: &&str| {
            let input = Path::new(input);
            folders.choose(input.file_stem().unwrap(), Some(input)).file_name().unwrap().to_string_lossy().into_owned()
        };
        inputs.iter().map(choose).collect()
    }

    #[test]
    fn two_inputs_with_one_stem_get_two_folders_and_keep_them() {
        let out = tempfile::tempdir().unwrap();
        assert_eq!(choose(out.path(), &["/a/clip.mp4", "/b/clip.mov"]), ["clip", "clip-2"]);
        lived_in(&out.path().join("clip-2"), "/b/clip.mov");
        assert_eq!(choose(out.path(), &["/b/clip.mov"]), ["clip-2"]);
        assert_eq!(choose(out.path(), &["/b/clip.mov", "/a/clip.mp4", "/c/clip.mp4"]), ["clip-2", "clip", "clip-3"]);
    }

    #[test]
    fn folders_without_our_run_json_belong_to_somebody() {
        let out = tempfile::tempdir().unwrap();
        fs::create_dir(out.path().join("empty")).unwrap();
        fs::create_dir(out.path().join("clip")).unwrap();
        fs::write(out.path().join("clip/clip.mp4"), "a film").unwrap();
        fs::write(out.path().join("song"), "a file").unwrap();
        assert_eq!(choose(out.path(), &["/a/empty.mp4", "/a/clip.mp4", "/a/song.mp4"]), ["empty", "clip-2", "song-2"]);
    }

    #[test]
    fn numbers_are_only_what_was_counted() {
        let number = |name: &str| number_of(OsStr::new("clip"), OsStr::new(name));
        assert_eq!(
            [number("clip-12"), number("clip"), number("clip-20261124"), number("clip-x")],
            [Some(12), None, None, None]
        );
    }
}
