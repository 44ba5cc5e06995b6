//! Hard cuts: pictures that differ from the one before far more than their neighbours do.
//!
//! The adaptive threshold is that of `PySceneDetect`'s `AdaptiveDetector` (a picture's score against the mean of the scores
//! around it), with other scores: what is left of the difference under the best shift (so that pans vanish) plus the
//! change of the colour histogram, and with the upper half of the neighbours as reference, since films repeat pictures.
//! Fades and dissolves raise all their neighbours alike; a flash is undone by one of the pictures that follow.

use super::{
    channel,
    seconds::{MissingMeasure, measure},
};
use crate::artifact::{Cut, Frames};

/// What `sensitivity` is by default.
pub(super) const DEFAULT_SENSITIVITY: f64 = 0.5;
/// How far a picture's neighbourhood reaches to either side.
const AROUND_SECONDS: f64 = 0.35;
/// At few pictures a second, at least so many to either side.
const AROUND_PICTURES: usize = 2;
/// Points of difference (0..255) that a wholly changed histogram counts as much as.
const HISTOGRAM_POINTS: f32 = 60.0;
/// Added to the neighbours' mean, in points: grain and small motion of still shots are no reference.
const FLOOR_POINTS: f32 = 10.0;
/// Two cuts are never nearer: what lies between would be a flash, not a shot.
const NEAREST_SECONDS: f64 = 0.25;
/// A flash is over when brightness and colour are back within this share of the jump.
const BACK_SHARE: f32 = 0.3;

/// Cuts in order of time. `sensitivity` 0..1, higher finds more.
pub(crate) fn shots(frames: &Frames, sensitivity: f64) -> Result<Vec<Cut>, MissingMeasure> {
    let measures = Measures::read(frames)?;
    let cut = |picture: usize| Cut { time: frames.times[picture], strength: measures.strength(picture) };
    Ok(measures.cuts(sensitivity).into_iter().map(cut).collect())
}

/// The first pictures of new shots, as indices.
pub(super) fn pictures(frames: &Frames, sensitivity: f64) -> Result<Vec<usize>, MissingMeasure> {
    Ok(Measures::read(frames)?.cuts(sensitivity))
}

struct Measures<'a> {
    times: &'a [f64],
    shifted: Vec<f32>,
    skipped: Vec<f32>,
    histogram: Vec<f32>,
    /// What a picture looks like as a whole, for telling whether a jump is undone: brightness, saturation, their spreads
    /// and hues, each about 0..1.
    looks: Vec<Vec<f32>>,
}

impl<'a> Measures<'a> {
    fn read(frames: &'a Frames) -> Result<Self, MissingMeasure> {
        let names = [channel::SATURATION, channel::VALUE, channel::VALUE_SPREAD].map(str::to_owned);
        let columns = names.into_iter().chain((0..channel::HUES).map(channel::hue));
        let columns = columns.map(|name| measure(frames, &name)).collect::<Result<Vec<_>, _>>()?;
        let look = |picture: usize| columns.iter().map(|column| column[picture]).collect();
        Ok(Self {
            times: &frames.times,
            shifted: measure(frames, channel::SHIFTED)?,
            skipped: measure(frames, channel::SKIPPED)?,
            histogram: measure(frames, channel::HISTOGRAM)?,
            looks: (0..frames.times.len()).map(look).collect(),
        })
    }

    fn cuts(&self, sensitivity: f64) -> Vec<usize> {
        let limits = Limits::at(sensitivity);
        let mut candidates: Vec<usize> =
            (1..self.times.len()).filter(|picture| self.stands_out(*picture, limits)).collect();
        candidates.retain(|picture| !self.is_flash(*picture));
        self.keep_apart(candidates)
    }

    /// How much changed since the picture before, in points of brightness.
    fn score(&self, picture: usize) -> f32 {
        self.shifted[picture] + HISTOGRAM_POINTS * self.histogram[picture]
    }

