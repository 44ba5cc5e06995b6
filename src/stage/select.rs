//! Executor of `select.best`: every take is arranged and heard; the one that goes best with the picture is kept.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::{Execute, StageContext, vmcp::picture_seconds};
use crate::{
    arrange::{self, StyleName},
    artifact::{Chords, Conditions, CuePlan, Notes, Report},
    digest::Digest,
    error::StageError,
    metric::{MusicLimits, check_music},
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
    style: StyleName,
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
    let Params { weights, style } = context.params()?;
    let limits: MusicLimits = context.params()?;
    let (encoder, pool) = super::vmcp::encoders(context, weights)?;
    let plan: CuePlan = context.input("plan")?;
    let conditions: Conditions = context.input("conditions")?;
    let chords: Chords = context.input("chords")?;
    let (melody, accompaniment): (Notes, Notes) = (context.input("melody")?, context.input("accompaniment")?);
    let picture = encoder.picture(&picture_seconds(context, &encoder, &plan)?);
    let mut judged = Vec::new();
    for number in 1..=chords.takes.len() {
        let take = arrange::Take {
            plan: &plan,
            conditions: &conditions,
            chords: &chords,
            melody: &melody,
            accompaniment: &accompaniment,
            number,
        };
        let score = arrange::arrange(&take, style, context.seed())?;
        let music = encoder.music(&vmcp::heard(&plan, &chords.takes[number - 1], &score));
        judged.push(Judged {
            sound: check_music(&plan, &score, limits).passed != Some(false),
            likeness: encoder.likeness(&picture, &music),
            percentile: pool.place(&encoder, &picture, &music, 1).percentile,
        });
        context.progress(number as f32 / chords.takes.len() as f32, "takes");
    }
    let Some(kept) = keep(&judged) else {
        return Err(StageError::usage("there are no takes to choose from; join generate.chords".to_owned()));
    };
    context.output("chords", &Chords { takes: vec![chords.takes[kept].clone()] })?;
    context.output("melody", &only(&melody, kept))?;
    context.output("accompaniment", &only(&accompaniment, kept))?;
    context.output("report", &report(&judged, kept))
}

/// Takes that are no music are kept only where all are such; of equals the first.
fn keep(judged: &[Judged]) -> Option<usize> {
    let better = |one: &Judged, other: &Judged| {
        one.sound.cmp(&other.sound).then(one.likeness.total_cmp(&other.likeness)).is_gt()
    };
    (0..judged.len()).reduce(|best, take| if better(&judged[take], &judged[best]) { take } else { best })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_of_the_sound_takes_is_kept() {
        let take = |sound, likeness| Judged { sound, likeness, percentile: 50.0 };
        assert_eq!(keep(&[take(true, 0.1), take(false, 3.0), take(true, 0.4), take(true, 0.4)]), Some(2));
        assert_eq!(keep(&[take(false, 0.1), take(false, 3.0)]), Some(1));
        assert_eq!(keep(&[]), None);
        let report = report(&[take(true, 0.1), take(true, 0.4)], 1);
        assert_eq!((&report.values["candidates"], &report.values["take"]), (&json!(2), &json!(2)));
    }
}
