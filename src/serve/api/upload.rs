//! Takes a file into the first watched folder. It is written under a hidden name, which the watch leaves alone, and gets
//! its own name when all of it is on the disk.

use std::{
    fs, io,
    path::{Path as FsPath, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header::CONTENT_LENGTH},
};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde_json::{Value, json};
use tokio::{fs::File, io::AsyncWriteExt};

use crate::{
    serve::{body, error::ApiError, room::Room, token::random_hex},
    watch::is_video,
};

/// Bytes; the hidden name is longer, and 255 fit.
const LONGEST_NAME: usize = 200;
const MOST_NAMES: u32 = 10_000;
const PARTIAL: &str = ".partial-";
const OLD: Duration = Duration::from_secs(24 * 3600);

pub(in crate::serve) async fn upload(
    State(room): State<Arc<Room>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let inbox = room.counter.inbox.clone().ok_or(ApiError::NoUploads)?;
    check(&name)?;
    let limit = room.max_upload_bytes;
    let told = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|told| told > limit) {
        return Err(ApiError::TooLarge { limit });
    }
    let _seat = room.upload_seat()?;
    let partial = Partial::new(&inbox, &name)?;
    let bytes = receive(&room, &partial.0, body, told).await?;
    let finish = move || partial.finish(&inbox, &name);
    let finished = tokio::task::spawn_blocking(finish).await.map_err(|error| ApiError::Internal(error.to_string()))?;
    let name = finished.map_err(ApiError::io("giving the upload its name"))?;
    Ok((StatusCode::CREATED, Json(json!({ "name": name, "bytes": bytes }))))
}

fn check(name: &str) -> Result<(), ApiError> {
    let refuse = |reason| Err(ApiError::Name { name: name.chars().take(100).collect(), reason });
    match () {
        () if name.is_empty() || name.len() > LONGEST_NAME => refuse("it has to have 1 to 200 bytes"),
        () if name.contains(['/', '\\']) => refuse("it names a folder"),
        () if name.contains(char::is_control) => refuse("it has control signs"),
        () if name.starts_with('.') => refuse("it is hidden"),
        () if name.trim() != name => refuse("it begins or ends with a blank"),
        () if !is_video(FsPath::new(name)) => refuse("its ending is no video's"),
        () => Ok(()),
    }
}

/// Writes all of the body and brings it to the disk.
async fn receive(room: &Room, path: &FsPath, body: Body, told: Option<u64>) -> Result<u64, ApiError> {
    let io = || ApiError::io("writing the upload");
    let mut file = File::options().write(true).create_new(true).open(path).await.map_err(io())?;
    let (mut stream, mut bytes) = (body.into_data_stream(), 0);
    while let Some(piece) = body::piece(&mut stream, room.limits.stall).await? {
        bytes += piece.len() as u64;
        if bytes > room.max_upload_bytes {
            return Err(ApiError::TooLarge { limit: room.max_upload_bytes });
        }
        file.write_all(&piece).await.map_err(io())?;
    }
    if told.is_some_and(|told| told != bytes) || bytes == 0 {
        return Err(ApiError::Broken(format!("{bytes} bytes came")));
    }
    file.flush().await.map_err(io())?;
    file.sync_all().await.map_err(io())?;
    Ok(bytes)
}

/// A file that is not all there; gone when it is dropped.
struct Partial(PathBuf);

impl Partial {
    fn new(inbox: &FsPath, name: &str) -> Result<Self, ApiError> {
        let random = random_hex().map_err(|error| ApiError::Internal(error.to_string()))?;
        Ok(Self(inbox.join(format!(".{name}{PARTIAL}{random}"))))
    }

    /// Gives it the first free name: `a.mp4`, `a-2.mp4`, `a-3.mp4`.
    fn finish(self, inbox: &FsPath, name: &str) -> io::Result<String> {
        for name in names(name) {
            match renameat_with(CWD, &self.0, CWD, inbox.join(&name), RenameFlags::NOREPLACE).map_err(io::Error::from) {
                Ok(()) => {
                    fs::File::open(inbox)?.sync_all()?;
                    return Ok(name);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                // Network drives don't know this kind of rename; a second link never replaces a file either.
                Err(_) => match fs::hard_link(&self.0, inbox.join(&name)) {
                    Ok(()) => return Ok(name),
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    Err(error) => return Err(error),
                },
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // It has its name already, or was never made.
        let _ = fs::remove_file(&self.0);
    }
}

fn names(name: &str) -> impl Iterator<Item = String> {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let later = (2..MOST_NAMES).map(move |number| format!("{stem}-{number}.{ending}"));
    std::iter::once(name.to_owned()).chain(later)
}

/// Removes what uploads left that a kill cut short, a day later.
pub(in crate::serve) fn sweep(inbox: &FsPath, now: SystemTime) {
    let Ok(entries) = fs::read_dir(inbox) else { return };
    for entry in entries.flatten().filter(|entry| is_partial(&entry.file_name().to_string_lossy())) {
        let written = entry.metadata().ok().filter(fs::Metadata::is_file).and_then(|meta| meta.modified().ok());
        if written.is_some_and(|written| now.duration_since(written).is_ok_and(|age| age > OLD)) {
            // Another watch may have been here first.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn is_partial(name: &str) -> bool {
    let random = name.rsplit_once(PARTIAL).map(|(_, random)| random);
    name.starts_with('.')
        && random.is_some_and(|random| random.len() == 32 && random.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_uploads_are_one_plain_component_with_a_videos_ending() {
        for name in ["a.mp4", "Ferien am See.MOV", "ä-2.webm", "a.b.mkv"] {
            assert!(check(name).is_ok(), "{name}");
        }
        let long = format!("{}.mp4", "a".repeat(200));
        for name in ["", ".a.mp4", "../a.mp4", "a/b.mp4", "a\\b.mp4", "a\n.mp4", "a.txt", "mp4", " a.mp4", &long] {
            assert!(check(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let folder = tempfile::tempdir().unwrap();
        let put = || {
            let partial = Partial::new(folder.path(), "a.b.mp4").unwrap();
            fs::write(&partial.0, "x").unwrap();
            partial.finish(folder.path(), "a.b.mp4").unwrap()
        };
        assert_eq!([put(), put(), put()], ["a.b.mp4", "a.b-2.mp4", "a.b-3.mp4"]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn what_a_kill_left_goes_after_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let partial = Partial::new(folder.path(), "a.mp4").unwrap();
        fs::write(&partial.0, "x").unwrap();
        for name in [".a.mp4.partial-1", ".hidden", "a.mp4"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        sweep(folder.path(), SystemTime::now());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
        sweep(folder.path(), SystemTime::now() + 2 * OLD);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
