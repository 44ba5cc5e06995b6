//! `cuesmith nodes`.

use clap::Args;

use crate::error::Exit;

#[derive(Args)]
pub(super) struct NodesArgs {}

pub(super) fn run(_args: &NodesArgs) -> Exit {
    Exit::Internal
}
