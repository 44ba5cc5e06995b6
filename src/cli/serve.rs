//! `cuesmith serve`: a watch with its page; and the page of `cuesmith watch --serve`.

use std::{fs, net::ToSocketAddrs, path::PathBuf};

use clap::Args;

use super::{
    trouble::usage,
    watch::{self, WatchArgs},
};
use crate::{
    error::Exit,
    serve::{ServeOptions, Served, serve},
    watch::Counter,
};

/// Where the page is served when nothing else is said.
pub(super) const ADDRESS: &str = "127.0.0.1:8765";
/// The folder of a page without any: what is dropped on the page comes here.
const INBOX: &str = "inbox";

#[derive(Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    watch: WatchArgs,
}

pub(super) fn run(args: ServeArgs) -> Exit {
    let mut args = args.watch;
    if args.folders.is_empty() && args.config.is_none() {
        if let Err(error) = fs::create_dir_all(INBOX) {
            return usage(format!("making folder {INBOX}: {error}"));
        }
        args.folders.push(PathBuf::from(INBOX));
    }
    args.serve.get_or_insert_with(|| ADDRESS.to_owned());
    watch::run(&args)
}

/// Says where the page is; it ends with what is given back.
pub(super) fn start(
    address: &str,
    token: Option<&str>,
    allowed_hosts: &[String],
    counter: Counter,
) -> Result<Served, Exit> {
    let found = address.to_socket_addrs().ok().and_then(|mut found| found.next());
    let address =
        found.ok_or_else(|| usage(format!("`{address}` is no address; write 127.0.0.1:8765 or 0.0.0.0:8765")))?;
    let options = ServeOptions {
        address,
        token: token.map(str::to_owned),
        allowed_hosts: allowed_hosts.to_vec(),
        ..ServeOptions::default()
    };
    let served = serve(&options, counter).map_err(usage)?;
    tracing::info!("the page is at {}", served.url());
    Ok(served)
}
