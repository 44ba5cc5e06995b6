//! Each knob alone in five steps, all else held: whether what is heard rises with it.

use serde::Serialize;

use super::{
    Brief, Ensemble, Given, Take, compose,
    excerpt::Excerpt,
    played::{Played, PlayedError},
};
use crate::{
    artifact::BarConditions,
    metric::statistics::{mean, spearman},
    model::Composing,
    seed::Seed,
};

/// A knob, its five steps over what songs use, and how it is heard.
struct Knob {
    name: &'static str,
    steps: [f32; 5],
    turn: fn(&mut BarConditions, f32),
    heard: fn(&Played, &Take) -> Option<f64>,
}

const KNOBS: [Knob; 4] = [
    Knob { name: "density", steps: [5.0, 9.0, 13.0, 17.0, 21.0], turn: |bar, to| bar.density = to, heard: density },
    Knob {
        name: "dynamics",
        steps: [50.0, 60.0, 70.0, 80.0, 90.0],
        turn: |bar, to| bar.dynamics = to,
        heard: dynamics,
    },
    Knob {
        name: "register",
        steps: [49.0, 53.0, 57.0, 61.0, 65.0],
        turn: |bar, to| bar.register = to,
        heard: register,
    },
    Knob {
        name: "melody_density",
        steps: [1.0, 3.0, 5.0, 7.0, 9.0],
        turn: |bar, to| bar.melody_density = to,
        heard: melody_density,
    },
];

#[derive(Clone, Debug, Serialize)]
pub(crate) struct KnobFigures {
    pub(crate) knob: &'static str,
    pub(crate) asked: [f32; 5],
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
    seed: Seed,
    mut on_progress: impl FnMut(f32),
) -> Result<Vec<KnobFigures>, PlayedError> {
    let mut figures = Vec::with_capacity(KNOBS.len());
    for (number, knob) in KNOBS.iter().enumerate() {
        let mut steps: Vec<Vec<Option<f64>>> = Vec::with_capacity(knob.steps.len());
        for (place, to) in knob.steps.iter().enumerate() {
            let turned: Vec<(Excerpt, Brief)> =
                briefs.iter().map(|(excerpt, brief)| (*excerpt, turned(brief, knob, *to))).collect();
            let takes = compose(ensemble, &turned, Given::Nothing, true, how, |_| ());
            steps.push(takes.iter().map(|take| heard(knob, take, seed)).collect::<Result<_, _>>()?);
            on_progress((number as f32 + (place as f32 + 1.0) / knob.steps.len() as f32) / KNOBS.len() as f32);
        }
        figures.push(figures_of(knob, &steps));
    }
    Ok(figures)
}

fn turned(brief: &Brief, knob: &Knob, to: f32) -> Brief {
    let mut brief = brief.clone();
    brief.conditions.bars.iter_mut().for_each(|bar| (knob.turn)(bar, to));
    brief
}

fn heard(knob: &Knob, take: &Take, seed: Seed) -> Result<Option<f64>, PlayedError> {
    Ok((knob.heard)(&Played::new(take, seed.derive(&take.brief.source))?, take))
}

fn figures_of(knob: &Knob, steps: &[Vec<Option<f64>>]) -> KnobFigures {
    let heard: Vec<Option<f64>> =
        steps.iter().map(|pieces| mean(&pieces.iter().flatten().copied().collect::<Vec<_>>())).collect();
    let of_piece = |piece: usize| {
        let pairs = knob.steps.iter().zip(steps).filter_map(|(to, pieces)| Some((f64::from(*to), pieces[piece]?)));
        spearman(&pairs.collect::<Vec<_>>())
    };
    let pieces = steps.first().map_or(0, Vec::len);
    KnobFigures {
        knob: knob.name,
        asked: knob.steps,
        monotone: heard.windows(2).all(|pair| pair[1].zip(pair[0]).is_some_and(|(next, before)| next > before)),
        heard,
        spearman: mean(&(0..pieces).filter_map(of_piece).collect::<Vec<_>>()),
    }
}

fn density(played: &Played, _: &Take) -> Option<f64> {
    mean(&played.bars().iter().map(|bar| bar.density).collect::<Vec<_>>())
}

fn dynamics(played: &Played, _: &Take) -> Option<f64> {
    mean(&played.bars().iter().filter_map(|bar| bar.dynamics).collect::<Vec<_>>())
}

fn register(played: &Played, _: &Take) -> Option<f64> {
    mean(&played.bars().iter().filter_map(|bar| bar.register).collect::<Vec<_>>())
}

fn melody_density(_: &Played, take: &Take) -> Option<f64> {
    Some(take.song.melody.len() as f64 / take.song.bars.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rises_with_every_step_is_monotone_and_what_falls_once_is_not() {
        let rows = |values: [f64; 5]| values.map(|value| vec![Some(value), Some(value + 1.0)]);
        let rising = figures_of(&KNOBS[0], &rows([1.0, 2.0, 3.0, 5.0, 9.0]));
        assert!(rising.monotone && rising.spearman == Some(1.0));
        let dented = figures_of(&KNOBS[0], &rows([1.0, 2.0, 1.5, 5.0, 9.0]));
        assert!(!dented.monotone && dented.spearman.unwrap() > 0.8);
    }
}
