//! Bodies of requests, read within a size and a time.

use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::{error::ApiError, options::Limits};

pub(super) async fn json<T: DeserializeOwned>(body: Body, limits: &Limits) -> Result<T, ApiError> {
    let bytes = timeout(limits.body, whole(body, limits.json_bytes)).await.map_err(|_| ApiError::Slow)??;
    serde_json::from_slice(&bytes).map_err(|error| ApiError::NotJson(error.to_string()))
}

async fn whole(body: Body, limit: usize) -> Result<Vec<u8>, ApiError> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|error| ApiError::Broken(error.to_string()))?;
        if bytes.len() + piece.len() > limit {
            return Err(ApiError::TooLarge { limit: limit as u64 });
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// The next piece of a long body; one that does not come in time is an error.
pub(super) async fn piece(stream: &mut BodyDataStream, patience: Duration) -> Result<Option<Bytes>, ApiError> {
    let piece = timeout(patience, stream.next()).await.map_err(|_| ApiError::Slow)?;
    piece.transpose().map_err(|error| ApiError::Broken(error.to_string()))
}
