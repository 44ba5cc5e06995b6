//! Puts the results of one input in place, or leaves them alone when they are all there.

use std::{
    collections::BTreeMap,
    fs::{self, File, Permissions},
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::{
    ExportError, ExportFile,
    kept::{self, Listed},
    staging::Staging,
};
use crate::{report::PastRun, store::Store};

const RUN_JSON: &str = "run.json";

/// What was done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Placed {
    /// Every file was there; only `run.json` is new.
    Untouched,
    /// New files are in place. Files that were edited by hand, or whose name is now a result's, have these new names.
    Written { renamed: Vec<PathBuf> },
}

pub(crate) fn place(
    store: &Store,
    folder: &Path,
    files: &[ExportFile],
    run_json: &[u8],
) -> Result<Placed, ExportError> {
    let listed = PastRun::read(&folder.join(RUN_JSON)).ok().map(|run| run.outputs);
    if listed.as_ref().is_some_and(|listed| is_complete(store, folder, files, listed)) {
        let path = folder.join(RUN_JSON);
        renew(&path, run_json).map_err(ExportError::io("writing", &path))?;
        return Ok(Placed::Untouched);
    }
    let staging = Staging::new(folder_of(folder))?;
    files.iter().try_for_each(|file| staging.copy(store.blobs(), file))?;
    staging.write(RUN_JSON, run_json)?;
    let renamed = kept::keep(store, folder, &listed.unwrap_or_default(), &staging)?;
    staging.put(folder)?;
    for file in files {
        // Best effort: whoever forgets a digest hashes the file again.
        let _ = store.learn(&folder.join(&file.path), file.blob.digest);
    }
    Ok(Placed::Written { renamed })
}

/// Where a result's folder lies; a folder of one word lies in the current one.
pub(super) fn folder_of(place: &Path) -> &Path {
    place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Every file there with the right content, and no result of an earlier run besides.
fn is_complete(store: &Store, folder: &Path, files: &[ExportFile], listed: &Listed) -> bool {
    let wanted: BTreeMap<_, _> =
        files.iter().map(|file| (file.path.to_string_lossy().into_owned(), file.blob.digest)).collect();
    wanted == *listed && files.iter().all(|file| is_right(store, &folder.join(&file.path), file))
}

fn is_right(store: &Store, path: &Path, file: &ExportFile) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() == file.blob.bytes)
        && store.digest(path).is_ok_and(|digest| digest == file.blob.digest)
}

