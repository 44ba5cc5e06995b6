//! Which files of a folder are taken.

use std::{
    fs::Metadata,
    path::{Path, PathBuf},
};

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use super::names::{is_hidden, is_left_alone, is_temporary, is_video};

/// Globs are matched against the path below the folder and against the bare name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// None takes every video.
    only: Option<GlobSet>,
    skip: GlobSet,
    pub(crate) min_bytes: u64,
    pub(crate) max_bytes: Option<u64>,
    /// Folders below the watched one that are not looked into: where results and quarantine lie.
    pub(crate) not_into: Vec<PathBuf>,
}

#[derive(Debug, thiserror::Error)]
#[error("`{glob}` is no pattern: {reason}; write for example \"*.mp4\" or \"draft-*\"")]
pub(crate) struct BadGlob {
    pub(crate) glob: String,
    pub(crate) reason: String,
}

impl Filter {
    pub(crate) fn new(only: &[String], skip: &[String]) -> Result<Self, BadGlob> {
        let only = if only.is_empty() { None } else { Some(set(only)?) };
        Ok(Self { only, skip: set(skip)?, ..Self::default() })
    }

    /// Whether a folder is looked into.
    pub(crate) fn enters(&self, folder: &Path) -> bool {
        !is_left_alone(folder) && !self.not_into.iter().any(|left| folder == left)
    }

    /// Whether a file is taken as far as its name goes; `root` is the watched folder.
    pub(crate) fn takes_name(&self, root: &Path, path: &Path) -> bool {
        let Ok(below) = path.strip_prefix(root) else { return false };
        let mut folders = below.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
        self.takes_bare_name(root, path) && folders.all(|folder| self.enters(&root.join(folder)))
    }

    /// As `takes_name`, for a file in a folder that is looked into.
    pub(super) fn takes_bare_name(&self, root: &Path, path: &Path) -> bool {
        let Ok(below) = path.strip_prefix(root) else { return false };
        let named = |set: &GlobSet| set.is_match(below) || below.file_name().is_some_and(|name| set.is_match(name));
        let wanted = match &self.only {
            Some(only) => named(only),
            None => is_video(path),
        };
        wanted && !is_hidden(path) && !is_temporary(path) && !named(&self.skip)
    }

    /// Whether a file of a name that is taken is taken as it is now.
    pub(crate) fn takes_file(&self, meta: &Metadata) -> bool {
        let bytes = meta.len();
        let fits = bytes >= self.min_bytes && self.max_bytes.is_none_or(|max| bytes <= max);
        meta.is_file() && fits
    }
}

/// Downloaders fill a file in no order, at its full size, and have a second one beside it as long as they do.
const MARKS: [&str; 5] = ["aria2", "part", "filepart", "!qb", "bc!"];

/// `clip.mp4` for `clip.mp4.aria2`: what the file says is not finished.
pub(super) fn unfinished_by(mark: &Path) -> Option<PathBuf> {
    let ending = mark.extension()?.to_str()?;
    MARKS.contains(&ending).then(|| mark.with_extension(""))
}

/// Whether there is a `clip.mp4.aria2` beside `clip.mp4`.
pub(super) fn has_unfinished_mark(path: &Path) -> bool {
    MARKS.into_iter().any(|ending| {
        let mut mark = path.as_os_str().to_owned();
        mark.push(".");
        mark.push(ending);
        Path::new(&mark).exists()
    })
}

fn set(globs: &[String]) -> Result<GlobSet, BadGlob> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(parse(glob).map_err(|error| BadGlob { glob: glob.clone(), reason: error.kind().to_string() })?);
    }
    set.build().map_err(|error| BadGlob { glob: globs.join(" "), reason: error.to_string() })
}

fn parse(glob: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(glob).case_insensitive(true).literal_separator(true).build()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn takes(filter: &Filter, below: &str) -> bool {
        filter.takes_name(Path::new("/in"), &Path::new("/in").join(below))
    }

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn videos_are_taken_wherever_they_lie() {
        let filter = Filter { not_into: vec!["/in/out".into()], ..Filter::default() };
        assert!(takes(&filter, "a.mp4") && takes(&filter, "deep/er/b.mov"));
        for below in ["out/a/a.mp4", ".a.mp4", ".trash/a.mp4", "_UNPACK_x/a.mp4", "a.part.mp4", "notes.txt"] {
            assert!(!takes(&filter, below), "{below}");
        }
        assert!(!filter.takes_name(Path::new("/in"), Path::new("/elsewhere/a.mp4")));
    }

    #[test]
    fn globs_say_which() {
        let filter = Filter::new(&strings(&["*.mp4", "raw/**/*.bin"]), &strings(&["draft-*"])).unwrap();
        assert!(takes(&filter, "A.MP4") && takes(&filter, "deep/a.mp4") && takes(&filter, "raw/x/y.bin"));
        assert!(!takes(&filter, "a.mov") && !takes(&filter, "draft-1.mp4") && !takes(&filter, "other/y.bin"));
        let error = Filter::new(&strings(&["[a"]), &[]).unwrap_err().to_string();
        assert!(error.starts_with("`[a` is no pattern: "), "{error}");
    }

    #[test]
    fn size_and_a_downloaders_mark_decide_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mp4");
        fs::write(&path, [0; 100]).unwrap();
        let meta = fs::metadata(&path).unwrap();
        let filter = |min_bytes, max_bytes| Filter { min_bytes, max_bytes, ..Filter::default() };
        assert!(filter(0, None).takes_file(&meta) && filter(100, Some(100)).takes_file(&meta));
        assert!(!filter(101, None).takes_file(&meta) && !filter(0, Some(99)).takes_file(&meta));
        assert!(!has_unfinished_mark(&path));
        let mark = folder.path().join("a.mp4.aria2");
        fs::write(&mark, "x").unwrap();
        assert!(has_unfinished_mark(&path) && unfinished_by(&mark) == Some(path));
    }
}
