//! The watch's figures as `OpenMetrics` text, for Prometheus.

use std::sync::{Arc, atomic::AtomicU64};

use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::{
    api::{Status, folders_away},
    error::ApiError,
    room::Room,
};
use crate::watch::{Totals, View};

const KIND: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) async fn metrics(State(room): State<Arc<Room>>) -> Result<Response, ApiError> {
    let text = text(&room.counter.board.read()).map_err(|error| ApiError::Internal(error.to_string()))?;
    Ok(([(CONTENT_TYPE, KIND)], text).into_response())
}

fn text(view: &View) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::with_prefix("cuesmith");
    jobs(&mut registry, view);
    gauge(&mut registry, "folders_away", "Watched folders that can't be looked at now", folders_away(view));
    gauge(&mut registry, "held", "Whether something keeps all jobs from starting", usize::from(view.held.is_some()));
    totals(&mut registry, &view.totals);
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

fn jobs(registry: &mut Registry, view: &View) {
    let jobs = Family::<Vec<(&'static str, &'static str)>, Gauge>::default();
    for (state, count) in Status::counts(view) {
        jobs.get_or_create(&vec![("state", state)]).set(count as i64);
    }
    registry.register("jobs", "Jobs by state", jobs);
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: usize) {
    let gauge = Gauge::<i64>::default();
    gauge.set(value as i64);
    registry.register(name, help, gauge);
}

fn totals(registry: &mut Registry, totals: &Totals) {
    let counts = [
        ("done", "Jobs that ended well", totals.done),
        ("failed", "Jobs that ended in trouble", totals.failed),
        ("quarantined", "Files that were moved away because they are broken", totals.quarantined),
        ("retried", "Tries after the first", totals.retried),
        ("cancelled", "Jobs that people stopped", totals.cancelled),
        ("stages_hit", "Stages that came from the cache", totals.stages_hit),
        ("stages_made", "Stages that ran", totals.stages_made),
    ];
    for (name, help, value) in counts {
        let counter = Counter::<u64>::default();
        counter.inc_by(value);
        registry.register(name, help, counter);
    }
    let seconds = Counter::<f64, AtomicU64>::default();
    seconds.inc_by(totals.seconds);
    registry.register("job_seconds", "Time that jobs took", seconds);
}
