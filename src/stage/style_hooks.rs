//! Hooks of a style script that run before anything is arranged: on what is asked of each bar, and on composed chords.

use super::StageContext;
use crate::{
    artifact::{Chords, Conditions, CuePlan},
    error::StageError,
    script::{ScriptError, chords_through, conditions_through},
    seed::Seed,
};

/// What is asked, as the style wants it; without such a style as it is.
pub(super) fn conditions(
    context: &StageContext,
    plan: &CuePlan,
    conditions: Conditions,
) -> Result<Conditions, StageError> {
    // The node does not draw: conditions are the same for all seeds, and so is what a hook draws.
    match context.style_script() {
        Some(script) => Ok(conditions_through(script, plan, conditions, Seed::master(0))?),
        None => Ok(conditions),
    }
}

/// Composed chords, as the style wants them.
pub(super) fn chords(context: &StageContext, plan: &CuePlan, chords: Chords) -> Result<Chords, StageError> {
    match context.style_script() {
        Some(script) => Ok(chords_through(script, plan, chords, context.seed())?),
        None => Ok(chords),
    }
}

/// Whoever wrote the script has to act.
impl From<ScriptError> for StageError {
    fn from(error: ScriptError) -> Self {
        Self::usage(error.to_string())
    }
}
