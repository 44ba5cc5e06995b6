//! How well encoders find the own music of videos that they do not know, beside the linear reference.

use serde::Serialize;

use super::{
    Channels, Encoder,
    retrieval::{Interval, Retrieval, Standing, interval, standings},
    training::{Lesson, TooFewClips, curve_scores, folds, place_scores, train},
};
use crate::seed::Seed;

/// Clips that are not in a fold of at least 64 could not be ranked among 64.
pub(crate) const FOLDS: usize = 8;

/// Figures of an encoder and of others that saw the same clips.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Trial {
    pub(crate) channels: Channels,
    pub(crate) folds: usize,
    pub(crate) encoder: Retrieval,
    /// Canonical correlations of pooled tracks alone: the linear reference.
    pub(crate) cca: Retrieval,
    /// Curves alone.
    pub(crate) curves: Retrieval,
    /// All music turned by a random time: what is left without alignment.
    pub(crate) turned: Retrieval,
    /// Rank of the encoder less that of the reference, by video.
    pub(crate) rank_difference: Interval,
}

#[derive(Default)]
struct Found {
    encoder: Vec<Standing>,
    cca: Vec<Standing>,
    curves: Vec<Standing>,
    turned: Vec<Standing>,
}

/// Cross-validated over all lessons; what is chosen is chosen anew in each fold's training clips.
pub(crate) fn cross_validate(
    lessons: &[&Lesson],
    channels: Channels,
    seed: Seed,
    mut on_fold: impl FnMut(usize),
) -> Result<Trial, TooFewClips> {
    let of = folds(lessons, FOLDS, seed);
    let mut found = Found::default();
    for fold in 0..FOLDS {
        let side = |held: bool| {
            let some = lessons.iter().zip(&of).filter(|(_, other)| (**other == fold) == held);
            some.map(|(lesson, _)| *lesson).collect::<Vec<_>>()
        };
        let (encoder, _) = train(&side(false), channels, seed.derive(&format!("fold {fold}")))?;
        found.add(&encoder, &side(true));
        on_fold(fold + 1);
    }
    Ok(found.trial(channels, FOLDS, seed))
}

/// An encoder on lessons that it has not learned from.
pub(crate) fn held_out(encoder: &Encoder, lessons: &[&Lesson], seed: Seed) -> Trial {
    let mut found = Found::default();
    found.add(encoder, lessons);
    found.trial(encoder.channels, 1, seed)
}

impl Found {
    fn add(&mut self, encoder: &Encoder, lessons: &[&Lesson]) {
        let places = place_scores(&encoder.cca, lessons);
        let curves = curve_scores(&encoder.mixing, lessons);
        let scores = |music: &dyn Fn(&Lesson) -> super::Code| {
            let musics: Vec<_> = lessons.iter().map(|lesson| music(lesson)).collect();
            let row = |lesson: &&Lesson| {
                let picture = encoder.picture_side(&lesson.picture);
                musics.iter().map(|music| encoder.likeness(&picture, music)).collect()
            };
            lessons.iter().map(row).collect::<Vec<Vec<f64>>>()
        };
        self.encoder.extend(standings(&scores(&|lesson| encoder.music_side(&lesson.music))));
        self.turned.extend(standings(&scores(&|lesson| encoder.music_side(&lesson.turned))));
        self.cca.extend(standings(&places));
        self.curves.extend(standings(&curves));
    }

    fn trial(&self, channels: Channels, folds: usize, seed: Seed) -> Trial {
        let differences: Vec<f64> =
            self.encoder.iter().zip(&self.cca).map(|(one, other)| one.rank() - other.rank()).collect();
        Trial {
            channels,
            folds,
            encoder: Retrieval::of(&self.encoder),
            cca: Retrieval::of(&self.cca),
            curves: Retrieval::of(&self.curves),
            turned: Retrieval::of(&self.turned),
            rank_difference: interval(&differences, seed),
        }
    }
}
