//! Which recipe, and what the command line lays over it: shared by the commands that plan one.

use std::path::PathBuf;

use clap::Args;

use super::trouble::trouble;
use crate::{
    digest::Digest,
    error::Exit,
    graph::{self, Plan},
    recipe::{self, Overrides, RecipeErrors},
    report::{RecipeFacts, terminal},
};

#[derive(Args)]
pub(super) struct RecipeArgs {
    /// A recipe file, or the name of a shipped recipe
    #[arg(value_name = "RECIPE")]
    recipe: PathBuf,
    /// Lay a value over the recipe: knobs.loudness=-14, stages.chords.temperature=0.9
    #[arg(long, value_name = "PATH=VALUE", num_args = 1..)]
    set: Vec<String>,
    /// Another seed than the recipe's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

/// A recipe that can run.
pub(super) struct Planned {
    pub(super) facts: RecipeFacts,
    pub(super) plan: Plan,
}

impl RecipeArgs {
    /// Resolves and plans; what is wrong is shown.
    pub(super) fn plan(&self) -> Result<Planned, Exit> {
        let overrides = Overrides { set: self.set.clone(), seed: self.seed };
        let recipe = recipe::load(&self.recipe, &overrides).map_err(|errors| refuse(&errors))?;
        let plan = graph::plan(&recipe).map_err(|errors| refuse(&errors))?;
        let digest = Digest::of_file(&self.recipe).ok();
        Ok(Planned { facts: RecipeFacts { path: self.recipe.clone(), digest, knobs: recipe.knobs }, plan })
    }
}

fn refuse(errors: &RecipeErrors) -> Exit {
    terminal::note(errors.render(terminal::is_styled()).trim_end());
    Exit::Usage
}

/// `--input` is given exactly when the recipe reads a video.
pub(super) fn fits_inputs(plan: &Plan, inputs: usize) -> Result<(), Exit> {
    let recipe = &plan.recipe;
    match (plan.needs_input(), inputs) {
        (true, 0) => Err(trouble(Exit::Usage, format!("recipe {recipe} works on a video; give one with --input FILE"))),
        (false, 1..) => Err(trouble(Exit::Usage, format!("recipe {recipe} reads no video; leave out --input"))),
        _ => Ok(()),
    }
}
