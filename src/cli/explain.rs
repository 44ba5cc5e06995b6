//! `cuesmith explain`.

use clap::Args;

use crate::error::Exit;

#[derive(Args)]
pub(super) struct ExplainArgs {}

pub(super) fn run(_args: &ExplainArgs) -> Exit {
    Exit::Internal
}
