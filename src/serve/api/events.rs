//! How the watch stands, told again whenever it changes (server-sent events).

use std::{convert::Infallible, pin::pin, sync::Arc};

use axum::{
    extract::State,
    http::HeaderMap,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{
    future::{Either, select},
    stream,
};
use serde::Serialize;
use tokio::{
    sync::{OwnedSemaphorePermit, watch},
    time::{Instant, sleep_until},
};

use super::{
    job_view::JobLine,
    news::{Line, since},
    status::Status,
};
use crate::{
    serve::{error::ApiError, room::Room},
    watch::{Live, View},
};

const NAME: &str = "state";

pub(in crate::serve) async fn events(State(room): State<Arc<Room>>, headers: HeaderMap) -> Result<Response, ApiError> {
    let seat = room.stream_seat()?;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let listener = Listener {
        changes: room.counter.board.changes(),
        stopping: room.stopping.clone(),
        last,
        told: None,
        _seat: seat,
        room: room.clone(),
    };
    let stream = stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    let alive = KeepAlive::new().interval(room.limits.keep_alive).text("here");
    Ok(Sse::new(stream).keep_alive(alive).into_response())
}

#[derive(Serialize)]
struct Message {
    status: Status,
    running: Vec<Running>,
    news: Vec<Line>,
}

#[derive(Serialize)]
struct Running {
    job: JobLine,
    live: Option<Live>,
}

/// One open stream.
struct Listener {
    room: Arc<Room>,
    changes: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    /// Number of the last line of news that the page has.
    last: Option<u64>,
    /// When the last event went out; none before the first.
    told: Option<Instant>,
    _seat: OwnedSemaphorePermit,
}

impl Listener {
    /// The first event comes at once, the others after a change; changes in quick succession become one.
    async fn next(&mut self) -> Option<Event> {
        if let Some(told) = self.told {
            let gap = self.room.limits.event_gap;
            let changed = pin!(async {
                let is_open = self.changes.changed().await.is_ok();
                sleep_until(told + gap).await;
                is_open
            });
            let stopping = pin!(self.stopping.wait_for(|is_stopping| *is_stopping));
            match select(changed, stopping).await {
                Either::Left((true, _)) => {}
                _ => return None,
            }
        }
        self.told = Some(Instant::now());
        self.changes.mark_unchanged();
        let message = self.message();
        Event::default().event(NAME).id(self.last.unwrap_or_default().to_string()).json_data(message).ok()
    }

    fn message(&mut self) -> Message {
        let view = self.room.counter.board.read();
        let news = since(&view, self.last);
        self.last = Some(view.told);
        Message { status: Status::of(&view, &self.room), running: running(&view), news }
    }
}

fn running(view: &View) -> Vec<Running> {
    let jobs = view.jobs.values().filter(|job| job.state == crate::watch::State::Running);
    let mut running: Vec<_> = jobs.collect();
    running.sort_by_key(|job| job.started_ms);
    running.into_iter().map(|job| Running { job: JobLine::of(job), live: view.live.get(&job.id).cloned() }).collect()
}
