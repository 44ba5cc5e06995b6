//! One look at a folder: every file that is taken, with its stamp.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use walkdir::{DirEntry, WalkDir};

use super::{
    Folder, Stamp,
    filter::{has_unfinished_mark, unfinished_by},
};

/// No way through a folder is longer than this.
const DEPTH: usize = 32;

impl Folder {
    /// All files. What can't be read is left out: it is seen when it can.
    pub(crate) fn scan(&self) -> BTreeMap<PathBuf, Stamp> {
        let depth = if self.is_recursive { DEPTH } else { 1 };
        let walk = WalkDir::new(&self.path.path).min_depth(1).max_depth(depth).into_iter();
        let enters =
            |entry: &DirEntry| entry.depth() == 0 || !entry.file_type().is_dir() || self.filter.enters(entry.path());
        let files = walk.filter_entry(enters).flatten().filter(|entry| !entry.file_type().is_dir());
        let paths: Vec<_> = files.map(DirEntry::into_path).collect();
        // Ten thousand files are looked at again and again: their marks are known from the walk.
        let unfinished: HashSet<_> = paths.iter().filter_map(|path| unfinished_by(path)).collect();
        let stamp = |path: &PathBuf| {
            let takes = self.filter.takes_bare_name(&self.path.path, path) && !unfinished.contains(path);
            let meta = takes.then(|| fs::metadata(path).ok()).flatten()?;
            self.filter.takes_file(&meta).then(|| (path.clone(), Stamp::of(&meta)))
        };
        paths.iter().filter_map(stamp).collect()
    }

    /// One file, if it is there and taken.
    pub(crate) fn stamp(&self, path: &Path) -> Option<Stamp> {
        if !self.filter.takes_name(&self.path.path, path) {
            return None;
        }
        // A link to a file is that file; links to folders are not followed.
        let meta = fs::metadata(path).ok()?;
        (self.filter.takes_file(&meta) && !has_unfinished_mark(path)).then(|| Stamp::of(&meta))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::folder::tests::folder, *};

    #[test]
    fn a_look_finds_all_that_is_taken_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        for file in ["a.mp4", "deep/er/b.mov", ".c.mp4", "_UNPACK_x/d.mp4", "out/a/a.mp4", "notes.txt", "e.mp4.part"] {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        std::os::unix::fs::symlink(root.path().join("a.mp4"), root.path().join("link.mp4")).unwrap();
        std::os::unix::fs::symlink(root.path(), root.path().join("loop")).unwrap();
        std::os::unix::fs::symlink("nowhere", root.path().join("dead.mp4")).unwrap();
        let mut folder = folder(root.path());
        folder.filter.not_into = vec![root.path().join("out")];
        let names = |folder: &Folder| {
            let paths = folder.scan().into_keys();
            paths.map(|path| path.strip_prefix(root.path()).unwrap().display().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names(&folder), ["a.mp4", "deep/er/b.mov", "link.mp4"]);
        folder.is_recursive = false;
        assert_eq!(names(&folder), ["a.mp4", "link.mp4"]);
    }
}
