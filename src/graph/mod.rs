//! From a resolved recipe to a plan: edges joined and their types checked, cycles refused, one fixed order.
//!
//! The dispatcher takes a `Plan` as it is; keys and digests are its matter.

mod join;
mod order;
mod plan;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::{Map, Value};

use self::join::Joiner;
pub(crate) use self::plan::{Edge, Plan, PlannedStage};
use crate::{
    node,
    recipe::{RecipeError, RecipeErrors, ResolvedRecipe, ResolvedStage, StageFile},
    script::Survey,
};

/// What is joined to the input ports of each stage.
type Edges = BTreeMap<String, BTreeMap<String, Vec<Edge>>>;

/// Joins the stages of a recipe, or says all that does not fit.
pub(crate) fn plan(recipe: &ResolvedRecipe) -> Result<Plan, RecipeErrors> {
    let mut faults = Vec::new();
    let (mut edges, order) = join(recipe, &BTreeSet::new(), &mut faults);
    if !faults.is_empty() {
        return Err(RecipeErrors::new(faults));
    }
    let planned = |name: String| {
        let inputs = edges.remove(&name).unwrap_or_default();
        planned(recipe, &recipe.stages[&name], name, inputs)
    };
    let stages = order.into_iter().map(planned).collect();
    Ok(Plan { recipe: recipe.name.clone(), seed: recipe.seed, stages })
}

/// What is wrong with the edges of a recipe of which some stages, `broken`, could not be resolved.
pub(crate) fn faults(recipe: &ResolvedRecipe, broken: &BTreeSet<String>) -> Vec<RecipeError> {
    let mut faults = Vec::new();
    join(recipe, broken, &mut faults);
    faults
}

fn join(recipe: &ResolvedRecipe, broken: &BTreeSet<String>, faults: &mut Vec<RecipeError>) -> (Edges, Vec<String>) {
    let mut joiner = Joiner { stages: &recipe.stages, broken, faults };
    let edges: Edges = recipe.stages.iter().map(|(name, stage)| (name.clone(), joiner.join(name, stage))).collect();
    let order = order::order(recipe, &edges, faults);
    (edges, order)
}

fn planned(
    recipe: &ResolvedRecipe,
    stage: &ResolvedStage,
    name: String,
    inputs: BTreeMap<String, Vec<Edge>>,
) -> PlannedStage {
    let knobs = recipe.knobs.iter().filter(|(knob, _)| stage.node.knobs.contains(&knob.as_str()));
    let knobs = knobs.map(|(knob, value)| (knob.clone(), value.clone()));
    let mut params: Map<String, Value> = knobs.chain(stage.params.clone()).collect();
    let mut files = stage.files.clone();
    if let Some(script) = style(recipe, stage) {
        params.remove("style");
        files.insert("style".to_owned(), StageFile::Script(script));
    }
    PlannedStage { name, node: stage.node, params, files, inputs, limits: stage.limits, on_fail: stage.on_fail }
}

/// The style script that this stage runs hooks of.
fn style(recipe: &ResolvedRecipe, stage: &ResolvedStage) -> Option<Arc<Survey>> {
    let text = stage.params.get("style").or_else(|| recipe.knobs.get("style"))?.as_str()?;
    let script = recipe.surveys.get(text)?;
    let hooks = node::hooks(stage.node);
    let takes_all = stage.node.knobs.contains(&"style") && !hooks.is_empty();
    let is_read = takes_all || hooks.iter().any(|hook| script.hooks.contains(*hook));
    is_read.then(|| Arc::clone(script))
}
