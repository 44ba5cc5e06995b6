//! Takes connections in, no more than there are seats for, and sees to it that none stays without asking.

use std::{pin::pin, sync::Arc, time::Duration};

use axum::Router;
use futures_util::future::{Either, select};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{options::Limits, patient::Patient, room::Room, router::router};

/// Of the head of a request; cookies and paths are short.
const HEAD_BYTES: usize = 32 << 10;
/// After an accept that failed: files may be free again.
const PAUSE: Duration = Duration::from_millis(100);

/// Until the watch stops.
pub(super) async fn keep(listener: std::net::TcpListener, room: Arc<Room>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let (limits, stopping) = (room.limits, room.stopping.clone());
    let router = router(room);
    let seats = Arc::new(Semaphore::new(limits.connections));
    let mut guests = JoinSet::new();
    while let Some((stream, seat)) = next(&listener, &seats, stopping.clone()).await {
        let (router, stopping) = (router.clone(), stopping.clone());
        guests.spawn(async move {
            attend(stream, router, &limits, stopping).await;
            drop(seat);
        });
        while guests.try_join_next().is_some() {}
    }
    drop(listener);
    let all = async { while guests.join_next().await.is_some() {} };
    // Who is not done by then is cut off when the set is dropped.
    let _ = timeout(limits.grace, all).await;
}

/// The next connection; none when the watch stops.
async fn next(
    listener: &TcpListener,
    seats: &Arc<Semaphore>,
    mut stopping: watch::Receiver<bool>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let come = pin!(async {
        let seat = seats.clone().acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, _)) => return Some((stream, seat)),
                Err(_) => sleep(PAUSE).await,
            }
        }
    });
    let stop = pin!(stopping.wait_for(|is_stopping| *is_stopping));
    match select(come, stop).await {
        Either::Left((come, _)) => come,
        Either::Right(_) => None,
    }
}

async fn attend(stream: TcpStream, router: Router, limits: &Limits, mut stopping: watch::Receiver<bool>) {
    // Events are small and should not wait for one another.
    let _ = stream.set_nodelay(true);
    let io = TokioIo::new(Patient::new(stream, limits.stall));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(HEAD_BYTES);
    let mut connection = pin!(http.serve_connection(io, TowerToHyperService::new(router)));
    {
        let stop = pin!(stopping.wait_for(|is_stopping| *is_stopping));
        if let Either::Left(_) = select(connection.as_mut(), stop).await {
            return;
        }
    }
    connection.as_mut().graceful_shutdown();
    // A client that broke off is no trouble of ours.
    let _ = connection.await;
}
