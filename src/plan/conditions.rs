//! What each bar should be like: a level from arousal, motion and form, looked up in what real songs do.

use serde::Deserialize;

use super::{
    AutoFloat, BarPictures, MoodKnob, Offset, PictureMood, PlanError,
    cue::check_length,
    mood::Curve,
    typical::{DENSITY, DYNAMICS, MELODY_DENSITY, REGISTER},
};
use crate::artifact::{BarConditions, Conditions, CuePlan, Section};

/// Bars on either side that a bar's picture is averaged with: about a phrase.
const SMOOTHING_BARS: usize = 2;
/// The least spread of motion that counts as movement: noise of a still picture must not be blown up.
const LEAST_MOTION_SPREAD: f32 = 0.15;
/// How far motion one deviation above the clip's mean lifts the level at `energy_follows_motion` = 1.
const SWING_A_DEVIATION: f32 = 0.4;
const MOST_SWING: f32 = 0.8;
/// What a level of dynamics is in loudness: from the median of velocities to where 95 % of bars lie below is 5.3 dB, to where
/// 5 % lie below 6.6, as amplitude goes with the square of velocity.
const DECIBELS_A_LEVEL: f32 = 6.0;
/// How much of a level reaches the melody: it must stay singable.
const MELODY_SHARE: f32 = 0.6;

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct ConditionKnobs {
    mood: MoodKnob,
    valence: Offset,
    arousal: Offset,
    energy_follows_motion: f32,
    density: AutoFloat,
    dynamics: AutoFloat,
    register: AutoFloat,
    melody: bool,
}

/// One row a bar of the plan. `loudness` is what a model tells of each second, in decibels against their mean; without one,
/// dynamics follow motion and form as density does.
pub(crate) fn plan_conditions(
    plan: &CuePlan,
    mood: &PictureMood,
    pictures: &BarPictures,
    loudness: Option<Vec<f32>>,
    knobs: &ConditionKnobs,
) -> Result<Conditions, PlanError> {
    let end = check_length(plan.end_seconds)?;
    let spans = bar_spans(plan);
    let valence = smooth(&spans.iter().map(|(from, to)| mood.valence(*from, *to)).collect::<Vec<_>>());
    let swing = smooth(&motion_swing(&spans, mood));
    let loudness = loudness.map(|rows| of_bars(&spans, rows));
    let base = knobs.arousal.apply(knobs.mood.arousal_or(mood.arousal(0.0, end)));
    let rows = (0..plan.bars.len()).map(|bar| {
        let arousal = (base + knobs.energy_follows_motion * swing[bar]).clamp(-1.0, 1.0);
        let energy = arousal + form_shift(&plan.sections, bar);
        let mut row = bar_row(knobs, knobs.valence.apply(knobs.mood.valence_or(valence[bar])), arousal, energy);
        if let Some(loudness) = &loudness {
            let swing = knobs.energy_follows_motion * loudness[bar] / DECIBELS_A_LEVEL;
            row.dynamics = knobs.dynamics.or(DYNAMICS.value(base + swing));
        }
        fit_bar(row, plan.bars[bar].beats, bar + 1 == plan.bars.len())
    });
    let picture = spans.iter().map(|(from, to)| pictures.over(*from, *to)).collect();
    Ok(Conditions { bars: rows.collect(), melody: knobs.melody, picture, notes: vec![] })
}

fn bar_row(knobs: &ConditionKnobs, valence: f32, arousal: f32, energy: f32) -> BarConditions {
    BarConditions {
        valence,
        arousal,
        density: knobs.density.or(DENSITY.value(energy)),
        dynamics: knobs.dynamics.or(DYNAMICS.value(energy)),
        register: knobs.register.or(REGISTER.value(0.6 * valence + 0.2 * arousal)),
        melody_density: MELODY_DENSITY.value(MELODY_SHARE * energy),
    }
}

/// A short bar takes fewer notes; the last bar is a cadence and comes to rest.
fn fit_bar(mut row: BarConditions, beats: u8, is_last: bool) -> BarConditions {
    let share = f32::from(beats) / 4.0;
    row.density *= share;
    row.melody_density *= share;
    if is_last {
        row.density = row.density.min(DENSITY.value(-1.0));
        row.melody_density = row.melody_density.min(MELODY_DENSITY.value(-1.0));
    }
    row
}

