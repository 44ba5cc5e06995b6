//! Executors of the family `check`.

use super::{Execute, StageContext, original};
use crate::{
    artifact::{CuePlan, Media, Report, Score},
    error::StageError,
    metric::{MusicLimits, SyncLimits, check_music, check_sync},
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "check.music" => Some(music),
        "check.original" => Some(original::check),
        "check.sync" => Some(sync),
        _ => None,
    }
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
    let sound: Report = context.input("sound")?;
    let limits: SyncLimits = context.params()?;
    context.output("report", &check_sync(&plan, &media, &sound, limits))
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
        let sync: Report = bench.input("sound", &sound()).run().unwrap().get("report");
        assert_eq!(sync.passed, Some(true), "{}", sync.summary);
    }

    #[test]
    fn parameters_move_the_limits() {
        let bench = Bench::new("check.music").input("plan", &plan()).input("score", &score());
        let report: Report = bench.param("min_scale_consistency", 1.0).run().unwrap().get("report");
        assert_eq!(report.passed, Some(true), "{}", report.summary);
        let bench = Bench::new("check.sync").input("plan", &plan()).input("media", &media(20.0));
        let report: Report = bench.input("sound", &sound()).param("loudness", -23.0).run().unwrap().get("report");
        assert_eq!(report.passed, Some(false));
    }
}
