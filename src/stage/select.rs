//! Executor of `select.best`: every take is arranged and heard; the one that goes best with the picture is kept.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::{Execute, StageContext, arrange::playing, take::TakeKnob, vmcp::picture_seconds};
use crate::{
    arrange,
    artifact::{Chords, Conditions, CuePlan, Notes, Report},
    digest::Digest,
    error::StageError,
    metric::{MusicLimits, check_music},
    script::{Candidate, chosen_by},
    vmcp,
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "select.best" => Some(best),
        _ => None,
    }
}

#[derive(Deserialize)]
struct Params {
    weights: Digest,
    take: TakeKnob,
}

/// The takes there are.
struct Takes {
    chords: Chords,
    melody: Notes,
    accompaniment: Notes,
}

/// A take as it is judged.
struct Judged {
    /// Whether check.music would pass it.
    sound: bool,
    likeness: f64,
    /// Share of the pool's music that goes less well with the picture, 0..100.
    percentile: f64,
}

fn best(context: &mut StageContext) -> Result<(), StageError> {
    let Params { take, .. } = context.params()?;
    let (melody, accompaniment) = (context.input("melody")?, context.input("accompaniment")?);
    let takes = Takes { chords: context.input("chords")?, melody, accompaniment };
    let found = takes.chords.takes.len();
    let (kept, report) = match take {
        TakeKnob::Auto if found > 1 => {
            let judged = judge_all(context, &takes)?;
            let kept = chosen_by_style(context, &takes, &judged)?.unwrap_or_else(|| keep(&judged));
            (kept, report(&judged, kept))
        }
        // A take that is named, or the only one, is not measured: nothing hangs on it, and check.vmcp does so later.
        take => {
            let kept = take.among(found)?;
            (kept, report_of_named(kept, found))
        }
    };
    context.output(
        "chords",
        &Chords { takes: vec![takes.chords.takes[kept].clone()], notes: takes.chords.notes.clone() },
    )?;
    context.output("melody", &only(&takes.melody, kept))?;
    context.output("accompaniment", &only(&takes.accompaniment, kept))?;
    context.output("report", &report)
}

fn judge_all(context: &mut StageContext, takes: &Takes) -> Result<Vec<Judged>, StageError> {
    let Params { weights, .. } = context.params()?;
    let limits: MusicLimits = context.params()?;
    let (encoder, pool) = super::vmcp::encoders(context, weights)?;
    let plan: CuePlan = context.input("plan")?;
    let conditions: Conditions = context.input("conditions")?;
    let picture = encoder.picture(&picture_seconds(context, &encoder, &plan)?);
    let mut judged = Vec::new();
    for (place, chords) in takes.chords.takes.iter().enumerate() {
        let take = arrange::Take {
            plan: &plan,
            conditions: &conditions,
            chords: &takes.chords,
            melody: &takes.melody,
            accompaniment: &takes.accompaniment,
            number: place + 1,
        };
        let score = arrange::arrange(&take, playing(context)?, context.seed())?;
        let music = encoder.music(&vmcp::heard(&plan, chords, &score));
        judged.push(Judged {
            sound: check_music(&plan, &score, limits).passed != Some(false),
            likeness: encoder.likeness(&picture, &music),
            percentile: pool.place(&encoder, &picture, &music, 1).percentile,
        });
        context.progress((place + 1) as f32 / takes.chords.takes.len() as f32, "takes");
    }
    Ok(judged)
}

/// What the hook `choose` of a style says, counted from 0; none where there is no such hook.
fn chosen_by_style(context: &StageContext, takes: &Takes, judged: &[Judged]) -> Result<Option<usize>, StageError> {
    let Some(script) = context.style_script() else { return Ok(None) };
    let notes = |part: &Notes, take: usize| part.takes.get(take).cloned().unwrap_or_default();
    let candidate = |(take, judged): (usize, &Judged)| Candidate {
        passes: judged.sound,
        likeness: judged.likeness,
        percentile: judged.percentile,
        chords: takes.chords.takes[take].clone(),
        melody: notes(&takes.melody, take),
        accompaniment: notes(&takes.accompaniment, take),
    };
    let candidates = judged.iter().enumerate().map(candidate).collect();
    let plan: CuePlan = context.input("plan")?;
    Ok(chosen_by(script, &plan, candidates, context.seed())?.map(|take| take - 1))
}

/// Takes that are no music are kept only where all are such; of equals the first.
fn keep(judged: &[Judged]) -> usize {
    let better = |one: &Judged, other: &Judged| {
        one.sound.cmp(&other.sound).then(one.likeness.total_cmp(&other.likeness)).is_gt()
    };
    (1..judged.len()).fold(0, |best, take| if better(&judged[take], &judged[best]) { take } else { best })
}

