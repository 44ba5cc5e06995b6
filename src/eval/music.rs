//! The evaluation itself: a set of pieces and others beside it against real songs.

use std::collections::BTreeMap;

use super::{
    Pieces, Take, briefs,
    metrics::{Copying, Metrics, SetFigures, Spread},
    obedience::{Obedience, obediences},
    played::{Heard, Played, PlayedError},
    real::{Compared, Real, Rows, column, rows},
};
use crate::{
    affect::Meter,
    corpus::Corpus,
    metric::{
        ends_at_rest,
        key_finding::find_key,
        song::{Defect, MEASURES, Measure, defects},
        statistics::{density_curve, deviation, mean, quantile},
    },
    music::Mode,
    original::{Index, Voice},
    report::music::Chart,
    seed::Seed,
};

const CHART_POINTS: usize = 160;

/// Figures, and the judged pieces as MIDI files.
pub(crate) struct Evaluation {
    pub(crate) metrics: Metrics,
    pub(crate) midi: Vec<(String, Vec<u8>)>,
    pub(crate) charts: Vec<Chart>,
}

/// What pieces are measured by, beside the songs.
pub(crate) struct Yardsticks<'a> {
    pub(crate) meter: &'a Meter,
    pub(crate) index: &'a Index,
    /// How many pieces' distributions are compared: the ceiling grows with the sample.
    pub(crate) overlap_pieces: usize,
}

pub(crate) fn evaluate(
    corpus: &Corpus,
    judged: &Pieces,
    others: &[Pieces],
    yardsticks: &Yardsticks,
    seed: Seed,
    mut on_progress: impl FnMut(f32, &str),
) -> Result<Evaluation, PlayedError> {
    let bars = judged.takes.first().map_or(0, |take| take.song.bars);
    let count = yardsticks.overlap_pieces.min(judged.takes.len());
    let real = Real::new(corpus, bars, count, seed, |done| on_progress(0.7 * done, "real songs"));
    let ceiling = real.ceiling();
    on_progress(0.7, "pieces as they are played");
    let played = perform(&judged.takes, seed)?;
    let true_takes = real_takes(corpus, bars, judged.takes.len(), seed);
    let true_played = perform(&true_takes, seed)?;
    let made = rows(judged.takes.iter().map(|take| &take.song));
    let compared = real.compare(&made[..count]);
    on_progress(0.9, "other sets");
    let sets: Vec<SetFigures> =
        std::iter::once(judged).chain(others).map(|pieces| set_figures(pieces, count, &real, &ceiling)).collect();
    let names: Vec<String> = judged.takes.iter().enumerate().map(|(number, _)| format!("{:03}", number + 1)).collect();
    let found: BTreeMap<String, Vec<Defect>> = names
        .iter()
        .zip(&judged.takes)
        .map(|(name, take)| (name.clone(), defects(&take.song)))
        .filter(|(_, defects)| !defects.is_empty())
        .collect();
    let detail = obedience(&judged.takes, &played, yardsticks.meter);
    let mut weaker: BTreeMap<&str, Option<f64>> =
        detail.iter().map(|(channel, found)| (*channel, found.weaker())).collect();
    weaker.insert("mode", mode_obedience(&judged.takes, &played));
    let copied = copying(&judged.takes, &true_takes, yardsticks.index);
    let metrics = Metrics {
        pieces: judged.takes.len(),
        overlap_pieces: count,
        bars,
        overlap: by_measure(|measure| compared[measure].map(|found| found.overlap)),
        ceiling: by_measure(|measure| ceiling[measure].map(|found| found.overlap)),
        ratio: by_measure(|measure| ratio(compared[measure], ceiling[measure])),
        ratio_mean: sets[0].ratio_mean,
        ratio_min: sets[0].ratio_min,
        obedience: weaker,
        degenerate: found.len(),
        copied_max_beats: Some(copied.melody.max(copied.accompaniment)),
        copied,
        midi: names.iter().map(|name| format!("midi/{name}.mid")).collect(),
        ends_on_tonic: played.iter().filter(|played| ends_at_rest(&played.score)).count(),
        degenerate_pieces: found,
        degenerate_real: (true_takes.iter().filter(|take| !defects(&take.song).is_empty()).count(), true_takes.len()),
        obedience_detail: detail,
        obedience_real: obedience(&true_takes, &true_played, yardsticks.meter),
        mode_real: mode_obedience(&true_takes, &true_played),
        measures: MEASURES
            .iter()
            .enumerate()
            .map(|(index, measure)| (measure.name, spread(index, &made, &real, compared[index], ceiling[index])))
            .collect(),
        values: MEASURES
            .iter()
            .enumerate()
            .map(|(index, measure)| (measure.name, made.iter().map(|row| row[index]).collect()))
            .collect(),
        sets,
        knobs: None,
    };
    let midi = names.into_iter().zip(played).map(|(name, played)| (name, played.bytes)).collect();
    Ok(Evaluation { metrics, midi, charts: charts(&made, &real) })
}

fn charts(made: &Rows, real: &Real) -> Vec<Chart> {
    let chart = |(index, measure): (usize, &Measure)| {
        let (own, theirs) = (column(made, index), real.values(index));
        let all = || own.iter().chain(&theirs).copied();
        let span = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
        let [theirs, own] = [&theirs, &own].map(|values| density_curve(values, span, CHART_POINTS));
        Chart { title: measure.name.replace('_', " "), real: theirs, made: own }
    };
    MEASURES.iter().enumerate().map(chart).collect()
}

