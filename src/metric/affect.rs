//! `check.affect`: whether the music sounds as glad and as excited as it was asked to.
//!
//! The composed parts of the score are measured bar by bar, as training songs were labelled: four bars before a downbeat
//! and four from it on, by the same meter, brought to the knobs' scale in the same way. So "as asked" means: like the
//! songs that the models learned to be like when they are asked so. The last bar is the arranger's and is not judged.

use std::ops::Range;

use serde::Deserialize;

use super::{
    beats::{bar_spans, end_ticks},
    verdict::{Verdict, rounded},
};
use crate::{
    affect::{HALF_WINDOW_BARS, Meter, Scale, Sound},
    artifact::{BarConditions, Conditions, Report, Role, Score, ScoreNote},
    music::{ExactTempo, TICKS_PER_STEP},
};

/// Players are early by less than half a step: such a note belongs to the bar that it was written in.
const EARLY_TICKS: u32 = TICKS_PER_STEP / 2;

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct AffectLimits {
    max_valence_off: f64,
    max_arousal_off: f64,
}

/// One side of the plane, with what people can turn.
struct Side {
    name: &'static str,
    asked: fn(&BarConditions) -> f32,
    most_off: f64,
    limit: &'static str,
    /// What moves it up and what moves it down.
    up: &'static str,
    down: &'static str,
}

pub(crate) fn check_affect(conditions: &Conditions, score: &Score, meter: &Meter, limits: AffectLimits) -> Report {
    let heard = heard(score, meter);
    let mut verdict = Verdict::default();
    let valence: Vec<f64> = heard.iter().map(|(valence, _)| *valence).collect();
    let arousal: Vec<f64> = heard.iter().map(|(_, arousal)| *arousal).collect();
    let sides = [
        Side {
            name: "valence",
            asked: |bar| bar.valence,
            most_off: limits.max_valence_off,
            limit: "max_valence_off",
            up: "set `key` to a major key, raise `valence` or `register`",
            down: "set `key` to a minor key, lower `valence` or `register`",
        },
        Side {
            name: "arousal",
            asked: |bar| bar.arousal,
            most_off: limits.max_arousal_off,
            limit: "max_arousal_off",
            up: "raise `density`, `dynamics` or the range of `tempo`",
            down: "lower `density`, `dynamics` or the range of `tempo`",
        },
    ];
    for (side, heard) in sides.iter().zip([valence, arousal]) {
        judge(&mut verdict, side, conditions, &heard);
    }
    verdict.report("")
}

fn judge(verdict: &mut Verdict, side: &Side, conditions: &Conditions, heard: &[f64]) {
    let asked: Vec<f64> = conditions.bars.iter().map(|bar| f64::from((side.asked)(bar))).collect();
    let bars = asked.len().min(heard.len());
    if bars == 0 {
        verdict.require(false, || format!("no bar's {} can be measured: look at check.music", side.name));
        return;
    }
    let mean = |values: &[f64]| values[..bars].iter().sum::<f64>() / bars as f64;
    let (wanted, came) = (mean(&asked), mean(heard));
    let off = came - wanted;
    let bar_off = asked.iter().zip(heard).map(|(asked, heard)| (asked - heard).abs()).sum::<f64>() / bars as f64;
    let Side { name, most_off, limit, .. } = side;
    verdict.value(&format!("asked_{name}"), rounded(wanted));
    verdict.value(&format!("measured_{name}"), rounded(came));
    verdict.value(&format!("{name}_off"), rounded(off));
    verdict.value(&format!("{name}_off_of_bars"), rounded(bar_off));
    verdict.value(&format!("{name}_curve"), heard.iter().map(|value| rounded(*value)).collect::<Vec<_>>());
    verdict.fact(format!("{name} {came:+.2} (asked {wanted:+.2})"));
    verdict.require_near(off.abs() <= *most_off, (off.abs() - most_off) / 2.0, || {
        let (word, move_it) = if off < 0.0 { ("under", side.up) } else { ("over", side.down) };
        format!(
            "{name} {wanted:+.2} was asked and {came:+.2} came, {:.2} {word} where {limit} allows {most_off}: \
             {move_it}, or take another take (`candidates`, `take`, --seed)",
            off.abs()
        )
    });
}

