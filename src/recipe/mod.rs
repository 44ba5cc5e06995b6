//! Recipes: what a user writes, parsed in steps with a type each.
//!
//! `raw` keeps what is written and where; `resolved` has defaults, ranges, units and paths settled; `graph` then makes
//! the plan. Every error knows its place (file, line, column) and is rendered in one spot.

mod error;
mod resolved;

use std::path::Path;

pub(crate) use self::{
    error::RecipeErrors,
    resolved::{OnFail, ResolvedRecipe, ResolvedStage, StageFile},
};

/// What the command line lays over a recipe.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    /// The arguments of `--set`: `knobs.tempo.min=90`, `stages.chords.temperature=0.8`, `loudness=-14`.
    pub(crate) set: Vec<String>,
    pub(crate) seed: Option<u64>,
}

/// Reads and resolves a recipe: a path, or the bare name of a shipped recipe (`vlog`).
pub(crate) fn load(_recipe: &Path, _overrides: &Overrides) -> Result<ResolvedRecipe, RecipeErrors> {
    todo!()
}
