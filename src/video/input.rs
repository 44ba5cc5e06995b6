//! Opens a media file for libav, by handle and not by name: any file name works, libav opens no other file, no pipe
//! or device blocks the worker, and the content alone decides the container.

use std::{
    fs::{File, FileType, OpenOptions},
    os::unix::fs::{FileTypeExt, OpenOptionsExt},
    path::Path,
    sync::Once,
};

use ffmpeg_next::{
    Dictionary,
    format::{self, context::Input, context::StreamIo},
    log,
};
use rustix::fs::OFlags;

use super::VideoError;

const READ_BUFFER_BYTES: usize = 1 << 18;

/// The file's packets. No limit on size but that of `max_bytes`.
pub(crate) fn open(path: &Path, max_bytes: u64) -> Result<Input, VideoError> {
    initialise();
    let file = regular_file(path, max_bytes)?;
    let io = StreamIo::from_read_seek_with_capacity(file, READ_BUFFER_BYTES).map_err(VideoError::Unreadable)?;
    let mut options = Dictionary::new();
    // Playlists and reference movies name other files and hosts: not for an input from anywhere.
    options.set("protocol_whitelist", "none");
    format::input_from_stream(io, None, Some(options)).map_err(VideoError::Unreadable)
}

/// libav speaks through errors alone: its own log would tear the terminal's progress lines.
pub(super) fn initialise() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_level(log::Level::Quiet);
        ffmpeg_next::init().expect("libav's registration of error texts cannot fail");
    });
}

fn regular_file(path: &Path, max_bytes: u64) -> Result<File, VideoError> {
    // Without NONBLOCK, opening a pipe that nobody writes to waits for ever.
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let facts = file.metadata()?;
    if !facts.is_file() {
        return Err(VideoError::NotAFile(kind_of(facts.file_type())));
    }
    match facts.len() {
        0 => Err(VideoError::Empty),
        bytes if bytes > max_bytes => Err(VideoError::TooLarge { bytes, limit: max_bytes }),
        _ => Ok(file),
    }
}

fn kind_of(kind: FileType) -> &'static str {
    if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::net::UnixListener};

    use super::*;

    fn message(path: &Path) -> String {
        open(path, 100).err().unwrap().to_string()
    }

    #[test]
    fn what_is_no_file_is_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, socket) = (folder.path().join("pipe"), folder.path().join("socket"));
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        let _listener = UnixListener::bind(&socket).unwrap();
        assert_eq!(message(folder.path()), "the input is a folder, not a file; give a video file");
        assert_eq!(message(&pipe), "the input is a pipe, not a file; give a video file");
        assert_eq!(message(Path::new("/dev/zero")), "the input is a device, not a file; give a video file");
        assert!(message(&socket).starts_with("the input cannot be read: "), "{}", message(&socket));
        assert!(message(&folder.path().join("none")).starts_with("the input cannot be read: No such file"));
    }

    #[test]
    fn size_is_limited_before_anything_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clip.mp4");
        fs::write(&file, "").unwrap();
        assert_eq!(message(&file), "the input is empty (0 bytes)");
        fs::write(&file, [0; 101]).unwrap();
        assert!(message(&file).starts_with("the input has 101 bytes, over the limit of 100;"));
    }

    #[test]
    fn a_playlist_opens_no_other_file() {
        let folder = tempfile::tempdir().unwrap();
        let (list, part) = (folder.path().join("list.m3u8"), folder.path().join("part.ts"));
        fs::write(&part, [0x47; 188 * 20]).unwrap();
        let text = format!("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n", part.display());
        fs::write(&list, text).unwrap();
        assert!(matches!(open(&list, 1 << 20), Err(VideoError::Unreadable(_))));
    }
}
