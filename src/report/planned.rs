//! A recipe that can run: its plan, and what run.json says of it.

use std::path::{Path, PathBuf};

use super::RecipeFacts;
use crate::{
    digest::Digest,
    graph::{self, Plan},
    recipe::{self, Overrides, RecipeErrors},
};

pub(crate) struct Planned {
    pub(crate) facts: RecipeFacts,
    pub(crate) plan: Plan,
    /// It is a graph script that asked for the video: each video has a plan of its own.
    pub(crate) asked_clip: bool,
    /// Where the recipe's hits are written, in order of time.
    pub(crate) hits: Vec<recipe::Place>,
    /// What a graph script printed.
    pub(crate) printed: Vec<String>,
}

impl Planned {
    pub(crate) fn load(recipe: &Path, overrides: &Overrides) -> Result<Self, RecipeErrors> {
        let recipe = recipe::load(recipe, overrides)?;
        let plan = graph::plan(&recipe)?;
        let source = recipe.sources.first().expect("a recipe is read from at least one text");
        let path = source.path.clone().unwrap_or_else(|| PathBuf::from(&source.name));
        let digest = Digest::of(source.text.as_bytes());
        let facts = RecipeFacts { path, digest, resolved: recipe.to_json() };
        let printed = recipe.printed.iter().map(|line| format!("{}: {line}", recipe.name)).collect();
        Ok(Self { facts, plan, asked_clip: recipe.asked_clip, hits: recipe.hits, printed })
    }

    /// Of all that decides what is made, the video left out: recipe, knobs, seed, scripts.
    pub(crate) fn digest(&self) -> Digest {
        let plan = serde_json::to_vec(&self.plan).unwrap_or_default();
        Digest::of(&plan)
    }
}