fn by_measure(value: impl Fn(usize) -> Option<f64>) -> BTreeMap<&'static str, Option<f64>> {
    MEASURES.iter().enumerate().map(|(index, measure)| (measure.name, value(index))).collect()
}

fn ratio(found: Option<Compared>, ceiling: Option<Compared>) -> Option<f64> {
    Some(found?.overlap / ceiling?.overlap)
}

fn set_figures(pieces: &Pieces, count: usize, real: &Real, ceiling: &[Option<Compared>]) -> SetFigures {
    let made = rows(pieces.takes.iter().take(count).map(|take| &take.song));
    let compared = real.compare(&made);
    let ratios = MEASURES.iter().zip(compared.iter().zip(ceiling));
    let ratios: Vec<(&str, f64)> =
        ratios.filter_map(|(measure, (found, best))| Some((measure.name, ratio(*found, *best)?))).collect();
    let worst = ratios.iter().min_by(|(_, one), (_, other)| one.total_cmp(other)).copied();
    SetFigures {
        label: pieces.label.clone(),
        pieces: made.len(),
        overlap: by_measure(|measure| compared[measure].map(|found| found.overlap)),
        mean: by_measure(|measure| mean(&column(&made, measure))),
        ratio_mean: mean(&ratios.iter().map(|(_, ratio)| *ratio).collect::<Vec<_>>()),
        ratio_min: worst.map(|(_, ratio)| ratio),
        worst: worst.map(|(name, _)| name),
        degenerate: pieces.takes.iter().filter(|take| !defects(&take.song).is_empty()).count(),
    }
}

fn spread(measure: usize, made: &Rows, real: &Real, found: Option<Compared>, ceiling: Option<Compared>) -> Spread {
    let (own, theirs) = (column(made, measure), real.values(measure));
    let quantiles = [0.1, 0.25, 0.5, 0.75, 0.9].map(|share| quantile(&theirs, share));
    let [low, _, _, upper, high] = quantiles;
    let share_of = |holds: &dyn Fn(f64) -> Option<bool>| share(own.iter().filter_map(|value| holds(*value)));
    Spread {
        about: MEASURES[measure].about,
        mean: mean(&own),
        deviation: deviation(&own),
        real_mean: mean(&theirs),
        real_deviation: deviation(&theirs),
        real_quantiles: quantiles,
        kl: found.map(|found| found.divergence),
        kl_ceiling: ceiling.map(|found| found.divergence),
        in_middle_80: share_of(&|value| Some((low?..=high?).contains(&value))),
        over_real_75: share_of(&|value| Some(value > upper?)),
    }
}

fn share(facts: impl IntoIterator<Item = bool>) -> Option<f64> {
    mean(&facts.into_iter().map(|fact| f64::from(u8::from(fact))).collect::<Vec<_>>())
}

/// What is heard of each piece, and whether it was asked.
fn obedience(takes: &[Take], played: &[Played], meter: &Meter) -> BTreeMap<&'static str, Obedience> {
    let heard: Vec<Vec<Heard>> = played.iter().map(|played| played.heard(meter)).collect();
    obediences(&takes.iter().zip(&heard).map(|(take, heard)| (&take.brief.conditions.bars[..], &heard[..])))
}

fn copying(takes: &[Take], real: &[Take], index: &Index) -> Copying {
    const LONG_BEATS: f64 = 8.0;
    let runs = |takes: &[Take]| -> Vec<[f64; 2]> {
        let run = |take: &Take| {
            let melody = index.run_of(Voice::Melody, &take.song.melody, None);
            let accompaniment = index.run_of(Voice::Accompaniment, &take.song.accompaniment, None);
            [melody.beats, accompaniment.beats]
        };
        takes.iter().map(run).collect()
    };
    let (own, theirs) = (runs(takes), runs(real));
    let longest = |runs: &[[f64; 2]], voice: usize| runs.iter().map(|run| run[voice]).fold(0.0, f64::max);
    let long = |runs: &[[f64; 2]]| runs.iter().filter(|run| run[0].max(run[1]) >= LONG_BEATS).count();
    Copying {
        melody: longest(&own, 0),
        accompaniment: longest(&own, 1),
        real_melody: longest(&theirs, 0),
        real_accompaniment: longest(&theirs, 1),
        over_8_beats: long(&own),
        real_over_8_beats: long(&theirs),
    }
}

fn perform(takes: &[Take], seed: Seed) -> Result<Vec<Played>, PlayedError> {
    takes.iter().map(|take| Played::new(take, seed.derive(&take.brief.source))).collect()
}

/// Real stretches as if they had been composed to what they are.
fn real_takes(corpus: &Corpus, bars: usize, count: usize, seed: Seed) -> Vec<Take> {
    let briefs = briefs(corpus, bars, count, seed.derive("real takes"));
    briefs.into_iter().map(|(excerpt, brief)| Take { brief, song: excerpt.song() }).collect()
}

/// Share of pieces that are heard in the mode asked.
fn mode_obedience(takes: &[Take], played: &[Played]) -> Option<f64> {
    let heard = |played: &Played| {
        let mut durations = [0.0; 12];
        played.notes().for_each(|note| durations[usize::from(note.pitch % 12)] += f64::from(note.end - note.start));
        mode_of(durations)
    };
    share(takes.iter().zip(played).map(|(take, played)| heard(played) == Some(take.brief.plan.key.mode)))
}

fn mode_of(durations: [f64; 12]) -> Option<Mode> {
    find_key(&durations).map(|key| key.mode)
}
