//! `cuesmith cache`.

use clap::Args;

use crate::error::Exit;

#[derive(Args)]
pub(super) struct CacheArgs {}

pub(super) fn run(_args: &CacheArgs) -> Exit {
    Exit::Internal
}
