//! Learns the line from pairs of picture and loudness, and says what it is worth on videos that it has not seen.
//!
//! Loudness is taken in decibels against the mean of its video: how loud a recording was mastered tells nothing. The start and
//! the end of each video are left out, since a silent start and the end of a song have nothing to do with the picture.

use serde::Serialize;

use super::model::{Dynamics, FEATURES, centred};
use crate::{
    plan::motion_level,
    seed::Seed,
    vmcp::{Clip, HEAD_SECONDS, Interval, TAIL_SECONDS, interval, linear::Matrix},
};

/// What is quieter counts as silent.
const FLOOR_DECIBELS: f64 = -45.0;
/// Fewest seconds that are left of a video, and fewest videos.
const SHORTEST: usize = 48;
const FEWEST: usize = 20;
/// Shares of the features' spread; the one that tells validation videos best is taken.
const RIDGES: [f64; 5] = [1e-4, 1e-3, 1e-2, 1e-1, 1.0];
/// Over how long the rule smooths motion: about five bars.
const RULE_SECONDS: usize = 11;

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("{found} {role} videos are long enough, {FEWEST} are needed; give more")]
pub(crate) struct TooFewVideos {
    role: &'static str,
    found: usize,
}

/// A model and what it is worth.
pub(crate) struct Trained {
    pub(crate) dynamics: Dynamics,
    pub(crate) ridge: f64,
    pub(crate) videos: usize,
    pub(crate) trial: Trial,
}

/// On test videos: correlations within each video, means over videos with 95 % of resamples of the videos.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Trial {
    pub(crate) videos: usize,
    pub(crate) model: Interval,
    /// The least squares line on motion alone.
    pub(crate) motion_alone: Interval,
    /// The rule that plans had before: the level of motion, smoothed over five bars.
    pub(crate) rule: Interval,
    pub(crate) over_motion_alone: Interval,
    pub(crate) over_rule: Interval,
    /// Errors in decibels; a constant correlates with nothing.
    pub(crate) model_rmse: f64,
    pub(crate) motion_alone_rmse: f64,
    pub(crate) constant_rmse: f64,
}

/// The inside of a video.
struct Lesson<'a> {
    clip: &'a Clip,
    /// Loudness against its mean, decibels.
    loudness: Vec<f64>,
    /// Features against their means.
    rows: Vec<[f64; FEATURES]>,
}

/// Learns from some videos, chooses by others, and is tried on the third.
pub(crate) fn train(known: &[&Clip], choosing: &[&Clip], test: &[&Clip], seed: Seed) -> Result<Trained, TooFewVideos> {
    let known = lessons(known, "training")?;
    let (choosing, test) = (lessons(choosing, "validation")?, lessons(test, "test")?);
    let told = |ridge: &f64| mean(&correlations(&choosing, &fit(&known, *ridge, FEATURES)));
    let ridge = RIDGES.into_iter().max_by(|a, b| told(a).total_cmp(&told(b))).unwrap_or(RIDGES[0]);
    let dynamics = fit(&known, ridge, FEATURES);
    let motion_alone = fit(&known, ridge, 1);
    let trial = Trial::of(&test, &dynamics, &motion_alone, seed);
    Ok(Trained { dynamics, ridge, videos: known.len(), trial })
}

fn lessons<'a>(clips: &[&'a Clip], role: &'static str) -> Result<Vec<Lesson<'a>>, TooFewVideos> {
    let lessons: Vec<Lesson> = clips.iter().filter_map(|clip| Lesson::of(clip)).collect();
    if lessons.len() < FEWEST { Err(TooFewVideos { role, found: lessons.len() }) } else { Ok(lessons) }
}