    fn stands_out(&self, picture: usize, limits: Limits) -> bool {
        let score = self.score(picture);
        score >= limits.least_points && score >= limits.least_ratio * (self.reference(picture) + FLOOR_POINTS)
    }

    /// Mean of the upper half of the scores around a picture.
    fn reference(&self, picture: usize) -> f32 {
        let near = |other: usize| {
            other.abs_diff(picture) <= AROUND_PICTURES
                || (self.times[other] - self.times[picture]).abs() <= AROUND_SECONDS
        };
        let before = (1..picture).rev().take_while(|other| near(*other));
        let after = (picture + 1..self.times.len()).take_while(|other| near(*other));
        let mut scores: Vec<f32> = before.chain(after).map(|other| self.score(other)).collect();
        scores.sort_by(|a, b| b.total_cmp(a));
        scores.truncate(scores.len().div_ceil(2));
        scores.iter().sum::<f32>() / scores.len().max(1) as f32
    }

    /// Whether the jump to this picture is soon undone, or itself undoes one.
    fn is_flash(&self, picture: usize) -> bool {
        // The skipped difference sees this best, but only over one picture.
        let undone = |picture: usize| {
            self.skipped.get(picture).is_some_and(|skipped| *skipped < BACK_SHARE * self.shifted[picture])
        };
        if undone(picture) || undone(picture + 1) && self.shifted[picture + 1] > 0.5 * self.shifted[picture] {
            return true;
        }
        let jump = self.unlike(picture - 1, picture);
        let back = |before: usize, after: usize| self.unlike(before, after) < BACK_SHARE * jump;
        let soon = |other: usize| (self.times[other] - self.times[picture]).abs() <= NEAREST_SECONDS;
        let undoes = |other: usize| self.score(other) > 0.5 * self.score(picture);
        let later = (picture + 1..self.times.len()).take_while(|other| soon(*other));
        let earlier = (1..picture).rev().take_while(|other| soon(*other));
        later.filter(|other| undoes(*other)).any(|other| back(picture - 1, other))
            || earlier.filter(|other| undoes(*other)).any(|other| back(other - 1, picture))
    }

    fn unlike(&self, a: usize, b: usize) -> f32 {
        self.looks[a].iter().zip(&self.looks[b]).map(|(a, b)| (a - b).abs()).sum()
    }

    /// Of cuts too near each other, the one with the larger score stays.
    fn keep_apart(&self, candidates: Vec<usize>) -> Vec<usize> {
        let mut kept: Vec<usize> = Vec::new();
        for picture in candidates {
            match kept.last_mut() {
                Some(last) if self.times[picture] - self.times[*last] < NEAREST_SECONDS => {
                    if self.score(picture) > self.score(*last) {
                        *last = picture;
                    }
                }
                _ => kept.push(picture),
            }
        }
        kept
    }

    /// Half from structure, half from colour: 1 for a white picture after a black one.
    fn strength(&self, picture: usize) -> f32 {
        let structure = (self.shifted[picture] / 100.0).min(1.0);
        0.5 * structure + 0.5 * self.histogram[picture].clamp(0.0, 1.0)
    }
}

#[derive(Clone, Copy)]
struct Limits {
    least_points: f32,
    least_ratio: f32,
}

