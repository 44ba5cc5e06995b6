//! Arguments that all commands on recipes share, and how their errors are shown.

use std::path::{Path, PathBuf};

use clap::Args;

use super::trouble::usage;
use crate::{
    error::Exit,
    graph::{self, Plan},
    recipe::{self, Overrides, RecipeErrors, ResolvedRecipe},
    report::{Planned, terminal},
    script::ClipFacts,
};

#[derive(Args)]
pub(super) struct OverrideArgs {
    /// Lay a value over the recipe: knobs.tempo.min=90, stages.chords.temperature=0.8, or a knob: loudness=-14
    #[arg(long, value_name = "PATH=VALUE")]
    pub(super) set: Vec<String>,
    /// Master seed, instead of the recipe's
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
}

impl OverrideArgs {
    /// The recipe and its plan; errors are on the terminal already when this fails.
    pub(super) fn load(&self, recipe: &Path, clip: Option<&ClipFacts>) -> Result<(ResolvedRecipe, Plan), Exit> {
        let recipe = recipe::load(recipe, &self.overrides(clip)).map_err(|errors| refused(&errors))?;
        let plan = graph::plan(&recipe).map_err(|errors| refused(&errors))?;
        Ok((recipe, plan))
    }

    fn overrides(&self, clip: Option<&ClipFacts>) -> Overrides {
        Overrides { set: self.set.clone(), seed: self.seed, clip: clip.cloned() }
    }
}

fn refused(errors: &RecipeErrors) -> Exit {
    terminal::note(errors.render(terminal::is_styled()).trim_end());
    Exit::Usage
}

/// Which recipe, for commands that run one.
#[derive(Args)]
pub(super) struct RecipeArgs {
    /// Path of a recipe, or name of a shipped one (vlog)
    #[arg(value_name = "RECIPE")]
    pub(super) recipe: PathBuf,
    #[command(flatten)]
    pub(super) overrides: OverrideArgs,
}

impl RecipeArgs {
    /// As `OverrideArgs::load`, with what run.json says of the recipe.
    pub(super) fn plan(&self) -> Result<Planned, Exit> {
        self.plan_for(None)
    }

    /// The plan for one video, where the recipe is a script that asks for it.
    pub(super) fn plan_for(&self, clip: Option<&ClipFacts>) -> Result<Planned, Exit> {
        let planned =
            Planned::load(&self.recipe, &self.overrides.overrides(clip)).map_err(|errors| refused(&errors))?;
        for line in &planned.printed {
            terminal::note(line);
        }
        Ok(planned)
    }
}

/// `--input` is given exactly when the recipe reads a video.
pub(super) fn fits_inputs(plan: &Plan, inputs: usize) -> Result<(), Exit> {
    let recipe = &plan.recipe;
    match (plan.needs_input(), inputs) {
        (true, 0) => Err(usage(format!("recipe {recipe} works on a video; give one with --input FILE"))),
        (false, 1..) => Err(usage(format!("recipe {recipe} reads no video; leave out --input"))),
        _ => Ok(()),
    }
}
