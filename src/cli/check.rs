//! `cuesmith check`: parse, resolve and plan recipes; run nothing.

use std::path::{Path, PathBuf};

use clap::Args;

use super::recipe_args::OverrideArgs;
use crate::{error::Exit, graph::Plan, report::terminal};

#[derive(Args)]
pub(super) struct CheckArgs {
    /// Paths of recipes, or names of shipped ones (vlog)
    #[arg(required = true, value_name = "RECIPE")]
    recipes: Vec<PathBuf>,
    #[command(flatten)]
    overrides: OverrideArgs,
}

pub(super) fn run(args: &CheckArgs) -> Exit {
    let mut exit = Exit::Done;
    for recipe in &args.recipes {
        match args.overrides.load(recipe, None) {
            Ok((resolved, plan)) => {
                terminal::line(summary(recipe, &plan));
                if resolved.asked_clip {
                    terminal::note("note: its clip() stood for a clip of 60 s in 1920 x 1080, with sound");
                }
            }
            Err(failed) => exit = failed,
        }
    }
    exit
}

fn summary(recipe: &Path, plan: &Plan) -> String {
    let checks = plan.stages.iter().filter(|stage| stage.on_fail.is_some()).count();
    let stages = plan.stages.len() - checks;
    format!("ok  {}: {stages} stages, {checks} checks, seed {}", recipe.display(), plan.seed)
}
