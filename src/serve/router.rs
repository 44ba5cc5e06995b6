//! Which address leads where.

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{get, post, put},
};

use super::{api, asset, error::ApiError, files, guard::guard, metrics::metrics, room::Room};

pub(super) fn router(room: Arc<Room>) -> Router {
    Router::new()
        .route("/", get(asset::index))
        .route("/page/{name}", get(asset::asset))
        .route("/health", get(async || "ok\n"))
        .route("/metrics", get(metrics))
        .route("/api/status", get(api::status))
        .route("/api/events", get(api::events))
        .route("/api/knobs", get(api::knobs))
        .route("/api/jobs", get(api::jobs))
        .route("/api/jobs/{id}", get(api::job))
        .route("/api/jobs/{id}/log", get(api::log))
        .route("/api/jobs/{id}/retry", post(api::retry))
        .route("/api/jobs/{id}/release", post(api::release))
        .route("/api/jobs/{id}/cancel", post(api::cancel))
        .route("/api/jobs/{id}/version", post(api::version))
        .route("/api/jobs/{id}/outlook", post(api::outlook))
        .route("/api/upload/{name}", put(api::upload))
        .route("/jobs/{id}/files/{*name}", get(files::file))
        .fallback(async || ApiError::NoPage)
        .layer(middleware::from_fn_with_state(room.clone(), guard))
        .with_state(room)
}
