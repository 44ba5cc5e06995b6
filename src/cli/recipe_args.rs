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
        self.try_load(recipe, clip).map_err(|errors| {
            terminal::note(errors.render(terminal::is_styled()).trim_end());
            Exit::Usage
        })
    }

    fn try_load(&self, recipe: &Path, clip: Option<&ClipFacts>) -> Result<(ResolvedRecipe, Plan), RecipeErrors> {
        let overrides = Overrides { set: self.set.clone(), seed: self.seed, clip: clip.cloned() };
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
    pub(super) recipe: PathBuf,
    #[command(flatten)]
    pub(super) overrides: OverrideArgs,
}

/// A recipe that can run.
pub(super) struct Planned {
    pub(super) facts: RecipeFacts,
    pub(super) plan: Plan,
    /// It is a graph script that asked for the video: each video has a plan of its own.
    pub(super) asked_clip: bool,
    /// Where the recipe's hits are written, in order of time.
    pub(super) hits: Vec<recipe::Place>,
}

impl RecipeArgs {
    /// As `OverrideArgs::load`, with what run.json says of the recipe.
    pub(super) fn plan(&self) -> Result<Planned, Exit> {
        self.plan_for(None)
    }

    /// The plan for one video, where the recipe is a script that asks for it.
    pub(super) fn plan_for(&self, clip: Option<&ClipFacts>) -> Result<Planned, Exit> {
        let (recipe, plan) = self.overrides.load(&self.recipe, clip)?;
        for line in &recipe.printed {
            terminal::note(format_args!("{}: {line}", recipe.name));
        }
        let source = recipe.sources.first().expect("a recipe is read from at least one text");
        let path = source.path.clone().unwrap_or_else(|| PathBuf::from(&source.name));
        let digest = Digest::of(source.text.as_bytes());
        let facts = RecipeFacts { path, digest, resolved: recipe.to_json() };
        Ok(Planned { facts, plan, asked_clip: recipe.asked_clip, hits: recipe.hits })
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
