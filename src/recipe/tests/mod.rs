//! Recipes from text to plan: what is shown for every kind of error, the shipped recipes, and the round trip.

mod base;
mod errors;
mod graph_scripts;
mod hits;
mod layers;
mod order;
mod round_trip;

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::{Overrides, RecipeErrors, ResolvedRecipe, load_from, roots::Roots};
use crate::graph::{self, Plan};

/// A folder with recipes, weights and a SoundFont in it, as recipes want them.
struct Project {
    folder: TempDir,
}

impl Project {
    fn new() -> Self {
        let project = Self::without_weights();
        let models = [
            "chords",
            "melody",
            "accompaniment",
            "original",
            "efficientnet_lite0",
            "picture_affect",
            "music_affect",
            "vmcp",
            "dynamics",
        ];
        for model in models {
            project.write(&format!("store/models/{model}.safetensors"), "weights");
        }
        project
    }

    fn without_weights() -> Self {
        let project = Self { folder: TempDir::new().unwrap() };
        project.write("test.sf2", "instruments");
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn roots(&self) -> Roots {
        Roots { current: self.folder.path().to_owned(), program: Vec::new() }
    }

    fn load(&self, recipe: &str, set: &[&str]) -> Result<ResolvedRecipe, RecipeErrors> {
        let set = set.iter().map(|argument| (*argument).to_owned()).collect();
        load_from(Path::new(recipe), &Overrides { set, seed: None, clip: None }, &self.roots())
    }

    fn plan(&self, recipe: &str, set: &[&str]) -> Result<Plan, RecipeErrors> {
        graph::plan(&self.load(recipe, set)?)
    }

    /// What is shown for a recipe that extends the built-in base.
    fn errors_of(&self, recipe: &str, set: &[&str]) -> String {
        self.write("my.toml", recipe);
        let shown = self.plan("my.toml", set).unwrap_err().render(false);
        shown.replace(self.folder.path().to_str().unwrap(), "/project")
    }
}

/// Errors of a whole recipe of one's own.
fn errors(recipe: &str) -> String {
    Project::new().errors_of(recipe, &[])
}

/// Errors of a few lines over the standard graph.
fn errors_over_base(lines: &str) -> String {
    errors(&format!("{OVER_BASE}{lines}"))
}

/// The SoundFont need not be installed where tests run.
const OVER_BASE: &str = "[recipe]\nextends = \"base.toml\"\n\n[stages.stems]\nsoundfont = \"test.sf2\"\n\n";
