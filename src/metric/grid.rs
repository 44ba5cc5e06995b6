//! Bars and beats in seconds, of a plan or of what is played: where they lie, how far a moment of the picture is from them.

use crate::artifact::{CuePlan, Score, TempoMark};

pub(crate) struct Grid {
    pub(crate) downbeats: Vec<f64>,
    pub(crate) beats: Vec<f64>,
    /// Where the bars end when their lengths are added up along the tempo map.
    pub(crate) end: f64,
}

impl Grid {
    pub(crate) fn of_plan(plan: &CuePlan) -> Self {
        Self::new(&plan.tempo_map, plan.bars.iter().map(|bar| bar.beats))
    }

    /// An edited score may have left its plan.
    pub(crate) fn of_score(score: &Score) -> Self {
        Self::new(&score.tempo_map, score.bar_beats.iter().copied())
    }

    fn new(tempo_map: &[TempoMark], bars: impl Iterator<Item = u8>) -> Self {
        let mut grid = Self { downbeats: Vec::new(), beats: Vec::new(), end: 0.0 };
        for beats in bars {
            grid.downbeats.push(grid.end);
            for _ in 0..beats {
                grid.beats.push(grid.end);
                grid.end = one_beat_later(tempo_map, grid.end);
            }
        }
        grid
    }
}

/// Follows the tempo map through one quarter; several marks may fall into it.
fn one_beat_later(tempo_map: &[TempoMark], start: f64) -> f64 {
    // A mark that rounding puts a hair behind the beat it belongs to holds for that beat.
    let slack = 1e-9 * start.max(1.0);
    let first = tempo_map.partition_point(|mark| mark.time <= start + slack).saturating_sub(1);
    let (mut at, mut left) = (start, 1.0);
    for (place, mark) in tempo_map.iter().enumerate().skip(first) {
        let beat_seconds = 60.0 / mark.bpm;
        let until = tempo_map.get(place + 1).map_or(f64::INFINITY, |next| next.time);
        let beats = (until - at) / beat_seconds;
        if beats >= left {
            return at + left * beat_seconds;
        }
        (at, left) = (until, left - beats);
    }
    at
}

/// How far a moment is behind (positive) or before (negative) the nearest of some sorted times; none without times.
pub(crate) fn distance_to_nearest(times: &[f64], moment: f64) -> Option<f64> {
    let next = times.partition_point(|time| *time < moment);
    let around = [next.checked_sub(1), Some(next)];
    let distances = around.into_iter().flatten().filter_map(|place| times.get(place)).map(|time| moment - time);
    distances.min_by(|a, b| a.abs().total_cmp(&b.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::example::plan;

    #[test]
    fn bars_add_up_to_the_end() {
        let grid = Grid::of_plan(&plan());
        assert_eq!((grid.downbeats.len(), grid.beats.len()), (8, 32));
        assert!((grid.end - 20.0).abs() < 1e-9);
        assert!((grid.beats[5] - 3.125).abs() < 1e-9);
    }

    #[test]
    fn a_tempo_change_is_followed_even_inside_a_beat() {
        let mut plan = plan();
        plan.bars.truncate(1);
        plan.tempo_map = vec![TempoMark { time: 0.0, bpm: 60.0 }, TempoMark { time: 1.5, bpm: 120.0 }];
        let grid = Grid::of_plan(&plan);
        assert_eq!(grid.beats, [0.0, 1.0, 1.75, 2.25]);
        assert!((grid.end - 2.75).abs() < 1e-12);
    }

    #[test]
    fn the_nearest_may_be_on_either_side() {
        let times = [1.0, 2.0, 4.0];
        for (moment, distance) in [(0.2, -0.8), (1.4, 0.4), (1.6, -0.4), (2.0, 0.0), (9.0, 5.0)] {
            assert!((distance_to_nearest(&times, moment).unwrap() - distance).abs() < 1e-9, "{moment}");
        }
        assert_eq!(distance_to_nearest(&[], 1.0), None);
    }
}
