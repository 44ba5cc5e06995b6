//! Bars that meet the picture: a dynamic programme over bar lengths, for a grid of base tempi, the cheapest of all.
//!
//! Every bar's tempo lies within 6 % of the base and within the knob's range, neighbours differ by at most 2 %, a phrase has
//! at most one bar of two beats, phrases are whole but for the last, and the last bar ends exactly with the picture.
//! Two percent is below what listeners notice in a steady beat (about 2.5 % at these tempi: Friberg and Sundberg 1995).
//!
//! The programme lands within a bucket of the end; stretching all bars alike (by less than a hundredth of a second in all)
//! makes that exact and moves no ratio. Long videos are planned in stretches, each from where the one before stands, so
//! that memory is bounded and time grows with their length; the base tempo is that of the first stretch.

mod cost;
mod lattice;
#[cfg(test)]
mod tests;

use self::lattice::{BUCKET_SECONDS, BarStep, COARSE, FINE, Goal, Ground, Scale, Stand, Way};
use super::{
    TempoRange,
    bars::{BarFit, phrase_bars},
    moment::Moment,
};
use crate::artifact::{Bar, TempoMark};

/// Base tempi are tried this far apart, as a logarithm, then more finely around the best few.
const BASE_STEP: f64 = 0.03;
const BEST: usize = 2;
const AROUND_BEST: [f64; 3] = [-0.01, 0.0, 0.01];
/// What leaving the target tempo costs, for each cut and `CUTS_OF_TARGET` more, by the logarithm.
const OFF_TARGET: f64 = 0.05;
const CUTS_OF_TARGET: f64 = 2.0;
/// Up to this, a piece is planned as a whole.
const WHOLE_SECONDS: f64 = 240.0;
/// Else in stretches of which the last part is planned again.
const STRETCH_SECONDS: f64 = 180.0;
const KEPT_SECONDS: f64 = 150.0;

/// Bars that meet moments as far as tempo allows; none where no moment asks, or no such bars fill the time.
pub(super) fn align_bars(
    seconds: f64,
    range: TempoRange,
    target_bpm: f64,
    moments: &[Moment],
    strength: f32,
) -> Option<BarFit> {
    if moments.is_empty() || strength <= 0.0 {
        return None;
    }
    let task = Task { seconds, range, target_bpm, moments, strength };
    let mut coarse: Vec<Candidate> =
        bases(range).into_iter().filter_map(|base_bpm| task.candidate(base_bpm, COARSE)).collect();
    coarse.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    let around = coarse.iter().take(BEST).flat_map(|best| AROUND_BEST.map(|step| best.base_bpm * f64::exp(step)));
    let fine = around.filter(|bpm| range.contains(*bpm)).filter_map(|base_bpm| task.candidate(base_bpm, FINE));
    // Of equal costs the first.
    let best = fine.min_by(|a, b| a.cost.total_cmp(&b.cost))?;
    task.laid(&best)
}

fn bases(range: TempoRange) -> Vec<f64> {
    let span = (range.max / range.min).ln();
    let steps = (span / BASE_STEP).ceil().max(1.0);
    (0..=steps as u32).map(|step| range.min * f64::exp(span * f64::from(step) / steps)).collect()
}

struct Task<'a> {
    seconds: f64,
    range: TempoRange,
    target_bpm: f64,
    moments: &'a [Moment],
    strength: f32,
}

/// A base tempo with its first stretch.
struct Candidate {
    base_bpm: f64,
    cost: f64,
    way: Way,
}

impl Task<'_> {
    fn ground(&self, base_bpm: f64, scale: Scale) -> Ground<'_> {
        let slack = BUCKET_SECONDS / self.seconds;
        Ground {
            moments: self.moments,
            base_bpm,
            scale,
            levels: scale.levels(base_bpm, self.range, slack),
            phrase_bars: phrase_bars(self.seconds * base_bpm / 240.0),
            strength: self.strength,
        }
    }

    fn candidate(&self, base_bpm: f64, scale: Scale) -> Option<Candidate> {
        let way = self.ground(base_bpm, scale).cheapest(Stand::START, self.first_goal())?;
        let asked: f64 = self.moments.iter().filter(|m| m.time < way.end).map(|moment| f64::from(moment.weight)).sum();
        let off_target = OFF_TARGET * (CUTS_OF_TARGET + asked) * (base_bpm / self.target_bpm).ln().abs();
        // Stretches end in different places: what counts is the cost a second.
        let cost = (f64::from(way.cost) + off_target) / way.end;
        Some(Candidate { base_bpm, cost, way })
    }

    fn first_goal(&self) -> Goal {
        if self.is_long(Stand::START) { Goal::Around(STRETCH_SECONDS) } else { Goal::End(self.seconds) }
    }

    fn is_long(&self, stand: Stand) -> bool {
        self.seconds - stand.seconds > WHOLE_SECONDS
    }

    fn laid(&self, candidate: &Candidate) -> Option<BarFit> {
        let ground = self.ground(candidate.base_bpm, FINE);
        let steps = self.all_steps(&ground, &candidate.way)?;
        let end: f64 = steps.iter().map(|step| ground.bar_seconds(*step)).sum();
        let stretch = self.seconds / end;
        let base_bpm = candidate.base_bpm / stretch;
        let mut fit = BarFit {
            base_bpm,
            tempo_map: Vec::new(),
            bars: Vec::new(),
            phrase_bars: ground.phrase_bars,
            note: note(&steps, base_bpm),
        };
        let (mut start, mut level) = (0.0, None);
        for step in steps {
            if level != Some(step.level) {
                let bpm = FINE.bpm(base_bpm, step.level);
                fit.tempo_map.push(TempoMark { time: start * stretch, bpm });
            }
            fit.bars.push(Bar { start: start * stretch, beats: if step.is_short { 2 } else { 4 } });
            (start, level) = (start + ground.bar_seconds(step), Some(step.level));
        }
        Some(fit)
    }

    fn all_steps(&self, ground: &Ground, first: &Way) -> Option<Vec<BarStep>> {
        let mut steps = Vec::new();
        let mut stand = Stand::START;
        let mut way = Some(first.clone());
        while self.is_long(stand) {
            let stretch = match way.take() {
                Some(first) => first,
                None => ground.cheapest(stand, Goal::Around(stand.seconds + STRETCH_SECONDS))?,
            };
            let until = stand.seconds + KEPT_SECONDS;
            for step in stretch.steps {
                if stand.seconds >= until {
                    break;
                }
                stand = ground.after(stand, step);
                steps.push(step);
            }
        }
        let last = match way {
            Some(whole) => whole,
            None => ground.cheapest(stand, Goal::End(self.seconds))?,
        };
        steps.extend(last.steps);
        Some(steps)
    }
}

/// What people should know of the bars.
fn note(steps: &[BarStep], base_bpm: f64) -> Option<String> {
    let bpm = |level: i32| FINE.bpm(base_bpm, level);
    let (low, high) = (steps.iter().map(|step| step.level).min()?, steps.iter().map(|step| step.level).max()?);
    let moves =
        (low < high).then(|| format!("the tempo moves between {:.1} and {:.1} beats a minute", bpm(low), bpm(high)));
    let shorts = match steps.iter().filter(|step| step.is_short).count() {
        0 => None,
        1 => Some("one bar has two beats".to_owned()),
        count => Some(format!("{count} bars have two beats")),
    };
    let said: Vec<String> = moves.into_iter().chain(shorts).collect();
    (!said.is_empty()).then(|| format!("{} to meet the picture; cuts_on_beats = 0 keeps one tempo", said.join(" and ")))
}
