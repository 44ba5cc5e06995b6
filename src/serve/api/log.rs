//! The end of a job's log.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path as FsPath,
    sync::Arc,
};

use axum::{
    extract::{Path, State},
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};

use crate::{
    serve::{error::ApiError, room::Room},
    watch::log_path,
};

const BYTES: u64 = 64 << 10;

pub(in crate::serve) async fn log(State(room): State<Arc<Room>>, Path(id): Path<String>) -> Result<Response, ApiError> {
    let job = room.job(&id)?;
    let path = log_path(&room.counter.logs, &job.id);
    let read = tokio::task::spawn_blocking(move || tail(&path)).await;
    let text = match read.map_err(|error| ApiError::Internal(error.to_string()))? {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ApiError::NoLog),
        Err(error) => return Err(ApiError::io("reading the job's log")(error)),
    };
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

/// Whole lines.
fn tail(path: &FsPath) -> io::Result<String> {
    let mut file = File::open(path)?;
    let skipped = file.metadata()?.len().saturating_sub(BYTES);
    file.seek(SeekFrom::Start(skipped))?;
    let mut bytes = Vec::new();
    file.take(BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    match text.split_once('\n') {
        Some((_, whole)) if skipped > 0 => Ok(whole.to_owned()),
        _ => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_gives_its_last_whole_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let lines: Vec<String> = (0..20_000).map(|line| format!("line {line}\n")).collect();
        std::fs::write(&path, lines.concat()).unwrap();
        let text = tail(&path).unwrap();
        assert!(text.len() as u64 <= BYTES && text.starts_with("line ") && text.ends_with("line 19999\n"));
        std::fs::write(&path, "short\n").unwrap();
        assert_eq!(tail(&path).unwrap(), "short\n");
    }
}
