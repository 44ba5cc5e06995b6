//! `cuesmith check`.

use clap::Args;

use crate::error::Exit;

#[derive(Args)]
pub(super) struct CheckArgs {}

pub(super) fn run(_args: &CheckArgs) -> Exit {
    Exit::Internal
}
