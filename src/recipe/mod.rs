//! Recipes: what a user writes, parsed in steps with a type each.
//!
//! `chain` reads a recipe and what it extends into one table with places; `raw` sorts it and refuses unknown keys;
//! `resolved` has defaults, ranges, units and paths settled; `graph` then makes the plan. Every error knows its place
//! (file, line, column) and is rendered in one spot, `error`.

mod chain;
mod error;
mod fault;
mod place;
mod raw;
mod resolve;
mod resolved;
mod roots;
mod schema;
mod set;
mod shipped;
mod stage;
#[cfg(test)]
mod tests;
mod value;
mod written;

use std::path::{Path, PathBuf};

use self::roots::Roots;
pub(crate) use self::{
    error::{RecipeError, RecipeErrors, hit_outside},
    fault::{Fault, nearest},
    place::Place,
    resolve::default_value,
    resolved::{Joint, OnFail, Reference, ResolvedRecipe, ResolvedStage, StageFile},
    schema::schema,
};
use crate::graph;

/// What the command line lays over a recipe.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    /// The arguments of `--set`: `knobs.tempo.min=90`, `stages.chords.temperature=0.8`, `loudness=-14`.
    pub(crate) set: Vec<String>,
    pub(crate) seed: Option<u64>,
}

/// Reads and resolves a recipe: a path, or the bare name of a shipped recipe (`vlog`).
pub(crate) fn load(recipe: &Path, overrides: &Overrides) -> Result<ResolvedRecipe, RecipeErrors> {
    load_from(recipe, overrides, &Roots::of_process())
}

/// A file that ships with the program, such as weights, where recipes find it.
pub(crate) fn shipped_file(path: &Path) -> Option<PathBuf> {
    Roots::of_process().find(path, None, false, Path::is_file)
}

fn load_from(recipe: &Path, overrides: &Overrides, roots: &Roots) -> Result<ResolvedRecipe, RecipeErrors> {
    let mut chain = chain::read(recipe, roots).map_err(RecipeErrors::new)?;
    let mut faults = Vec::new();
    for argument in &overrides.set {
        match set::parse(argument) {
            Ok(layer) => written::merge(&mut chain.table, layer),
            Err(error) => faults.push(error),
        }
    }
    let raw = raw::sort(chain.table, &mut faults);
    let mut resolution = resolve::resolve(raw, &chain.sources, roots, &mut faults);
    if !faults.is_empty() {
        // What is wrong with the edges is told at once, too.
        faults.extend(graph::faults(&resolution.recipe, &resolution.broken));
        return Err(RecipeErrors::new(faults));
    }
    if resolution.recipe.stages.is_empty() {
        let source = &chain.sources[0];
        let place = Place::new(source, 0..source.text.lines().next().map_or(0, str::len));
        let name = resolution.recipe.name;
        return Err(RecipeErrors::new(vec![RecipeError::at(&place, Fault::NoStages { name })]));
    }
    if let Some(seed) = overrides.seed {
        resolution.recipe.seed = seed;
    }
    Ok(resolution.recipe)
}
