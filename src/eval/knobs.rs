//! Each knob alone in five steps, all else held: whether what is heard rises with it.

use serde::Serialize;

use super::{
    Brief, Ensemble, Given, Take,
    channels::{CHANNELS, Channel},
    compose,
    excerpt::Excerpt,
    played::{Played, PlayedError},
};
use crate::{
    affect::Meter,
    metric::statistics::{mean, spearman},
    model::Composing,
    seed::Seed,
};

#[derive(Clone, Debug, Serialize)]
pub(crate) struct KnobFigures {
    pub(crate) knob: &'static str,
    pub(crate) asked: [f64; 5],
    /// Means over the pieces.
    pub(crate) heard: Vec<Option<f64>>,
    /// Whether each step is heard higher than the one before.
    pub(crate) monotone: bool,
    /// Mean over the pieces of the rank correlation of steps and what is heard.
    pub(crate) spearman: Option<f64>,
}

/// Every knob on the same briefs, with the same random choices at each step.
pub(crate) fn turn_knobs(
    ensemble: &Ensemble,
    briefs: &[(Excerpt, Brief)],
    how: &Composing,
    meter: &Meter,
    seed: Seed,
    mut on_progress: impl FnMut(f32),
) -> Result<Vec<KnobFigures>, PlayedError> {
    let mut figures = Vec::with_capacity(CHANNELS.len());
    for (number, knob) in CHANNELS.iter().enumerate() {
        let mut steps: Vec<Vec<Option<f64>>> = Vec::with_capacity(knob.steps.len());
        for (place, to) in knob.steps.iter().enumerate() {
            let turned: Vec<(Excerpt, Brief)> =
                briefs.iter().map(|(excerpt, brief)| (*excerpt, turned(brief, knob, *to))).collect();
            let takes = compose(ensemble, &turned, Given::Nothing, true, how, |_| ());
            steps.push(takes.iter().map(|take| heard(knob, take, meter, seed)).collect::<Result<_, _>>()?);
            on_progress((number as f32 + (place as f32 + 1.0) / knob.steps.len() as f32) / CHANNELS.len() as f32);
        }
        figures.push(figures_of(knob, &steps));
    }
    Ok(figures)
}

fn turned(brief: &Brief, knob: &Channel, to: f32) -> Brief {
    let mut brief = brief.clone();
    brief.conditions.bars.iter_mut().for_each(|bar| (knob.ask)(bar, to));
    brief
}

/// The mean over the piece's bars.
fn heard(knob: &Channel, take: &Take, meter: &Meter, seed: Seed) -> Result<Option<f64>, PlayedError> {
    let bars = Played::new(take, seed.derive(&take.brief.source))?.heard(meter);
    Ok(mean(&bars.iter().filter_map(knob.heard).collect::<Vec<_>>()))
}

fn figures_of(knob: &Channel, steps: &[Vec<Option<f64>>]) -> KnobFigures {
    let heard: Vec<Option<f64>> =
        steps.iter().map(|pieces| mean(&pieces.iter().flatten().copied().collect::<Vec<_>>())).collect();
    let of_piece = |piece: usize| {
        let pairs = knob.steps.iter().zip(steps).filter_map(|(to, pieces)| Some((f64::from(*to), pieces[piece]?)));
        spearman(&pairs.collect::<Vec<_>>())
    };
    let pieces = steps.first().map_or(0, Vec::len);
    KnobFigures {
        knob: knob.name,
        asked: knob.steps.map(|step| (f64::from(step) * 1e3).round() / 1e3),
        monotone: heard.windows(2).all(|pair| pair[1].zip(pair[0]).is_some_and(|(next, before)| next > before)),
        heard,
        spearman: mean(&(0..pieces).filter_map(of_piece).collect::<Vec<_>>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rises_with_every_step_is_monotone_and_what_falls_once_is_not() {
        let rows = |values: [f64; 5]| values.map(|value| vec![Some(value), Some(value + 1.0)]);
        let rising = figures_of(&CHANNELS[0], &rows([1.0, 2.0, 3.0, 5.0, 9.0]));
        assert!(rising.monotone && rising.spearman == Some(1.0));
        let dented = figures_of(&CHANNELS[0], &rows([1.0, 2.0, 1.5, 5.0, 9.0]));
        assert!(!dented.monotone && dented.spearman.unwrap() > 0.8);
    }
}
