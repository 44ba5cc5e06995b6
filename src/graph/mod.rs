//! From a resolved recipe to a plan: edges joined and their types checked, cycles refused, one fixed order.
//!
//! The dispatcher takes a `Plan` as it is; keys and digests are its matter.

mod plan;

pub(crate) use self::plan::{Edge, Plan, PlannedStage};
use crate::recipe::{RecipeErrors, ResolvedRecipe};

/// Joins the stages of a recipe, or says all that does not fit.
pub(crate) fn plan(_recipe: &ResolvedRecipe) -> Result<Plan, RecipeErrors> {
    todo!()
}
