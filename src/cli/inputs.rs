//! The videos that `--input` names: files as they are, folders as the videos that lie in them.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{self, Path, PathBuf},
};

use crate::watch::{ENDINGS, is_hidden, is_video};

/// Names of files that are left alone in a folder, before the rest is only counted.
const TOLD_NAMES: usize = 5;

#[derive(Debug, thiserror::Error)]
pub(super) enum InputError {
    #[error("reading input {}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("input {} is neither a file nor a folder", path.display())]
    NotAFile { path: PathBuf },
    #[error("folder {} has no videos; files with these endings count: {}", path.display(), ENDINGS.join(" "))]
    NoVideos { path: PathBuf },
}

/// What the arguments come to.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// In the order of the arguments, each once.
    pub(super) videos: Vec<PathBuf>,
    /// Arguments that name nothing that can be scored: the others are scored all the same.
    pub(super) refused: Vec<InputError>,
    /// What lies in folders and is left alone, one line a folder.
    pub(super) notes: Vec<String>,
}

pub(super) fn gather(arguments: &[PathBuf]) -> Gathered {
    let mut seen = BTreeSet::new();
    let mut gathered = Gathered::default();
    for argument in arguments {
        match expand(argument, &mut gathered.notes) {
            Ok(found) => {
                let is_new = |input: &PathBuf| seen.insert(path::absolute(input).unwrap_or(input.clone()));
                gathered.videos.extend(found.into_iter().filter(is_new));
            }
            Err(error) => gathered.refused.push(error),
        }
    }
    gathered
}

fn expand(argument: &Path, notes: &mut Vec<String>) -> Result<Vec<PathBuf>, InputError> {
    let io = |source| InputError::Io { path: argument.to_owned(), source };
    let meta = fs::metadata(argument).map_err(io)?;
    if meta.is_file() {
        return Ok(vec![argument.to_owned()]);
    }
    if !meta.is_dir() {
        return Err(InputError::NotAFile { path: argument.to_owned() });
    }
    let entries = fs::read_dir(argument).map_err(io)?.flatten().map(|entry| entry.path());
    let entries = entries.filter(|path| !is_hidden(path));
    let (mut videos, others): (Vec<_>, Vec<_>) = entries.partition(|path| is_video(path) && path.is_file());
    videos.sort_unstable();
    if videos.is_empty() {
        return Err(InputError::NoVideos { path: argument.to_owned() });
    }
    notes.extend(left_alone(argument, others));
    Ok(videos)
}

/// Names are told, as many as fit into a line.
fn left_alone(folder: &Path, mut others: Vec<PathBuf>) -> Option<String> {
    others.sort_unstable();
    let names: Vec<_> = others.iter().filter_map(|path| path.file_name()).map(|name| name.to_string_lossy()).collect();
    let told = names.iter().take(TOLD_NAMES).map(|name| name.replace(char::is_control, "?"));
    let told = told.collect::<Vec<_>>().join(", ");
    let more = if names.len() > TOLD_NAMES { format!(" and {} more", names.len() - TOLD_NAMES) } else { String::new() };
    (!names.is_empty())
        .then(|| format!("left alone in {}: {told}{more}; name them with --input if they are videos", folder.display()))
}

/// How each input is called in messages: its file's name, or its path where names repeat. Always one line.
pub(super) fn names(inputs: &[PathBuf]) -> Vec<String> {
    let name = |input: &Path| input.file_name().unwrap_or(input.as_os_str()).to_owned();
    let call = |input: &PathBuf| {
        let repeats = inputs.iter().filter(|other| name(other) == name(input)).count() > 1;
        let text = if repeats { input.display().to_string() } else { name(input).to_string_lossy().into_owned() };
        text.replace(char::is_control, "?")
    };
    inputs.iter().map(call).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_videos_in_order_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.MP4", "a.mov", ".hidden.mp4", "notes.txt", "noending"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        fs::create_dir_all(folder.path().join("deep.mp4")).unwrap();
        fs::write(folder.path().join("deep.mp4/c.mp4"), "x").unwrap();
        let found = gather(&[folder.path().join("b.MP4"), folder.path().to_owned()]);
        assert_eq!(names(&found.videos), ["b.MP4", "a.mov"]);
        let expected = "deep.mp4, noending, notes.txt; name them with --input if they are videos";
        assert!(found.notes[0].ends_with(expected) && found.notes.len() == 1, "{:?}", found.notes);
    }

    #[test]
    fn what_cannot_be_an_input_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refuse = |path: PathBuf| gather(&[path]).refused[0].to_string();
        assert!(refuse(folder.path().join("none.mp4")).contains("No such file"));
        assert!(refuse(folder.path().to_owned()).contains("has no videos"));
        assert_eq!(refuse("/dev/null".into()), "input /dev/null is neither a file nor a folder");
    }

    #[test]
    fn a_named_file_is_tried_whatever_its_ending_and_its_neighbours() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clip.bin");
        fs::write(&path, "x").unwrap();
        let arguments = [folder.path().join("none.mp4"), path.clone()];
        let found = gather(&arguments);
        assert_eq!((found.videos, found.refused.len()), (vec![path], 1), "one that is missing stops no other");
    }

    #[test]
    fn names_tell_inputs_apart_and_stay_on_one_line() {
        let inputs = ["a/clip.mp4", "b/clip.mp4", "a/two\nlines.mp4"].map(PathBuf::from);
        assert_eq!(names(&inputs), ["a/clip.mp4", "b/clip.mp4", "two?lines.mp4"]);
    }
}
