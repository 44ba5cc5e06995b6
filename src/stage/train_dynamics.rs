//! Executor of `train.dynamics`.

use std::collections::BTreeMap;

use serde_json::json;

use super::StageContext;
use crate::{
    artifact::{Kind, Report},
    dynamics::{self, Card, TooFewVideos, Trained},
    error::StageError,
    vmcp::{Clip, ClipRole, Clips},
};

const NAME: &str = "dynamics";

/// From the half of the training videos that scores no experiment: what plans must not have learned from what judges them.
pub(super) fn train(context: &mut StageContext) -> Result<(), StageError> {
    let clips: Clips = context.input("clips")?;
    let of = |role| clips.clips.iter().filter(|clip| clip.role == role).collect::<Vec<&Clip>>();
    let (known, choosing, test) = (of(ClipRole::Choosing), of(ClipRole::Validation), of(ClipRole::Test));
    let seed = context.seed();
    let trained = dynamics::train(&known, &choosing, &test, seed)?;
    let bytes = dynamics::file::to_bytes(&trained.dynamics);
    let card = Card { name: NAME, clips: &clips, trained: &trained, seed, bytes: &bytes };
    let markdown = card.markdown();
    context.output_bytes("weights", Kind::Weights, Some(NAME), &bytes)?;
    context.output_bytes("card", Kind::Card, Some(NAME), markdown.as_bytes())?;
    context.output("report", &report(&trained))
}

fn report(trained: &Trained) -> Report {
    let trial = &trained.trial;
    let summary = format!(
        "loudness of {} test videos: r = {:.3} within a video, a line on motion alone {:.3}, the rule {:.3}; {:.2} dB off, a constant {:.2}",
        trial.videos, trial.model.mean, trial.motion_alone.mean, trial.rule.mean, trial.model_rmse, trial.constant_rmse
    );
    let values = BTreeMap::from([("trial".to_owned(), json!(trial)), ("ridge".to_owned(), json!(trained.ridge))]);
    Report { passed: None, summary, values }
}

impl From<TooFewVideos> for StageError {
    fn from(error: TooFewVideos) -> Self {
        Self::usage(error.to_string())
    }
}