/// As the store writes its files, but with the permissions of a file for people.
fn renew(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().expect("run.json lies in a folder");
    let mut file = tempfile::Builder::new().permissions(Permissions::from_mode(0o666)).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    use serde_json::json;
    use tempfile::TempDir;

    use super::{super::testing::stored, *};

    struct Desk {
        folder: TempDir,
        store: Store,
    }

    impl Desk {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(&folder.path().join("store")).unwrap();
            Self { folder, store }
        }

        fn out(&self) -> PathBuf {
            self.folder.path().join("out")
        }

        fn clip(&self) -> PathBuf {
            self.out().join("clip")
        }

        fn place(&self, contents: &[(&str, &str)]) -> Placed {
            let files: Vec<_> =
                contents.iter().map(|(path, content)| stored(&self.store, path, content.as_bytes())).collect();
            self.place_files(&files)
        }

        fn place_files(&self, files: &[ExportFile]) -> Placed {
            place(&self.store, &self.clip(), files, &run_json(files)).unwrap()
        }

        /// Everything under `out`, with contents; run.json only by name.
        fn tree(&self) -> Vec<String> {
            let files = walkdir::WalkDir::new(self.out()).sort_by_file_name().into_iter().flatten();
            let files = files.filter(|entry| entry.file_type().is_file());
            files
                .map(|entry| {
                    let path = entry.path().strip_prefix(self.out()).unwrap().display().to_string();
                    let content = fs::read_to_string(entry.path()).unwrap();
                    if path.ends_with("run.json") { path } else { format!("{path}: {content}") }
                })
                .collect()
        }
    }

    fn run_json(files: &[ExportFile]) -> Vec<u8> {
        let outputs: BTreeMap<_, _> =
            files.iter().map(|file| (file.path.to_string_lossy().into_owned(), file.blob.digest)).collect();
        let run = json!({
            "cuesmith": "0.1.0",
            "recipe": { "path": "r", "digest": "0".repeat(64), "resolved": {} },
            "seed": 1, "device": "cpu", "inputs": [], "outputs": outputs,
        });
        run.to_string().into_bytes()
    }

    #[test]
    fn a_first_result_is_there_as_a_whole_with_nothing_beside() {
        let desk = Desk::new();
        assert_eq!(desk.place(&[("a.wav", "1"), ("stems/b.wav", "2")]), Placed::Written { renamed: vec![] });
        assert_eq!(desk.tree(), ["clip/a.wav: 1", "clip/run.json", "clip/stems/b.wav: 2"]);
        assert_eq!(fs::read_dir(desk.out()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_of_one_word_lies_in_the_current_one() {
        assert_eq!(folder_of(Path::new("remixed")), Path::new("."));
        assert_eq!(folder_of(Path::new("out/clip")), Path::new("out"));
    }

    #[test]
    fn a_result_of_no_files_is_a_run_json() {
        let desk = Desk::new();
        assert_eq!(desk.place(&[]), Placed::Written { renamed: vec![] });
        assert_eq!(desk.place(&[]), Placed::Untouched);
        assert_eq!(desk.tree(), ["clip/run.json"]);
    }

    #[test]
    fn results_that_are_all_there_are_left_alone() {
        use std::os::unix::fs::MetadataExt;
        let desk = Desk::new();
        let inode = || fs::metadata(desk.clip().join("a.wav")).unwrap().ino();
        desk.place(&[("a.wav", "1")]);
        let before = inode();
        assert_eq!(desk.place(&[("a.wav", "1")]), Placed::Untouched);
        assert_eq!(inode(), before);
        fs::remove_file(desk.clip().join("a.wav")).unwrap();
        assert_eq!(desk.place(&[("a.wav", "1")]), Placed::Written { renamed: vec![] });
    }

    #[test]
    fn what_is_not_ours_stays_and_old_results_go() {
        let desk = Desk::new();
        desk.place(&[("a.wav", "1"), ("stems/old.wav", "2")]);
        fs::write(desk.clip().join("notes.txt"), "mine").unwrap();
        fs::write(desk.clip().join("stems/take.wav"), "mine").unwrap();
        fs::write(desk.clip().join("roll.png"), "mine").unwrap();
        let placed = desk.place(&[("a.wav", "3"), ("roll.png", "4")]);
        assert_eq!(placed, Placed::Written { renamed: vec!["roll.kept.png".into()] });
        let expected = [
            "clip/a.wav: 3",
            "clip/notes.txt: mine",
            "clip/roll.kept.png: mine",
            "clip/roll.png: 4",
            "clip/run.json",
            "clip/stems/take.wav: mine",
        ];
        assert_eq!(desk.tree(), expected);
    }

    #[test]
    fn an_edited_result_is_never_lost() {
        let desk = Desk::new();
        for (edit, content) in [("first", "1"), ("second", "2")] {
            desk.place(&[("score.mid", content)]);
            fs::write(desk.clip().join("score.mid"), edit).unwrap();
        }
        let placed = desk.place(&[("score.mid", "2")]);
        assert_eq!(placed, Placed::Written { renamed: vec!["score.edited-2.mid".into()] });
        let expected =
            ["clip/run.json", "clip/score.edited-2.mid: second", "clip/score.edited.mid: first", "clip/score.mid: 2"];
        assert_eq!(desk.tree(), expected);
    }

    #[test]
    fn names_that_are_not_utf8_are_known_again() {
        let desk = Desk::new();
        let files = [stored(&desk.store, OsStr::from_bytes(b"caf\xe9 'x'.mp4"), b"film")];
        assert_eq!(desk.place_files(&files), Placed::Written { renamed: vec![] });
        assert_eq!(desk.place_files(&files), Placed::Untouched);
    }

    #[test]
    fn a_damaged_blob_stops_the_export_and_is_dropped() {
        let desk = Desk::new();
        desk.place(&[("a.wav", "good")]);
        let file = stored(&desk.store, "a.wav", b"new");
        let blob = desk.store.blobs().path(file.blob.digest);
        fs::write(&blob, "bad").unwrap();
        let files = [file];
        let error = place(&desk.store, &desk.clip(), &files, &run_json(&files)).unwrap_err();
        assert!(matches!(error, ExportError::Damaged { .. }), "{error}");
        assert!(!blob.exists());
        assert_eq!(desk.tree(), ["clip/a.wav: good", "clip/run.json"]);
        assert_eq!(fs::read_dir(desk.out()).unwrap().count(), 1);
    }

    #[test]
    fn results_are_copies_that_others_may_read() {
        use std::os::unix::fs::MetadataExt;
        let desk = Desk::new();
        desk.place(&[("a.wav", "1")]);
        desk.place(&[("a.wav", "1")]);
        let of = |name: &str| fs::metadata(desk.clip().join(name)).unwrap();
        assert_eq!(of("a.wav").nlink(), 1);
        assert_eq!(of("a.wav").mode() & 0o444, of("run.json").mode() & 0o444);
        assert_ne!(of("run.json").mode() & 0o044, 0);
    }
}
