//! What stays in a folder of results when new ones come: files that are not ours, and ours that somebody edited.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use walkdir::{DirEntry, WalkDir};

use super::{ExportError, staging::Staging};
use crate::{digest::Digest, store::Store};

/// In the name of a result that somebody edited.
const EDITED: &str = "edited";

/// What the last run put into a folder, by path as text.
pub(super) type Listed = BTreeMap<String, Digest>;

/// Carries over what stays. Gives the new names of edited files and of those whose name a result takes.
pub(super) fn keep(
    store: &Store,
    folder: &Path,
    listed: &Listed,
    staging: &Staging,
) -> Result<Vec<PathBuf>, ExportError> {
    let mut renamed = Vec::new();
    for entry in WalkDir::new(folder).min_depth(1).sort_by_file_name().into_iter().flatten() {
        let path = entry.path().strip_prefix(folder).expect("walking stays below its root");
        match fate(store, &entry, path, listed, staging) {
            Fate::Goes => {}
            Fate::Stays => staging.adopt(entry.path(), path)?,
            Fate::Renamed(tag) => {
                let new = free_name(staging.path(), path, tag);
                staging.adopt(entry.path(), &new)?;
                renamed.push(new);
            }
        }
    }
    Ok(renamed)
}

/// What happens to a file that lies where results go.
enum Fate {
    Goes,
    Stays,
    /// It cannot keep its name; the new one holds this word.
    Renamed(&'static str),
}

fn fate(store: &Store, entry: &DirEntry, path: &Path, listed: &Listed, staging: &Staging) -> Fate {
    if entry.file_type().is_dir() || path == Path::new("run.json") {
        return Fate::Goes;
    }
    let digest = || store.digest(entry.path()).ok();
    let taken = staging.path().join(path);
    match listed.get(&*path.to_string_lossy()) {
        Some(ours) if digest() == Some(*ours) => Fate::Goes,
        _ if digest().is_some() && digest() == Digest::of_file(&taken).ok() => Fate::Goes,
        Some(_)
            if names(entry.path(), EDITED)
                .map_while(|name| store.digest(&name).ok())
                .any(|kept| Some(kept) == digest()) =>
        {
            Fate::Goes
        }
        Some(_) => Fate::Renamed(EDITED),
        None if taken.symlink_metadata().is_ok() => Fate::Renamed("kept"),
        None => Fate::Stays,
    }
}

/// `score.edited.mid`, or `score.edited-2.mid` where that is taken.
fn free_name(staging: &Path, path: &Path, tag: &str) -> PathBuf {
    let mut free = names(path, tag).filter(|name| staging.join(name).symlink_metadata().is_err());
    free.next().expect("no folder holds so many entries")
}

fn names(path: &Path, tag: &str) -> impl Iterator<Item = PathBuf> {
    (1..).map(move |number: usize| {
        let mut name: OsString = path.file_stem().unwrap_or_default().to_owned();
        name.push(if number == 1 { format!(".{tag}") } else { format!(".{tag}-{number}") });
        if let Some(ending) = path.extension() {
            name.push(OsStr::new("."));
            name.push(ending);
        }
        path.with_file_name(name)
    })
}
