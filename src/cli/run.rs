//! `cuesmith run`.

use clap::Args;

use crate::error::Exit;

#[derive(Args)]
pub(super) struct RunArgs {}

pub(super) fn run(_args: &RunArgs) -> Exit {
    Exit::Internal
}
