//! `cuesmith schema`.

use clap::Args;

use crate::error::Exit;

#[derive(Args)]
pub(super) struct SchemaArgs {}

pub(super) fn run(_args: &SchemaArgs) -> Exit {
    Exit::Internal
}
