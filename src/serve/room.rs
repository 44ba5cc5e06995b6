//! What all requests share.

use std::{net::SocketAddr, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::{
    error::{ApiError, ServeError},
    hosts::Hosts,
    options::{Limits, ServeOptions},
    token::Token,
};
use crate::watch::{Counter, Job, JobId};

pub(super) struct Room {
    pub(super) counter: Counter,
    pub(super) address: SocketAddr,
    pub(super) hosts: Hosts,
    pub(super) token: Option<Token>,
    pub(super) limits: Limits,
    pub(super) max_upload_bytes: u64,
    /// Becomes true when the watch stops.
    pub(super) stopping: watch::Receiver<bool>,
    streams: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
    outlooks: Arc<Semaphore>,
}

impl Room {
    pub(super) fn new(
        options: &ServeOptions,
        address: SocketAddr,
        counter: Counter,
        stopping: watch::Receiver<bool>,
    ) -> Result<Self, ServeError> {
        let limits = options.limits;
        let token = match &options.token {
            Some(text) => Some(Token::given(text)?),
            None if address.ip().is_loopback() => None,
            None => Some(Token::random()?),
        };
        Ok(Self {
            counter,
            address,
            hosts: Hosts::new(address, &options.allowed_hosts)?,
            token,
            limits,
            max_upload_bytes: options.max_upload_bytes,
            stopping,
            streams: Arc::new(Semaphore::new(limits.streams)),
            uploads: Arc::new(Semaphore::new(limits.uploads)),
            outlooks: Arc::new(Semaphore::new(limits.outlooks)),
        })
    }

    pub(super) fn job(&self, id: &str) -> Result<Arc<Job>, ApiError> {
        let id: JobId = id.parse()?;
        let found = self.counter.board.read().jobs.get(&id).cloned();
        found.ok_or_else(|| ApiError::NoJob(id.to_string()))
    }

    pub(super) fn stream_seat(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        seat(&self.streams, "streams of events", self.limits.streams)
    }

    pub(super) fn upload_seat(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        seat(&self.uploads, "uploads", self.limits.uploads)
    }

    /// People who turn a knob wait for the plan before.
    pub(super) async fn outlook_seat(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let seat = self.outlooks.clone().acquire_owned().await;
        seat.map_err(|closed| ApiError::Internal(closed.to_string()))
    }
}

fn seat(seats: &Arc<Semaphore>, what: &'static str, limit: usize) -> Result<OwnedSemaphorePermit, ApiError> {
    seats.clone().try_acquire_owned().map_err(|_| ApiError::Busy { what, limit })
}