impl Limits {
    /// Set on 17 clips with known cuts: the nearest miss has a ratio of 1.54 (a hand before the camera), the weakest cut 1.84.
    fn at(sensitivity: f64) -> Self {
        let strictness = 1.0 - sensitivity.clamp(0.0, 1.0) as f32;
        Self { least_points: 10.0 + 30.0 * strictness, least_ratio: 1.2 * 2.0_f32.powf(strictness) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::video::seconds::tests::frames;

    /// A film as the looks of its pictures (brightness 0..1) at 25 a second; the measures follow from them.
    fn film(looks: &[f32]) -> Frames {
        let times: Vec<f64> = (0..looks.len()).map(|at| at as f64 / 25.0).collect();
        let jump = |at: usize, back: usize| (looks[at] - looks[at.saturating_sub(back)]).abs();
        frames(&times, |at, name| match name {
            channel::DIFFERENCE | channel::SHIFTED => 255.0 * jump(at, 1),
            channel::SKIPPED => 255.0 * jump(at, 2),
            channel::HISTOGRAM => jump(at, 1),
            channel::VALUE => looks[at],
            _ => 0.0,
        })
    }

    fn times(looks: &[f32]) -> Vec<f64> {
        shots(&film(looks), DEFAULT_SENSITIVITY).unwrap().iter().map(|cut| cut.time).collect()
    }

    fn shot(look: f32, pictures: usize) -> Vec<f32> {
        vec![look; pictures]
    }

    #[test]
    fn a_jump_that_stays_is_a_cut_at_the_new_shots_first_picture() {
        assert_eq!(times(&[shot(0.2, 25), shot(0.7, 25)].concat()), [1.0]);
        assert_eq!(times(&[shot(0.2, 2), shot(0.7, 1)].concat()), [0.08], "even as the last picture");
        assert_eq!(times(&[shot(0.2, 1), shot(0.7, 20)].concat()), [0.04]);
    }

    #[test]
    fn flashes_of_any_length_up_to_the_limit_are_none() {
        for length in 1..=6 {
            let looks = [shot(0.2, 25), shot(0.95, length), shot(0.2, 25)].concat();
            assert!(times(&looks).is_empty(), "{length}: {:?}", times(&looks));
        }
        assert_eq!(times(&[shot(0.2, 25), shot(0.95, 8), shot(0.2, 25)].concat()), [1.0, 1.32], "a short shot is one");
    }

    #[test]
    fn a_cut_through_one_odd_picture_is_one_cut() {
        assert_eq!(times(&[shot(0.1, 25), shot(0.5, 1), shot(0.95, 25)].concat()).len(), 1);
    }

    #[test]
    fn fades_and_steady_motion_are_none() {
        let fade: Vec<f32> = (0..26).map(|step| step as f32 / 25.0).collect();
        assert!(times(&[shot(0.0, 25), fade, shot(1.0, 25)].concat()).is_empty());
        let shaking: Vec<f32> = (0..100).map(|at| if at % 4 < 2 { 0.3 } else { 0.5 }).collect();
        assert!(times(&shaking).is_empty());
    }

    #[test]
    fn a_pan_is_none_when_a_shift_explains_it() {
        let mut film = film(&[shot(0.3, 25), shot(0.8, 25)].concat());
        let shifted = film.channels.iter().position(|name| name == channel::SHIFTED).unwrap();
        let histogram = film.channels.iter().position(|name| name == channel::HISTOGRAM).unwrap();
        for row in &mut film.values {
            row[shifted] = 1.0;
            row[histogram] = 0.02;
        }
        assert!(shots(&film, 0.5).unwrap().is_empty());
    }

    #[test]
    fn sensitivity_moves_the_threshold() {
        let looks = [shot(0.4, 25), shot(0.475, 25)].concat();
        let found = |sensitivity| shots(&film(&looks), sensitivity).unwrap().len();
        assert_eq!((found(0.0), found(0.5), found(1.0)), (0, 0, 1));
    }

    #[test]
    fn strength_is_how_unlike_the_shots_are() {
        let strength = |to: f32| shots(&film(&[shot(0.0, 25), shot(to, 25)].concat()), 0.5).unwrap()[0].strength;
        assert!((strength(1.0) - 1.0).abs() < 1e-6);
        assert!(strength(0.2) < strength(0.5));
    }

    proptest! {
        #[test]
        fn cuts_keep_apart_and_in_order(looks in prop::collection::vec(0.0_f32..1.0, 1..200), sensitivity in 0.0_f64..1.0) {
            let cuts = shots(&film(&looks), sensitivity).unwrap();
            prop_assert!(cuts.windows(2).all(|pair| pair[1].time - pair[0].time >= NEAREST_SECONDS));
            prop_assert!(cuts.iter().all(|cut| (0.0..=1.0).contains(&cut.strength) && cut.time > 0.0));
        }
    }
}
