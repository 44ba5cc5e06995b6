//! Files of a job's results, by the names that its run.json lists.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use tower_http::services::ServeFile;

use super::{error::ApiError, policy, room::Room, shelf::Shelf};

pub(super) async fn file(
    State(room): State<Arc<Room>>,
    Path((id, name)): Path<(String, String)>,
    request: Request,
) -> Result<Response, ApiError> {
    let job = room.job(&id)?;
    let folder = job.result.as_ref().ok_or(ApiError::NoResult)?.folder.0.clone();
    let wanted = name.clone();
    let find = move || Shelf::open(&folder).ok()?.file(&wanted);
    let found = tokio::task::spawn_blocking(find).await.map_err(|error| ApiError::Internal(error.to_string()))?;
    let path = found.ok_or_else(|| ApiError::NoFile(name.chars().take(200).collect()))?;
    let mut answer = ServeFile::new(&path)
        .try_call(request)
        .await
        .map_err(ApiError::io("reading a file of the results"))?
        .map(axum::body::Body::new)
        .into_response();
    let is_page = path.extension().is_some_and(|ending| ending == "html");
    let policy = if is_page { policy::REPORT.clone() } else { policy::FILE };
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    // A job that is done again writes the same names.
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(answer)
}