/// Means over bars, against the mean of all.
fn of_bars(spans: &[(f64, f64)], rows: Vec<f32>) -> Vec<f32> {
    let curve = Curve { rows_per_second: 1.0, rows };
    let bars: Vec<f32> = spans.iter().map(|(from, to)| curve.mean(*from, *to)).collect();
    let mean = bars.iter().sum::<f32>() / bars.len().max(1) as f32;
    bars.iter().map(|bar| bar - mean).collect()
}

fn bar_spans(plan: &CuePlan) -> Vec<(f64, f64)> {
    let starts = plan.bars.iter().map(|bar| bar.start);
    let ends = starts.clone().skip(1).chain([plan.end_seconds]);
    starts.zip(ends).collect()
}

/// How much more (or less) moves in a bar than in the clip as a whole: half by its own spread, half as it is.
fn motion_swing(spans: &[(f64, f64)], mood: &PictureMood) -> Vec<f32> {
    let motion: Vec<f32> = spans.iter().map(|(from, to)| mood.motion(*from, *to)).collect();
    let mean = motion.iter().sum::<f32>() / motion.len() as f32;
    let variance = motion.iter().map(|level| (level - mean).powi(2)).sum::<f32>() / motion.len() as f32;
    let spread = variance.sqrt().max(LEAST_MOTION_SPREAD);
    let swing = |level: f32| 0.5 * SWING_A_DEVIATION * (level - mean) / spread + 0.5 * (level - mean);
    motion.iter().map(|level| swing(*level).clamp(-MOST_SWING, MOST_SWING)).collect()
}

fn smooth(rows: &[f32]) -> Vec<f32> {
    let around = |row: usize| {
        let window = &rows[row.saturating_sub(SMOOTHING_BARS)..(row + SMOOTHING_BARS + 1).min(rows.len())];
        window.iter().sum::<f32>() / window.len() as f32
    };
    (0..rows.len()).map(around).collect()
}