/// Valence and arousal of each bar but the last, on the knobs' scale.
fn heard(score: &Score, meter: &Meter) -> Vec<(f64, f64)> {
    let bars = bar_spans(score);
    let tempo = ExactTempo::new(score.tempo_map.iter().map(|mark| (mark.time, mark.bpm)));
    let composed = score.tracks.iter().filter(|track| matches!(track.role, Role::Melody | Role::Accompaniment));
    let mut notes: Vec<ScoreNote> = composed.flat_map(|track| &track.notes).copied().collect();
    notes.sort_unstable();
    let measure = |bar: usize| {
        let first = bars[bar.saturating_sub(HALF_WINDOW_BARS)].start;
        let last = bars[(bar + HALF_WINDOW_BARS).min(bars.len()) - 1].end;
        let mark = score.tempo_map.iter().rfind(|mark| mark.time <= tempo.seconds(f64::from(bars[bar].start)) + 1e-9);
        let heard = meter.measure(&sounds(&notes, first..last, &tempo), mark.map_or(120.0, |mark| mark.bpm));
        let placed = Scale::of_knobs(heard);
        (placed.valence, placed.arousal)
    };
    (0..bars.len().saturating_sub(1)).map(measure).collect()
}

/// The notes that begin in a window, in real time, cut at its end.
fn sounds(notes: &[ScoreNote], window: Range<u32>, tempo: &ExactTempo) -> Vec<Sound> {
    let seconds = |ticks: u32| tempo.seconds(f64::from(ticks));
    let first = notes.partition_point(|note| note.start_ticks.saturating_add(EARLY_TICKS) < window.start);
    let last = notes.partition_point(|note| note.start_ticks.saturating_add(EARLY_TICKS) < window.end);
    let sound = |note: &ScoreNote| {
        let end = end_ticks(note).min(window.end);
        Sound {
            start_seconds: (seconds(note.start_ticks) - seconds(window.start)).max(0.0),
            seconds: seconds(end) - seconds(note.start_ticks),
            pitch: note.pitch,
            velocity: note.velocity,
        }
    };
    notes[first..last].iter().map(sound).filter(|sound| sound.seconds > 0.0).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::metric::example::{BARS, score};

    fn conditions(valence: f32, arousal: f32) -> Conditions {
        let bar = BarConditions { valence, arousal, density: 6.0, dynamics: 70.0, register: 60.0, melody_density: 4.0 };
        Conditions { bars: vec![bar; BARS], melody: true, picture: vec![], notes: vec![] }
    }

    fn checked(valence: f32, arousal: f32, score: &Score) -> Report {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("store/models/music_affect.safetensors");
        let limits = AffectLimits { max_valence_off: 0.6, max_arousal_off: 0.6 };
        check_affect(&conditions(valence, arousal), score, &Meter::load(&file).unwrap(), limits)
    }

    fn measured(report: &Report, name: &str) -> f64 {
        report.values[name].as_f64().unwrap()
    }

    #[test]
    fn what_comes_is_measured_and_passes_where_it_was_asked() {
        let report = checked(0.0, 0.0, &score());
        let (valence, arousal) = (measured(&report, "measured_valence"), measured(&report, "measured_arousal"));
        let report = checked(valence as f32, arousal as f32, &score());
        assert_eq!(report.passed, Some(true), "{}", report.summary);
        assert_eq!(report.values["valence_curve"].as_array().unwrap().len(), BARS - 1);
        assert!(report.summary.starts_with("valence ") && report.summary.contains("; arousal "), "{}", report.summary);
    }

    #[test]
    fn a_failure_says_what_was_asked_what_came_and_what_moves_it() {
        let valence = measured(&checked(0.0, 0.0, &score()), "measured_valence");
        let far = if valence > 0.0 { -0.9 } else { 0.9 };
        let report = checked(far, 0.0, &score());
        assert_eq!(report.passed, Some(false));
        let (asked, key) =
            if far < 0.0 { ("valence -0.90 was asked", "minor") } else { ("valence +0.90 was asked", "major") };
        assert!(report.summary.contains(asked) && report.summary.contains(key), "{}", report.summary);
        assert!(report.summary.contains("max_valence_off allows 0.6"), "{}", report.summary);
    }

    #[test]
    fn loud_dense_and_quick_is_more_excited() {
        let calm = measured(&checked(0.0, 0.0, &score()), "measured_arousal");
        let mut wild = score();
        wild.tempo_map[0].bpm = 150.0;
        for note in wild.tracks.iter_mut().flat_map(|track| &mut track.notes) {
            note.velocity = 115;
        }
        assert!(measured(&checked(0.0, 0.0, &wild), "measured_arousal") > calm + 0.2);
    }

    #[test]
    fn nothing_to_measure_is_a_failure_and_no_panic() {
        let mut empty = score();
        empty.bar_beats.clear();
        assert_eq!(checked(0.0, 0.0, &empty).passed, Some(false));
    }
}
