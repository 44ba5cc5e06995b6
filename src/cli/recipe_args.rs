//! Arguments that all commands on recipes share, and how their errors are shown.

use std::path::{Path, PathBuf};

use clap::Args;

use super::trouble::usage;
use crate::{
    digest::Digest,
    error::Exit,
    graph::{self, Plan},
    recipe::{self, Overrides, RecipeErrors, ResolvedRecipe},
    report::{RecipeFacts, terminal},
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
    pub(super) fn load(&self, recipe: &Path) -> Result<(ResolvedRecipe, Plan), Exit> {
        self.try_load(recipe).map_err(|errors| {
            terminal::note(errors.render(terminal::is_styled()).trim_end());
            Exit::Usage
        })
    }

    fn try_load(&self, recipe: &Path) -> Result<(ResolvedRecipe, Plan), RecipeErrors> {
        let overrides = Overrides { set: self.set.clone(), seed: self.seed };
        let recipe = recipe::load(recipe, &overrides)?;
        let plan = graph::plan(&recipe)?;
        Ok((recipe, plan))
    }
}

/// Which recipe, for commands that run one.
#[derive(Args)]
pub(super) struct RecipeArgs {
    /// Path of a recipe, or name of a shipped one (vlog)
    #[arg(value_name = "RECIPE")]
    recipe: PathBuf,
    #[command(flatten)]
    overrides: OverrideArgs,
}

/// A recipe that can run.
pub(super) struct Planned {
    pub(super) facts: RecipeFacts,
    pub(super) plan: Plan,
    /// Where the recipe's hits are written, in order of time.
    pub(super) hits: Vec<recipe::Place>,
}

impl RecipeArgs {
    /// As `OverrideArgs::load`, with what run.json says of the recipe.
    pub(super) fn plan(&self) -> Result<Planned, Exit> {
        let (recipe, plan) = self.overrides.load(&self.recipe)?;
        let source = recipe.sources.first().expect("a recipe is read from at least one text");
        let path = source.path.clone().unwrap_or_else(|| PathBuf::from(&source.name));
        let digest = Digest::of(source.text.as_bytes());
        Ok(Planned { facts: RecipeFacts { path, digest, resolved: recipe.to_json() }, plan, hits: recipe.hits })
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