/// Openings and endings are sparser than the middle, a contrasting part is fuller.
fn form_shift(sections: &[Section], bar: usize) -> f32 {
    let section = sections.iter().find(|section| (section.first_bar..section.first_bar + section.bars).contains(&bar));
    match section.and_then(|section| section.name.chars().next()) {
        Some('i') => -0.4,
        Some('o') => -0.25,
        Some('b') => 0.25,
        Some('c') => 0.15,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        artifact::{Bar, TempoMark},
        music::{Key, Mode},
        plan::example::{color, motion},
    };

    fn plan(bars: usize) -> CuePlan {
        let section = |name: &str, first_bar, bars| Section { name: name.to_owned(), first_bar, bars };
        CuePlan {
            key: Key::new(0, Mode::Major),
            tempo_map: vec![TempoMark { time: 0.0, bpm: 120.0 }],
            bars: (0..bars).map(|bar| Bar { start: 2.0 * bar as f64, beats: 4 }).collect(),
            sections: vec![section("intro", 0, 4), section("a", 4, bars - 8), section("outro", bars - 4, 4)],
            end_seconds: 2.0 * bars as f64,
            cuts: vec![],
            hits: vec![],
            notes: vec![],
        }
    }

    fn conditions(moves: &[f32], changes: &serde_json::Value) -> Conditions {
        conditions_with(moves, changes, None)
    }

    fn conditions_with(moves: &[f32], changes: &serde_json::Value, loudness: Option<&[f32]>) -> Conditions {
        let mut knobs = json!({
            "mood": "auto", "valence": "auto", "arousal": "auto", "energy_follows_motion": 0.6, "density": "auto", "dynamics": "auto",
            "register": "auto", "melody": true,
        });
        for (name, value) in changes.as_object().unwrap() {
            knobs[name] = value.clone();
        }
        let seconds = moves.len();
        let mood = PictureMood::read(&color(seconds, 0.5, 0.3), &motion(moves), &[], seconds as f64).unwrap();
        let pictures = BarPictures::read(&color(seconds, 0.5, 0.3), &motion(moves)).unwrap();
        let knobs = serde_json::from_value(knobs).unwrap();
        plan_conditions(&plan(seconds / 2), &mood, &pictures, loudness.map(<[f32]>::to_vec), &knobs).unwrap()
    }

    #[test]
    fn dynamics_follow_what_the_model_tells_as_far_as_the_knob_says() {
        let rows: Vec<f32> = [-3.0; 20].into_iter().chain([3.0; 20]).collect();
        let of = |follow: f32| {
            let knobs = json!({"energy_follows_motion": follow});
            conditions_with(&[5.0; 40], &knobs, Some(&rows)).bars.iter().map(|bar| bar.dynamics).collect::<Vec<_>>()
        };
        let (level, half, full) = (of(0.0), of(0.5), of(1.0));
        assert!(level.iter().all(|dynamics| (dynamics - level[0]).abs() < 1e-5), "{level:?}");
        assert!(full[15] - full[5] > half[15] - half[5] && half[15] - half[5] > 5.0, "{half:?}");
        let density = |rows: Option<&[f32]>| conditions_with(&[5.0; 40], &json!({}), rows).bars[15].density;
        assert!((density(Some(&rows)) - density(None)).abs() < 1e-5, "density goes by the rule");
    }

    #[test]
    fn one_row_a_bar_and_sparse_ends() {
        let conditions = conditions(&[5.0; 40], &json!({}));
        assert_eq!(conditions.bars.len(), 20);
        let density = |bar: usize| conditions.bars[bar].density;
        assert!(density(0) < density(8) && density(17) < density(8) && density(19) <= density(17));
        assert!(conditions.melody);
    }

    #[test]
    fn energy_follows_motion_as_far_as_the_knob_says() {
        let moves: Vec<f32> = [2.0; 20].into_iter().chain([30.0; 20]).collect();
        let lift = |follow: f32| {
            let bars = conditions(&moves, &json!({"energy_follows_motion": follow})).bars;
            bars[13].density - bars[6].density
        };
        assert!(lift(0.0).abs() < 1e-5);
        assert!(lift(1.0) > lift(0.4) && lift(0.4) > 0.5);
    }

    #[test]
    fn a_mood_yields_to_a_number_and_is_moved_by_a_shift() {
        let bar = |changes| conditions(&[5.0; 40], &changes).bars[9];
        let sad = bar(json!({"mood": "sad", "energy_follows_motion": 0.0}));
        assert!((sad.valence + 0.7).abs() < 1e-6 && (sad.arousal + 0.4).abs() < 1e-6, "{sad:?}");
        let told = bar(json!({"mood": "sad", "valence": 0.3, "arousal": "+0.5", "energy_follows_motion": 0.0}));
        assert!((told.valence - 0.3).abs() < 1e-6 && (told.arousal - 0.1).abs() < 1e-6, "{told:?}");
        let glad = bar(json!({"mood": "elated"}));
        assert!(glad.density > sad.density + 3.0 && glad.register > sad.register + 2.0, "{glad:?} {sad:?}");
    }

    #[test]
    fn steady_motion_moves_nothing() {
        let bars = conditions(&[8.0; 40], &json!({"energy_follows_motion": 1.0})).bars;
        assert!((bars[5].arousal - bars[14].arousal).abs() < 1e-5);
    }

    #[test]
    fn absolute_knobs_are_what_is_asked() {
        let asked = json!({"density": 6.0, "dynamics": 50.0, "register": 60.0, "valence": 0.5, "arousal": -1.0, "melody": false});
        let conditions = conditions(&[5.0; 40], &asked);
        let bar = conditions.bars[8];
        assert_eq!((bar.density, bar.dynamics, bar.register, bar.valence), (6.0, 50.0, 60.0, 0.5));
        assert!((bar.arousal + 1.0).abs() < 1e-6 && !conditions.melody);
    }

    #[test]
    fn values_stay_inside_what_the_models_know() {
        for extreme in [-1.0, 1.0] {
            for bar in conditions(&[60.0; 40], &json!({"arousal": extreme, "valence": extreme})).bars {
                assert!((1.0..=32.0).contains(&bar.density), "{bar:?}");
                assert!((20.0..=120.0).contains(&bar.dynamics), "{bar:?}");
                assert!((40.0..=80.0).contains(&bar.register), "{bar:?}");
            }
        }
    }

    #[test]
    fn a_short_bar_is_asked_for_half() {
        let whole = bar_row_of(4);
        let half = bar_row_of(2);
        assert!((half.density * 2.0 - whole.density).abs() < 1e-5);
    }

    fn bar_row_of(beats: u8) -> BarConditions {
        let row = BarConditions {
            valence: 0.0,
            arousal: 0.0,
            density: 12.0,
            dynamics: 70.0,
            register: 57.0,
            melody_density: 6.0,
        };
        fit_bar(row, beats, false)
    }
}
