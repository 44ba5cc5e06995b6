//! `cuesmith doctor`.

use clap::Args;

use crate::error::Exit;

#[derive(Args)]
pub(super) struct DoctorArgs {}

pub(super) fn run(_args: &DoctorArgs) -> Exit {
    Exit::Internal
}
