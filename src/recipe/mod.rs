//! Recipes: what a user writes, parsed in steps with a type each.
//!
//! `chain` reads a recipe and what it extends into one table with places; `raw` sorts it and refuses unknown keys;
//! `resolved` has defaults, ranges, units and paths settled; `graph` then makes the plan. Every error knows its place
//! (file, line, column) and is rendered in one spot, `error`.

mod chain;
mod error;
mod fault;
mod graph_script;
mod located;
mod place;
mod raw;
mod resolve;
mod resolved;
mod roots;
mod schema;
mod scripts;
mod set;
mod shipped;
mod stage;
mod style;
#[cfg(test)]
mod tests;
mod value;
mod written;

use std::path::{Path, PathBuf};

use self::{chain::Reading, roots::Roots, written::Table};
pub(crate) use self::{
    error::{RecipeError, RecipeErrors, hit_outside},
    fault::{Fault, nearest},
    place::Place,
    resolve::default_value,
    resolved::{Joint, OnFail, Reference, ResolvedRecipe, ResolvedStage, StageFile},
    roots::read_text,
    schema::schema,
    style::{Style, styles},
};
use crate::{
    graph,
    script::{ClipFacts, ScriptLimits},
};

/// What the command line lays over a recipe.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    /// The arguments of `--set`: `knobs.tempo.min=90`, `stages.chords.temperature=0.8`, `loudness=-14`.
    pub(crate) set: Vec<String>,
    pub(crate) seed: Option<u64>,
    /// The video, for graph scripts that ask for it.
    pub(crate) clip: Option<ClipFacts>,
}

/// Reads and resolves a recipe: a path, or the bare name of a shipped recipe (`vlog`).
pub(crate) fn load(recipe: &Path, overrides: &Overrides) -> Result<ResolvedRecipe, RecipeErrors> {
    load_from(recipe, overrides, &Roots::of_process())
}

/// Whether a file is a script rather than TOML.
pub(crate) fn is_script(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "rhai")
}

/// A file that ships with the program, such as weights, where recipes find it.
pub(crate) fn shipped_file(path: &Path) -> Option<PathBuf> {
    Roots::of_process().find(path, None, false, Path::is_file)
}

fn load_from(recipe: &Path, overrides: &Overrides, roots: &Roots) -> Result<ResolvedRecipe, RecipeErrors> {
    let mut faults = Vec::new();
    let mut over = Table::new();
    for argument in &overrides.set {
        match set::parse(argument) {
            Ok(layer) => written::merge(&mut over, layer),
            Err(error) => faults.push(error),
        }
    }
    // A graph script runs before its own table can say anything.
    let limits = over.get("scripts").and_then(|entry| entry.value.as_table());
    let mut wrong = Vec::new();
    let limits = limits.map_or_else(ScriptLimits::default, |table| resolve::script_limits(table, &mut wrong));
    if !wrong.is_empty() {
        return Err(RecipeErrors::new(wrong));
    }
    let reading = Reading { roots, limits, clip: overrides.clip.clone() };
    let mut chain = chain::read(recipe, &reading).map_err(RecipeErrors::new)?;
    written::merge(&mut chain.table, over);
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
        let is_style = is_script(Path::new(&source.name)) && source.text.contains("fn arrange");
        return Err(RecipeErrors::new(vec![RecipeError::at(&place, Fault::NoStages { name, is_style })]));
    }
    resolution.recipe.asked_clip = chain.asked_clip;
    resolution.recipe.printed = chain.printed;
    if let Some(seed) = overrides.seed {
        resolution.recipe.seed = seed;
    }
    Ok(resolution.recipe)
}
