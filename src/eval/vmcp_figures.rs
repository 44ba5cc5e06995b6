//! Figures of the VMCP experiment, from likenesses of videos and pieces.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    seed::Seed,
    vmcp::{AMONG, Interval, Retrieval, Standing, interval},
};

/// Normal quantiles of a two-sided test at 5 % with a power of 80 %.
const DETECTABLE: f64 = 1.96 + 0.84;

/// A row of the table: where a set's pieces put their own videos among 64, and how much better they fit them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Row {
    pub(crate) about: &'static str,
    pub(crate) p1: f64,
    pub(crate) p5: f64,
    pub(crate) p10: f64,
    pub(crate) p20: f64,
    pub(crate) mean_rank: f64,
    /// Likeness with the own video less the mean likeness with all other videos, by piece.
    pub(crate) margin: f64,
    pub(crate) interval: [f64; 2],
}

/// A difference of margins between two sets, by video.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Comparison {
    pub(crate) margin: f64,
    pub(crate) interval: [f64; 2],
    /// The least true difference that so many videos would show in four of five experiments.
    pub(crate) detectable: f64,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Experiment {
    pub(crate) videos: usize,
    pub(crate) seconds: usize,
    pub(crate) rows: BTreeMap<&'static str, Row>,
    pub(crate) comparisons: BTreeMap<String, Comparison>,
}

/// What scoring encoders say of one set: `scores[video][other]`, the likeness of the piece for `video` with the picture of
/// `other`.
pub(crate) struct Scored {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) scores: Vec<Vec<f64>>,
}

impl Scored {
    pub(crate) fn row(&self, seed: Seed) -> Row {
        let standings: Vec<Standing> =
            self.scores.iter().enumerate().map(|(video, row)| standing(row, video)).collect();
        let Retrieval { p1, p5, p10, p20, mean_rank, .. } = Retrieval::of(&standings);
        let Interval { mean, low, high } = interval(&self.margins(), seed);
        Row { about: self.about, p1, p5, p10, p20, mean_rank, margin: mean, interval: [low, high] }
    }

    /// By video; what a piece has in common with all pictures is left out.
    pub(crate) fn margins(&self) -> Vec<f64> {
        let margin = |(video, row): (usize, &Vec<f64>)| {
            let others = row.iter().enumerate().filter(|(other, _)| *other != video).map(|(_, score)| score);
            row[video] - others.sum::<f64>() / (row.len() - 1).max(1) as f64
        };
        self.scores.iter().enumerate().map(margin).collect()
    }

    /// Every piece given to the next video.
    pub(crate) fn mismatched(&self, name: &'static str, about: &'static str) -> Self {
        let mut scores = self.scores.clone();
        scores.rotate_left(1);
        Self { name, about, scores }
    }
}

fn standing(row: &[f64], video: usize) -> Standing {
    Standing::of(row[video], row.iter().enumerate().filter(|(other, _)| *other != video).map(|(_, score)| *score))
}

/// Margins of one set less those of another, by video.
pub(crate) fn compare(one: &Scored, other: &Scored, seed: Seed) -> Comparison {
    let differences: Vec<f64> = one.margins().iter().zip(other.margins()).map(|(one, other)| one - other).collect();
    let Interval { mean, low, high } = interval(&differences, seed);
    let count = differences.len().max(2) as f64;
    let variance = differences.iter().map(|difference| (difference - mean).powi(2)).sum::<f64>() / (count - 1.0);
    Comparison { margin: mean, interval: [low, high], detectable: DETECTABLE * (variance / count).sqrt() }
}

pub(crate) fn chance() -> Row {
    let share = |first: f64| first / AMONG as f64;
    Row {
        about: "what no music could do worse than in the mean",
        p1: share(1.0),
        p5: share(5.0),
        p10: share(10.0),
        p20: share(20.0),
        mean_rank: 0.5 * (AMONG + 1) as f64,
        margin: 0.0,
        interval: [0.0, 0.0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(lift: f64) -> Scored {
        let score = |video: usize, other: usize| {
            let noise = ((video * 37 + other * 91) % 100) as f64 / 100.0;
            3.0 * (video % 3) as f64 + noise + if video == other { lift } else { 0.0 }
        };
        let scores = (0..70).map(|video| (0..70).map(|other| score(video, other)).collect()).collect();
        Scored { name: "made", about: "", scores }
    }

    #[test]
    fn what_fits_its_own_video_is_told_from_what_does_not() {
        let (fitting, plain) = (scored(0.5), scored(0.0));
        let (row, mismatched) = (fitting.row(Seed::master(1)), fitting.mismatched("other", "").row(Seed::master(1)));
        assert!(row.mean_rank < 15.0 && row.interval[0] > 0.3, "{row:?}");
        assert!((mismatched.mean_rank - 32.5).abs() < 12.0 && mismatched.margin < 0.1, "{mismatched:?}");
        let found = compare(&fitting, &plain, Seed::master(1));
        assert!((found.margin - 0.5).abs() < 1e-9 && found.detectable < 0.3, "{found:?}");
        let none = compare(&fitting, &fitting, Seed::master(1));
        assert_eq!((none.margin, none.interval), (0.0, [0.0, 0.0]));
    }
}
