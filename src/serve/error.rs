//! Why the page can't be served, or why a request is refused.

use std::{io, net::SocketAddr};

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::token::LENGTHS;
use crate::watch::NoJobId;

#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    #[error("serving the page on {address}: {source}; take another address, or port 0 for any free one")]
    Bind { address: SocketAddr, source: io::Error },
    #[error(
        "the token has {length} signs, or signs other than letters, digits, `-`, `.`, `_` and `~`; give {} to {} of these",
        LENGTHS.start(),
        LENGTHS.end()
    )]
    Token { length: usize },
    #[error("making a token from the random source of the system: {source}; give one")]
    Random { source: io::Error },
    #[error("`{name}` is no host; give a name such as `studio.lan`, or one with a port")]
    Host { name: String },
    #[error("starting the thread that serves the page: {source}")]
    Start { source: io::Error },
}

/// What a client is told, with a status that programs understand.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    #[error("host `{0}` is none of this watch's names; open it by its address, or allow the name")]
    ForeignHost(String),
    #[error("origin `{0}` is another site; only the watch's own page may change things")]
    ForeignOrigin(String),
    #[error("a request that changes things needs an origin or the header `x-cuesmith: 1`")]
    NoMark,
    #[error("a token is needed: open the address with `?token=...` that the watch printed, or send it as bearer")]
    NoToken,
    #[error(transparent)]
    BadJob(#[from] NoJobId),
    #[error("there is no job {0}; `/api/jobs` lists all")]
    NoJob(String),
    #[error("{0}")]
    Query(String),
    #[error("there is nothing at this address")]
    NoPage,
    #[error("there is no file `{0}` in the results of this job")]
    NoFile(String),
    #[error("this job has no results yet")]
    NoResult,
    #[error("this job has no log yet")]
    NoLog,
    /// The office, or the recipe, says no.
    #[error("{0}")]
    Refused(String),
    #[error("`{value}` is no knob and value; write `knobs.NAME=VALUE`: {reason}")]
    Knob { value: String, reason: &'static str },
    #[error("the body is no JSON of the form that is asked for: {0}")]
    NotJson(String),
    #[error("the body has more than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("the body came too slowly")]
    Slow,
    #[error("the body ended early: {0}")]
    Broken(String),
    #[error("all {limit} {what} are taken; try again soon")]
    Busy { what: &'static str, limit: usize },
    #[error("this watch takes no uploads")]
    NoUploads,
    #[error("`{name}` can't be the name of an upload: {reason}")]
    Name { name: String, reason: &'static str },
    #[error("{what}: {source}")]
    Io { what: &'static str, source: io::Error },
    #[error("internal: {0}")]
    Internal(String),
}

impl ApiError {
    pub(super) fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::ForeignHost(_) => StatusCode::MISDIRECTED_REQUEST,
            Self::ForeignOrigin(_) | Self::NoMark => StatusCode::FORBIDDEN,
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::NoJob(_) | Self::NoPage | Self::NoFile(_) | Self::NoResult | Self::NoLog | Self::NoUploads => {
                StatusCode::NOT_FOUND
            }
            Self::BadJob(_)
            | Self::Query(_)
            | Self::Knob { .. }
            | Self::NotJson(_)
            | Self::Broken(_)
            | Self::Name { .. } => StatusCode::BAD_REQUEST,
            Self::Refused(_) => StatusCode::CONFLICT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Io { source, .. } if is_full(source) => StatusCode::INSUFFICIENT_STORAGE,
            Self::Io { .. } | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status(), Json(json!({ "error": self.to_string() }))).into_response()
    }
}
