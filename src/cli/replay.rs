//! `cuesmith replay`.

use clap::Args;

use crate::error::Exit;

#[derive(Args)]
pub(super) struct ReplayArgs {}

pub(super) fn run(_args: &ReplayArgs) -> Exit {
    Exit::Internal
}
