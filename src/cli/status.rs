//! `cuesmith status`.

use clap::Args;

use crate::error::Exit;

#[derive(Args)]
pub(super) struct StatusArgs {}

pub(super) fn run(_args: &StatusArgs) -> Exit {
    Exit::Internal
}
