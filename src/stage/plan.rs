//! Executors of the family `plan`.

use serde::Deserialize;

use super::{Execute, StageContext, style_hooks};
use crate::{
    artifact::{CuePlan, Cut, Cuts, Media, Track},
    digest::Digest,
    dynamics,
    error::{BadHit, StageError},
    plan::{BarPictures, ConditionKnobs, CueKnobs, PictureMood, PlanError, plan_conditions, plan_cue},
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "plan.cue" => Some(cue),
        "plan.conditions" => Some(conditions),
        _ => None,
    }
}

fn cue(context: &mut StageContext) -> Result<(), StageError> {
    let media: Media = context.input("media")?;
    let Cuts { cuts } = context.input("cuts")?;
    let mood = mood(context, &cuts, media.scored_seconds())?;
    let knobs: CueKnobs = context.params()?;
    let plan = plan_cue(&media, &cuts, &context.input("motion")?, &mood, &knobs, context.seed())?;
    context.output("plan", &plan)
}

#[derive(Deserialize)]
struct ConditionParams {
    weights: Digest,
}

fn conditions(context: &mut StageContext) -> Result<(), StageError> {
    let plan: CuePlan = context.input("plan")?;
    let mood = mood(context, &plan.cuts, plan.end_seconds)?;
    let knobs: ConditionKnobs = context.params()?;
    let ConditionParams { weights } = context.params()?;
    let motion: Track = context.input("motion")?;
    let pictures = BarPictures::read(&context.input("color")?, &motion)?;
    let loudness = dynamics::file::load(context.file(weights)?)?.over(&motion, &plan.cuts, plan.end_seconds);
    let conditions = plan_conditions(&plan, &mood, &pictures, loudness, &knobs)?;
    let conditions = style_hooks::conditions(context, &plan, conditions)?;
    context.output("conditions", &conditions)
}

fn mood(context: &StageContext, cuts: &[Cut], seconds: f64) -> Result<PictureMood, StageError> {
    let motion: Track = context.input("motion")?;
    let mood = match context.optional_input::<Track>("affect")? {
        Some(affect) => PictureMood::felt(&affect, &motion, cuts, seconds),
        None => PictureMood::read(&context.input("color")?, &motion, cuts, seconds),
    };
    Ok(mood?)
}

impl From<PlanError> for StageError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Length { .. } => Self::media(error.to_string()),
            PlanError::HitOutside { number, time, seconds } => {
                let hit = Some(BadHit { number, time, video_seconds: seconds });
                Self { hit, ..Self::usage(error.to_string()) }
            }
            PlanError::MissingChannel(_) => Self::usage(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        artifact::{Conditions, CuePlan, Cuts},
        error::FailureClass,
        plan::example::{color, media, motion},
        testing::{Bench, Outputs, shipped},
    };

    fn cue(seconds: f64) -> Result<Outputs, crate::error::StageError> {
        Bench::new("plan.cue")
            .input("media", &media(seconds))
            .input("cuts", &Cuts { cuts: vec![] })
            .input("color", &color(20, 0.5, 0.3))
            .input("motion", &motion(&[4.0; 20]))
            .run()
    }

    #[test]
    fn default_knobs_plan_a_piece() {
        let plan: CuePlan = cue(20.0).unwrap().get("plan");
        let conditions: Conditions = Bench::new("plan.conditions")
            .file("weights", &shipped("dynamics"))
            .input("plan", &plan)
            .input("color", &color(20, 0.5, 0.3))
            .input("motion", &motion(&[4.0; 20]))
            .run()
            .unwrap()
            .get("conditions");
        assert_eq!(conditions.bars.len(), plan.bars.len());
    }

    #[test]
    fn no_picture_is_the_inputs_fault() {
        let error = cue(0.0).err().unwrap();
        assert_eq!(error.class, FailureClass::Media);
    }
}
