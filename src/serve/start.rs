//! Starts and stops the thread that serves the page.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, SystemTime},
};

use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
};

use super::{ServeOptions, api::sweep, door, error::ServeError, room::Room};
use crate::watch::Counter;

/// Files are read and the office is asked on these.
const BLOCKING_THREADS: usize = 16;
/// For what blocks when everything else has ended.
const LAST: Duration = Duration::from_millis(500);

/// A page that is served, until it is stopped or dropped.
pub(crate) struct Served {
    #[cfg(test)]
    address: SocketAddr,
    url: String,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

/// Binds before it returns, so that a taken port is an error here.
pub(crate) fn serve(options: &ServeOptions, counter: Counter) -> Result<Served, ServeError> {
    let bind = |source| ServeError::Bind { address: options.address, source };
    let listener = TcpListener::bind(options.address).map_err(bind)?;
    listener.set_nonblocking(true).map_err(bind)?;
    let address = listener.local_addr().map_err(bind)?;
    let (stop, stopping) = watch::channel(false);
    let room = Arc::new(Room::new(options, address, counter, stopping)?);
    let url = url(&room);
    if let Some(inbox) = &room.counter.inbox {
        sweep(inbox, SystemTime::now());
    }
    let runtime = runtime().map_err(|source| ServeError::Start { source })?;
    let thread = thread::Builder::new()
        .name("serve".to_owned())
        .spawn(move || {
            runtime.block_on(door::keep(listener, room));
            runtime.shutdown_timeout(LAST);
        })
        .map_err(|source| ServeError::Start { source })?;
    Ok(Served {
        #[cfg(test)]
        address,
        url,
        stop,
        thread: Some(thread),
    })
}

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().max_blocking_threads(BLOCKING_THREADS).thread_name("serve-files").build()
}

/// What people open, with the token if one is needed.
fn url(room: &Room) -> String {
    let (ip, port) = (room.address.ip(), room.address.port());
    let host = match ip {
        ip if ip.is_unspecified() => SocketAddr::from(([127, 0, 0, 1], port)),
        ip => SocketAddr::new(ip, port),
    };
    let token = room.token.as_ref().map_or(String::new(), |token| format!("?token={}", token.text()));
    format!("http://{host}/{token}")
}

impl Served {
    #[cfg(test)]
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// To be opened in a browser; with the token if one is needed.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Served {
    /// Answers under way may end, for a short time.
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // It panicked: whoever stops it can do nothing about that.
            let _ = thread.join();
        }
    }
}
