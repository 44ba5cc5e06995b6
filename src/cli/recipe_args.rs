//! Arguments that all commands on recipes share, and how their errors are shown.

use std::path::Path;

use clap::Args;

use crate::{
    error::Exit,
    graph::{self, Plan},
    recipe::{self, Overrides, RecipeErrors, ResolvedRecipe},
    report::terminal,
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