fn only(notes: &Notes, take: usize) -> Notes {
    Notes::new(notes.takes.get(take).cloned().into_iter().collect())
}

fn report(judged: &[Judged], kept: usize) -> Report {
    let list = |value: &dyn Fn(&Judged) -> serde_json::Value| judged.iter().map(value).collect::<Vec<_>>();
    let summary = format!(
        "take {} of {} is kept: it goes with the picture better than {:.0} % of other music",
        kept + 1,
        judged.len(),
        judged[kept].percentile
    );
    let values = BTreeMap::from([
        ("candidates".to_owned(), json!(judged.len())),
        ("take".to_owned(), json!(kept + 1)),
        ("likeness".to_owned(), json!(list(&|take| json!(take.likeness)))),
        ("percentile".to_owned(), json!(list(&|take| json!(take.percentile)))),
        ("passes_check_music".to_owned(), json!(list(&|take| json!(take.sound)))),
    ]);
    Report { passed: None, summary, values }
}

/// One candidate stands for all: check.vmcp need not forgive luck where nothing was picked by how it fits.
fn report_of_named(kept: usize, found: usize) -> Report {
    let summary = match found {
        1 => "there is one take, and it is kept".to_owned(),
        _ => format!("take {} of {found} is kept, as the knob `take` says", kept + 1),
    };
    Report { passed: None, summary, values: [("candidates", 1), ("take", kept + 1)].map(measure).into() }
}

fn measure((name, value): (&str, usize)) -> (String, serde_json::Value) {
    (name.to_owned(), json!(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        music::Note,
        plan::example::{color, media, motion},
        testing::{Bench, Outputs, shipped},
    };

    #[test]
    fn the_best_of_the_sound_takes_is_kept() {
        let take = |sound, likeness| Judged { sound, likeness, percentile: 50.0 };
        assert_eq!(keep(&[take(true, 0.1), take(false, 3.0), take(true, 0.4), take(true, 0.4)]), 2);
        assert_eq!(keep(&[take(false, 0.1), take(false, 3.0)]), 1);
        let report = report(&[take(true, 0.1), take(true, 0.4)], 1);
        assert_eq!((&report.values["candidates"], &report.values["take"]), (&json!(2), &json!(2)));
    }

    /// Two takes for twenty seconds: the first is one stuck note, the second leaves all to the style.
    fn select(take: serde_json::Value) -> Outputs {
        let (color, motion) = (color(20, 0.5, 0.3), motion(&[4.0; 20]));
        let plan: CuePlan = Bench::new("plan.cue")
            .input("media", &media(20.0))
            .input("cuts", &crate::artifact::Cuts { cuts: vec![] })
            .input("color", &color)
            .input("motion", &motion)
            .run()
            .unwrap()
            .get("plan");
        let bench = Bench::new("plan.conditions")
            .file("weights", &shipped("dynamics"))
            .input("plan", &plan)
            .input("color", &color);
        let conditions: Conditions = bench.input("motion", &motion).run().unwrap().get("conditions");
        let bars = plan.bars.len();
        let row =
            |names: [&str; 2]| names.map(|name| name.parse().unwrap()).into_iter().cycle().take(2 * bars).collect();
        let beats = |pitch: u8| {
            let notes = (0..bars as u32 * 4).map(|beat| Note { start: 4 * beat, pitch, duration: 4, velocity: 70 });
            Notes::new(vec![notes.collect(), vec![]])
        };
        Bench::new("select.best")
            .file("weights", &shipped("vmcp"))
            .param("take", take)
            .input("plan", &plan)
            .input("conditions", &conditions)
            .input("chords", &Chords { takes: vec![row(["C", "G"]), row(["C", "F"])], notes: vec![] })
            .input("melody", &beats(72))
            .input("accompaniment", &beats(55))
            .input("color", &color)
            .input("motion", &motion)
            .run()
            .unwrap()
    }

    #[test]
    fn auto_measures_the_takes_and_a_number_takes_one_as_it_is() {
        let (best, named) = (select(json!("auto")), select(json!(1)));
        let report: Report = best.get("report");
        assert_eq!((&report.values["candidates"], &report.values["take"]), (&json!(2), &json!(2)), "{report:?}");
        assert_eq!(report.values["passes_check_music"], json!([false, true]));
        assert_eq!(best.get::<Notes>("melody").takes, [vec![]]);
        assert_eq!(best.get::<Chords>("chords").takes[0][1].to_string(), "F");
        let report: Report = named.get("report");
        assert_eq!((&report.values["candidates"], &report.values["take"]), (&json!(1), &json!(1)));
        assert!(!named.get::<Notes>("accompaniment").takes[0].is_empty());
        assert_eq!(named.get::<Chords>("chords").takes[0][1].to_string(), "G");
    }
}
