//! Names of files: what a video is called, and what is never one whatever it is called.

use std::path::Path;

/// What counts as a video in a folder.
pub(crate) const ENDINGS: [&str; 22] = [
    "3gp", "asf", "avi", "flv", "m2ts", "m2v", "m4v", "mj2", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "mxf", "nut",
    "ogv", "ts", "vob", "webm", "wmv", "y4m",
];

/// Endings that programs give to what they have not finished.
const UNFINISHED: [&str; 12] = [
    "aria2",
    "bc!",
    "crdownload",
    "download",
    "filepart",
    "!qb",
    "!ut",
    "opdownload",
    "part",
    "partial",
    "tmp",
    "temp",
];

/// Folders that programs fill before they move what is in them, and those that systems keep for themselves.
const LEFT_ALONE: [&str; 10] = [
    "__macosx",
    "@eadir",
    "#recycle",
    "$recycle.bin",
    "lost+found",
    "system volume information",
    "_unpack",
    "_admin",
    "_failed",
    "incomplete",
];

pub(crate) fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

pub(crate) fn is_video(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// `clip.part.mp4`, `clip.f137.temp.mp4`, `~$clip.mp4`: a name that will be another one.
pub(super) fn is_temporary(path: &Path) -> bool {
    let Some(name) = path.file_name() else { return true };
    let name = name.to_string_lossy().to_ascii_lowercase();
    let mut parts = name.split('.').skip(1);
    name.starts_with('~') || name.ends_with('~') || parts.any(|part| UNFINISHED.contains(&part))
}

/// Whether what lies in a folder of this name is none of our business.
pub(super) fn is_left_alone(folder: &Path) -> bool {
    let Some(name) = folder.file_name() else { return false };
    let name = name.to_string_lossy().to_ascii_lowercase();
    let is_known = LEFT_ALONE.iter().any(|left| name == *left || name.starts_with(&format!("{left}_")));
    is_known
        || is_hidden(folder)
        || name.rsplit('.').next().is_some_and(|part| part != name && UNFINISHED.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn videos_are_known_by_their_ending() {
        let is = |name: &str| is_video(Path::new(name));
        assert!(is("a.mp4") && is("b.MOV") && is("c.d.webm"));
        assert!(!is("a.mp4.part") && !is("mp4") && !is("notes.txt") && !is("a.mp3"));
    }

    #[test]
    fn names_of_unfinished_files_are_known() {
        for name in
            ["clip.part.mp4", "clip.temp.mp4", "~$clip.mp4", "clip.f137.tmp.mp4", "clip.MP4~", "a.mp4.crdownload"]
        {
            assert!(is_temporary(Path::new(name)), "{name}");
        }
        for name in ["part.mp4", "temp.mp4", "a partial view.mp4", "2024.05.06.mp4"] {
            assert!(!is_temporary(Path::new(name)), "{name}");
        }
    }

    #[test]
    fn folders_that_are_being_filled_are_left_alone() {
        for name in [".trash", "_UNPACK_holiday", "__MACOSX", "@eaDir", "holiday.part", "lost+found"] {
            assert!(is_left_alone(Path::new(name)), "{name}");
        }
        for name in ["holiday", "part", "a.b", "unpacked", "temp"] {
            assert!(!is_left_alone(Path::new(name)), "{name}");
        }
    }
}