impl<'a> Lesson<'a> {
    fn of(clip: &'a Clip) -> Option<Self> {
        let inside = inside(clip.picture.len())?;
        let decibels = |amplitude: &f32| (20.0 * f64::from(amplitude.max(1e-6)).log10()).max(FLOOR_DECIBELS);
        let loudness: Vec<f64> = clip.music.amplitude[inside.clone()].iter().map(decibels).collect();
        let mut rows = super::features::features(&clip.picture.motion, &clip.picture.cuts)[inside].to_vec();
        for feature in 0..FEATURES {
            let mean = rows.iter().map(|row| row[feature]).sum::<f64>() / rows.len() as f64;
            for row in &mut rows {
                row[feature] -= mean;
            }
        }
        Some(Self { clip, loudness: centred(&loudness), rows })
    }

    fn told(&self, dynamics: &Dynamics) -> Vec<f64> {
        self.rows.iter().map(|row| dynamics.told(row).iter().sum()).collect()
    }

    fn told_by_rule(&self) -> Vec<f64> {
        let levels: Vec<f64> = self.clip.picture.motion.iter().map(|value| f64::from(motion_level(*value))).collect();
        let around = |second: usize| {
            let first = second.saturating_sub(RULE_SECONDS / 2);
            mean(&levels[first..(second + RULE_SECONDS / 2 + 1).min(levels.len())])
        };
        inside(levels.len()).into_iter().flatten().map(around).collect()
    }
}

fn inside(seconds: usize) -> Option<std::ops::Range<usize>> {
    let end = seconds.saturating_sub(TAIL_SECONDS);
    (end >= HEAD_SECONDS + SHORTEST).then_some(HEAD_SECONDS..end)
}

/// Ridge regression on the first so many features, each by its own spread.
fn fit(lessons: &[Lesson], ridge: f64, features: usize) -> Dynamics {
    let rows = || lessons.iter().flat_map(|lesson| &lesson.rows);
    let seconds = rows().count().max(1) as f64;
    let spreads: Vec<f64> = (0..features)
        .map(|feature| (rows().map(|row| row[feature].powi(2)).sum::<f64>() / seconds).sqrt().max(1e-9))
        .collect();
    let scaled: Vec<Vec<f64>> =
        rows().map(|row| row.iter().zip(&spreads).map(|(value, spread)| value / spread).collect()).collect();
    let loudness: Vec<Vec<f64>> =
        lessons.iter().flat_map(|lesson| &lesson.loudness).map(|value| vec![*value]).collect();
    let towards = Matrix::products(&scaled, &loudness);
    let solved = Matrix::products(&scaled, &scaled).cholesky(ridge).solve(&towards.values);
    let mut dynamics = Dynamics { weights: [0.0; FEATURES], spread: 1.0 };
    dynamics.weights.iter_mut().zip(solved.iter().zip(&spreads)).for_each(|(weight, (solved, spread))| {
        *weight = solved / spread;
    });
    dynamics.spread = spread(lessons, &dynamics);
    dynamics
}

/// The factor of what motion and cuts tell at which all together varies as the music does.
fn spread(lessons: &[Lesson], dynamics: &Dynamics) -> f64 {
    let heard: f64 = lessons.iter().flat_map(|lesson| &lesson.loudness).map(|value| value * value).sum();
    let (mut picture, mut both, mut place) = (0.0, 0.0, 0.0);
    for [by_picture, by_place] in lessons.iter().flat_map(|lesson| &lesson.rows).map(|row| dynamics.told(row)) {
        picture += by_picture * by_picture;
        both += by_picture * by_place;
        place += by_place * by_place;
    }
    let left = both * both + picture * (heard - place);
    if picture > 0.0 && left > 0.0 { ((left.sqrt() - both) / picture).max(0.0) } else { 0.0 }
}

