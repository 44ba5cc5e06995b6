//! Executors of the family `check`.

use serde::Deserialize;

use super::{Execute, StageContext, original, vmcp};
use crate::{
    affect::{Meter, MeterKind},
    artifact::{Conditions, CuePlan, Media, Report, Score},
    digest::Digest,
    error::StageError,
    metric::{AffectLimits, MusicLimits, SyncLimits, check_affect, check_music, check_sync},
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "check.affect" => Some(affect),
        "check.music" => Some(music),
        "check.original" => Some(original::check),
        "check.sync" => Some(sync),
        "check.vmcp" => Some(vmcp::check),
        _ => None,
    }
}

#[derive(Deserialize)]
struct AffectParams {
    weights: Digest,
    #[serde(flatten)]
    limits: AffectLimits,
}

fn affect(context: &mut StageContext) -> Result<(), StageError> {
    let AffectParams { weights, limits } = context.params()?;
    let meter = Meter::load(context.file(weights)?)?;
    if meter.kind() != MeterKind::Ridge {
        return Err(StageError::usage(
            "check.affect: this meter has a scale of its own, not that of the knobs; give `weights` the meter that labels              training songs (store/models/music_affect.safetensors)",
        ));
    }
    let conditions: Conditions = context.input("conditions")?;
    let score: Score = context.input("score")?;
    context.output("report", &check_affect(&conditions, &score, &meter, limits))
}

fn music(context: &mut StageContext) -> Result<(), StageError> {
    let plan: CuePlan = context.input("plan")?;
    let score: Score = context.input("score")?;
    let limits: MusicLimits = context.params()?;
    context.output("report", &check_music(&plan, &score, limits))
}

fn sync(context: &mut StageContext) -> Result<(), StageError> {
    let plan: CuePlan = context.input("plan")?;
    let media: Media = context.input("media")?;
    let score: Score = context.input("score")?;
    let sound: Report = context.input("sound")?;
    let limits: SyncLimits = context.params()?;
    context.output("report", &check_sync(&plan, &score, &media, &sound, limits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        metric::example::{plan, score, sound},
        plan::example::media,
        testing::Bench,
    };

    #[test]
    fn a_piece_passes_both_checks_at_their_defaults() {
        let music: Report =
            Bench::new("check.music").input("plan", &plan()).input("score", &score()).run().unwrap().get("report");
        assert_eq!(music.passed, Some(true), "{}", music.summary);
        let bench = Bench::new("check.sync").input("plan", &plan()).input("media", &media(20.0));
        let sync: Report = bench.input("score", &score()).input("sound", &sound()).run().unwrap().get("report");
        assert_eq!(sync.passed, Some(true), "{}", sync.summary);
    }

    #[test]
    fn parameters_move_the_limits() {
        let bench = Bench::new("check.music").input("plan", &plan()).input("score", &score());
        let report: Report = bench.param("min_scale_consistency", 1.0).run().unwrap().get("report");
        assert_eq!(report.passed, Some(true), "{}", report.summary);
        let bench = Bench::new("check.sync").input("plan", &plan()).input("media", &media(20.0));
        let report: Report = bench
            .input("score", &score())
            .input("sound", &sound())
            .param("loudness", -23.0)
            .run()
            .unwrap()
            .get("report");
        assert_eq!(report.passed, Some(false));
    }
}
