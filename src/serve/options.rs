//! How the page is served, and what one client may take.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

const PORT: u16 = 8765;
const GIB: u64 = 1 << 30;

#[derive(Clone, Debug)]
pub(crate) struct ServeOptions {
    pub(crate) address: SocketAddr,
    /// Must be given to be let in; made by us where none is given and others than this machine can connect.
    pub(crate) token: Option<String>,
    /// Names that this machine is called by, beside its addresses: `studio.lan`, or with a port `studio.lan:8443`.
    pub(crate) allowed_hosts: Vec<String>,
    pub(crate) max_upload_bytes: u64,
    pub(crate) limits: Limits,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)),
            token: None,
            allowed_hosts: Vec::new(),
            max_upload_bytes: 8 * GIB,
            limits: Limits::default(),
        }
    }
}

/// What one client may take; tests make them short.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// For the head of a request, and for an open connection on which nothing is asked.
    pub(crate) head: Duration,
    /// For a whole JSON body.
    pub(crate) body: Duration,
    /// Without a byte in either direction of a transfer.
    pub(crate) stall: Duration,
    /// For answers under way when the watch stops.
    pub(crate) grace: Duration,
    /// At least this between two events of a stream.
    pub(crate) event_gap: Duration,
    /// A stream with no events says that it lives.
    pub(crate) keep_alive: Duration,
    pub(crate) connections: usize,
    pub(crate) streams: usize,
    pub(crate) uploads: usize,
    /// Plans that are looked at at once.
    pub(crate) outlooks: usize,
    pub(crate) json_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(10),
            stall: Duration::from_secs(30),
            grace: Duration::from_secs(2),
            event_gap: Duration::from_millis(250),
            keep_alive: Duration::from_secs(15),
            connections: 128,
            streams: 32,
            uploads: 4,
            outlooks: 2,
            json_bytes: 64 << 10,
        }
    }
}