impl Trial {
    fn of(lessons: &[Lesson], dynamics: &Dynamics, motion_alone: &Dynamics, seed: Seed) -> Self {
        let model = correlations(lessons, dynamics);
        let alone = correlations(lessons, motion_alone);
        let rule: Vec<f64> =
            lessons.iter().map(|lesson| correlation(&centred(&lesson.told_by_rule()), &lesson.loudness)).collect();
        let less = |other: &[f64]| -> Vec<f64> { model.iter().zip(other).map(|(own, other)| own - other).collect() };
        let still = Dynamics { weights: [0.0; FEATURES], spread: 0.0 };
        Self {
            videos: lessons.len(),
            model: interval(&model, seed),
            motion_alone: interval(&alone, seed),
            rule: interval(&rule, seed),
            over_motion_alone: interval(&less(&alone), seed),
            over_rule: interval(&less(&rule), seed),
            model_rmse: rmse(lessons, dynamics),
            motion_alone_rmse: rmse(lessons, motion_alone),
            constant_rmse: rmse(lessons, &still),
        }
    }
}

fn correlations(lessons: &[Lesson], dynamics: &Dynamics) -> Vec<f64> {
    lessons.iter().map(|lesson| correlation(&lesson.told(dynamics), &lesson.loudness)).collect()
}

/// Pearson's r of centred values; 0 where one does not move.
fn correlation(one: &[f64], other: &[f64]) -> f64 {
    let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let scale = (sum(one, one) * sum(other, other)).sqrt();
    if scale > 0.0 { sum(one, other) / scale } else { 0.0 }
}

/// Every video counts the same.
fn rmse(lessons: &[Lesson], dynamics: &Dynamics) -> f64 {
    let error = |lesson: &Lesson| {
        let off = lesson.told(dynamics).into_iter().zip(&lesson.loudness).map(|(told, heard)| (told - heard).powi(2));
        off.sum::<f64>() / lesson.loudness.len() as f64
    };
    mean(&lessons.iter().map(error).collect::<Vec<_>>()).sqrt()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vmcp::{ClipRole, MusicSeconds, PictureSeconds};

    /// A video of which every twentieth second or so moves, the music louder with it.
    fn clip(number: usize, decibels: f32) -> Clip {
        let moves = |second: usize| if (second * (number + 3)) % 41 < 20 { 20.0 } else { 1.0 };
        let motion: Vec<f32> = (0..160).map(moves).collect();
        let amplitude =
            motion.iter().map(|motion| 0.1 * 10.0_f32.powf((motion + 1.0).ln() * decibels / 20.0)).collect();
        let picture = PictureSeconds {
            valence: vec![0.0; 160],
            arousal: vec![0.0; 160],
            motion,
            cuts: vec![0.0; 160],
            semantic: vec![],
        };
        let music = MusicSeconds { amplitude, density: vec![4.0; 160], chord: vec![0; 160], minor: false };
        let id = number.to_string();
        Clip { artist: id.clone(), id, role: ClipRole::Choosing, picture, music }
    }

    #[test]
    fn a_line_that_is_there_is_found() {
        let clips: Vec<Clip> = (0..24).map(|number| clip(number, 2.0)).collect();
        let all: Vec<&Clip> = clips.iter().collect();
        let trained = train(&all, &all, &all, Seed::master(1)).unwrap();
        assert!(trained.trial.model.low > 0.99 && trained.trial.over_motion_alone.mean.abs() < 0.02);
        assert!(trained.trial.model_rmse < 0.3 * trained.trial.constant_rmse, "{:?}", trained.trial);
        assert!((trained.dynamics.spread - 1.0).abs() < 0.1, "{}", trained.dynamics.spread);
        let told = trained.dynamics.decibels(&clips[0].picture.motion, &clips[0].picture.cuts);
        assert_eq!(told.len(), 160);
    }

    #[test]
    fn too_few_videos_are_told_of() {
        let clips: Vec<Clip> = (0..24).map(|number| clip(number, 2.0)).collect();
        let all: Vec<&Clip> = clips.iter().collect();
        let error = train(&all, &all, &all[..3], Seed::master(1)).err().unwrap().to_string();
        assert_eq!(error, "3 test videos are long enough, 20 are needed; give more");
    }
}
