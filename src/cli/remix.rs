//! `cuesmith remix`.

use clap::Args;

use crate::error::Exit;

#[derive(Args)]
pub(super) struct RemixArgs {}

pub(super) fn run(_args: &RemixArgs) -> Exit {
    Exit::Internal
}
