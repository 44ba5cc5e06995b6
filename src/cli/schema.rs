//! `cuesmith schema`: a JSON Schema of recipes, for editors.

use clap::Args;

use crate::{error::Exit, recipe, report::terminal};

#[derive(Args)]
pub(super) struct SchemaArgs {}

pub(super) fn run(_args: &SchemaArgs) -> Exit {
    terminal::line(format!("{:#}", recipe::schema()));
    Exit::Done
}
