//! Learns encoders from pairs. Ridges, and what places count beside curves, are chosen in folds of the training clips.

use std::collections::BTreeMap;

use rand_chacha::rand_core::Rng;
use serde::Serialize;

use super::{
    Channels, Clip, ClipRole, Clips, Encoder, Pool,
    alignment::Pairs,
    cca::{Cca, Products},
    features::Side,
    linear::dot,
    mixing::Mixing,
    retrieval::{Standing, standings},
};
use crate::seed::Seed;

/// The start and the end of a video are left out: silence and credits pair too easily.
pub(crate) const HEAD_SECONDS: usize = 25;
pub(crate) const TAIL_SECONDS: usize = 35;
/// Fewest seconds between them.
const SHORTEST: usize = 48;
const INNER_FOLDS: usize = 5;
const PLACE_RIDGES: [f64; 4] = [0.1, 0.3, 1.0, 3.0];
const CURVE_RIDGES: [f64; 3] = [0.1, 0.3, 1.0];
/// With fewer clips nothing can be learned.
const FEWEST: usize = 40;

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("{found} clips of at least {} s to learn from, {FEWEST} are needed; give more clips", HEAD_SECONDS + TAIL_SECONDS + SHORTEST)]
pub(crate) struct TooFewClips {
    found: usize,
}

/// What was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Choice {
    pub(crate) place_ridge: f64,
    pub(crate) curve_ridge: f64,
    pub(crate) place_weight: f64,
}

/// A clip's inside, ready to learn from.
pub(crate) struct Lesson<'a> {
    pub(crate) clip: &'a Clip,
    pub(super) picture: Side,
    pub(super) music: Side,
    /// The music with its alignment lost, for controls.
    pub(super) turned: Side,
}

/// Lessons of clips that are long enough.
pub(crate) fn lessons<'a>(clips: impl Iterator<Item = &'a Clip>, channels: Channels, seed: Seed) -> Vec<Lesson<'a>> {
    let mut rng = seed.derive("turns").rng();
    let mut lesson = |clip: &'a Clip| {
        let end = clip.picture.len().saturating_sub(TAIL_SECONDS);
        let music = clip.music.cut(HEAD_SECONDS, end);
        let turn = 20 + rng.next_u32() as usize % (music.len().max(41) - 40);
        Lesson {
            clip,
            picture: Side::of_picture(&clip.picture.cut(HEAD_SECONDS, end), channels),
            turned: Side::of_music(&music.turned(turn)),
            music: Side::of_music(&music),
        }
    };
    let long = |clip: &&Clip| clip.picture.len() >= HEAD_SECONDS + TAIL_SECONDS + SHORTEST;
    clips.filter(long).map(&mut lesson).collect()
}

/// Learns from lessons.
pub(crate) fn train(lessons: &[&Lesson], channels: Channels, seed: Seed) -> Result<(Encoder, Choice), TooFewClips> {
    if lessons.len() < FEWEST {
        return Err(TooFewClips { found: lessons.len() });
    }
    let choice = choose(lessons, seed);
    let cca = products(lessons).fit(choice.place_ridge);
    let mixing = pairs(lessons, seed).fit(choice.curve_ridge);
    let Choice { place_weight, .. } = choice;
    Ok((Encoder { channels, cca, mixing, place_weight, moods: moods(lessons) }, choice))
}

/// The pool of the lessons' music.
pub(crate) fn pool(encoder: &Encoder, lessons: &[&Lesson]) -> Pool {
    Pool { codes: lessons.iter().map(|lesson| encoder.music_side(&lesson.music)).collect() }
}

/// A fold for each clip; an artist's clips are held out together. Folds are about equally large.
pub(crate) fn folds(lessons: &[&Lesson], count: usize, seed: Seed) -> Vec<usize> {
    let mut artists: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, lesson) in lessons.iter().enumerate() {
        artists.entry(&lesson.clip.artist).or_default().push(at);
    }
    let mut groups: Vec<Vec<usize>> = artists.into_values().collect();
    let mut rng = seed.derive("folds").rng();
    for place in (1..groups.len()).rev() {
        groups.swap(place, rng.next_u32() as usize % (place + 1));
    }
    let mut sizes = vec![0; count];
    let mut folds = vec![0; lessons.len()];
    for group in groups {
        let smallest = (0..count).min_by_key(|fold| sizes[*fold]).unwrap_or(0);
        sizes[smallest] += group.len();
        for at in group {
            folds[at] = smallest;
        }
    }
    folds
}

fn choose(lessons: &[&Lesson], seed: Seed) -> Choice {
    let folds = folds(lessons, INNER_FOLDS, seed.derive("inner"));
    let mut places: Vec<Trial> = PLACE_RIDGES.map(Trial::new).into();
    let mut curves: Vec<Trial> = CURVE_RIDGES.map(Trial::new).into();
    for fold in 0..INNER_FOLDS {
        let side = |held: bool| {
            let some = lessons.iter().zip(&folds).filter(|(_, other)| (**other == fold) == held);
            some.map(|(lesson, _)| *lesson).collect::<Vec<_>>()
        };
        let (known, held) = (side(false), side(true));
        let (products, pairs) = (products(&known), pairs(&known, seed));
        for trial in &mut places {
            trial.add(&place_scores(&products.fit(trial.ridge), &held));
        }
        for trial in &mut curves {
            trial.add(&curve_scores(&pairs.fit(trial.ridge), &held));
        }
    }
    let (place, curve) = (best(&places), best(&curves));
    Choice { place_ridge: place.ridge, curve_ridge: curve.ridge, place_weight: place.weight() }
}

/// How a ridge does on clips that were held out.
struct Trial {
    ridge: f64,
    standings: Vec<Standing>,
    own: Vec<f64>,
    others: Vec<f64>,
}

impl Trial {
    fn new(ridge: f64) -> Self {
        Self { ridge, standings: vec![], own: vec![], others: vec![] }
    }

    fn add(&mut self, scores: &[Vec<f64>]) {
        self.standings.extend(standings(scores));
        for (picture, row) in scores.iter().enumerate() {
            for (music, score) in row.iter().enumerate() {
                if picture == music { &mut self.own } else { &mut self.others }.push(*score);
            }
        }
    }

    fn mean_rank(&self) -> f64 {
        self.standings.iter().map(|standing| standing.rank()).sum::<f64>() / self.standings.len().max(1) as f64
    }

    /// Of a discriminant between own and others, as the curves' weights are.
    fn weight(&self) -> f64 {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
        let middle = mean(&self.others);
        let variance = self.others.iter().map(|score| (score - middle).powi(2)).sum::<f64>() / self.others.len() as f64;
        ((mean(&self.own) - middle) / variance.max(1e-9)).max(0.0)
    }
}

fn best(trials: &[Trial]) -> &Trial {
    trials.iter().min_by(|one, other| one.mean_rank().total_cmp(&other.mean_rank())).expect("there are trials")
}

fn products(lessons: &[&Lesson]) -> Products {
    let pictures: Vec<&[f64]> = lessons.iter().map(|lesson| lesson.picture.pooled.as_slice()).collect();
    let musics: Vec<&[f64]> = lessons.iter().map(|lesson| lesson.music.pooled.as_slice()).collect();
    Products::new(&pictures, &musics)
}

fn pairs(lessons: &[&Lesson], seed: Seed) -> Pairs {
    let pictures: Vec<&Side> = lessons.iter().map(|lesson| &lesson.picture).collect();
    let musics: Vec<&Side> = lessons.iter().map(|lesson| &lesson.music).collect();
    Pairs::new(&pictures, &musics, seed)
}

/// Cosines of places: the linear reference's likeness.
pub(super) fn place_scores(cca: &Cca, lessons: &[&Lesson]) -> Vec<Vec<f64>> {
    let musics: Vec<Vec<f64>> = lessons.iter().map(|lesson| cca.music.place(&lesson.music.pooled)).collect();
    let row = |lesson: &&Lesson| {
        let picture = cca.picture.place(&lesson.picture.pooled);
        musics.iter().map(|music| dot(&picture, music)).collect()
    };
    lessons.iter().map(row).collect()
}

pub(super) fn curve_scores(mixing: &Mixing, lessons: &[&Lesson]) -> Vec<Vec<f64>> {
    let pictures: Vec<&[Vec<f32>]> = lessons.iter().map(|lesson| lesson.picture.curves.as_slice()).collect();
    let musics: Vec<&[Vec<f32>]> = lessons.iter().map(|lesson| lesson.music.curves.as_slice()).collect();
    mixing.scores(&pictures, &musics)
}

fn moods(lessons: &[&Lesson]) -> [[f32; 3]; 2] {
    moods_of(lessons.iter().map(|lesson| lesson.clip))
}

/// Valence and arousal that 5, 50 and 95 % of the seconds of training clips lie below.
pub(crate) fn mood_quantiles(clips: &Clips) -> [[f32; 3]; 2] {
    let training = |clip: &&Clip| matches!(clip.role, ClipRole::Choosing | ClipRole::Scoring);
    moods_of(clips.clips.iter().filter(training))
}

fn moods_of<'a>(clips: impl Iterator<Item = &'a Clip> + Clone) -> [[f32; 3]; 2] {
    let valence = clips.clone().flat_map(|clip| &clip.picture.valence).copied().collect();
    [quantiles(valence), quantiles(clips.flat_map(|clip| &clip.picture.arousal).copied().collect())]
}

/// Values that 5, 50 and 95 % lie below.
fn quantiles(mut values: Vec<f32>) -> [f32; 3] {
    values.sort_by(f32::total_cmp);
    let last = values.len().saturating_sub(1);
    [0.05, 0.5, 0.95].map(|share| values.get((last as f64 * share).round() as usize).copied().unwrap_or(0.0))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::vmcp::{MINOR, MusicSeconds, PictureSeconds, held_out, pool as pool_of};

    /// Made clips: loudness follows motion, and clips that are much in motion are often in minor.
    pub(in crate::vmcp) fn made(count: usize) -> Vec<Clip> {
        let mut rng = Seed::master(5).rng();
        let mut unit = || (rng.next_u32() >> 8) as f32 / 16_777_216.0;
        let clip = |at: usize| {
            let seconds = 140 + at % 40;
            let lift = unit();
            let motion: Vec<f32> = (0..seconds).map(|_| 4.0 * lift + 6.0 * unit()).collect();
            let amplitude = motion.iter().map(|motion| 0.05 + 0.01 * (motion - 4.0 * lift) + 0.02 * unit()).collect();
            let chord =
                (0..seconds).map(|_| if unit() < lift { MINOR | 0b10_0001_0001 } else { 0b1001_0001 }).collect();
            let role = [ClipRole::Choosing, ClipRole::Scoring, ClipRole::Validation, ClipRole::Test][at % 4];
            let mut column = || (0..seconds).map(|_| unit() - 0.5).collect::<Vec<f32>>();
            let picture = PictureSeconds {
                valence: column(),
                arousal: column(),
                cuts: column().into_iter().map(|value| f32::from(u8::from(value > 0.3))).collect(),
                motion,
                semantic: vec![],
            };
            let density = column();
            let music = MusicSeconds { amplitude, density, chord, minor: lift > 0.5 };
            Clip { id: format!("{at:03}"), artist: format!("artist {}", at / 2), role, picture, music }
        };
        (0..count).map(clip).collect()
    }

    #[test]
    fn the_own_music_is_found_by_what_was_learned() {
        let clips = made(160);
        let lessons = lessons(clips.iter(), Channels::Default, Seed::master(1));
        let of = |test: bool| {
            lessons.iter().filter(|lesson| (lesson.clip.role == ClipRole::Test) == test).collect::<Vec<_>>()
        };
        let (encoder, choice) = train(&of(false), Channels::Default, Seed::master(1)).unwrap();
        let trial = held_out(&encoder, &of(true), Seed::master(1));
        assert!(choice.place_weight > 0.0 && trial.encoder.mean_rank < 8.0, "{choice:?} {trial:?}");
        assert!(trial.turned.mean_rank > 15.0 && trial.rank_difference.high < 0.0, "{trial:?}");
        let same = train(&of(false), Channels::Default, Seed::master(1)).unwrap().0;
        assert_eq!(same, encoder, "the same bits");
    }

    #[test]
    fn files_hold_what_was_learned_and_damage_is_refused() {
        let clips = made(80);
        let lessons = lessons(clips.iter(), Channels::Default, Seed::master(1));
        let all: Vec<&Lesson> = lessons.iter().collect();
        let (encoder, _) = train(&all, Channels::Default, Seed::master(1)).unwrap();
        let pool = pool_of(&encoder, &all[..30]);
        let bytes = crate::vmcp::file::to_bytes(&encoder, &pool);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &bytes).unwrap();
        let (read, pool) = crate::vmcp::file::load(file.path()).unwrap();
        assert_eq!(crate::vmcp::file::to_bytes(&read, &pool), bytes);
        for length in [0, 9, 300, bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(file.path(), &bytes[..length]).unwrap();
            assert!(crate::vmcp::file::load(file.path()).is_err(), "{length} bytes");
        }
        let [picture, own, other] =
            [&clips[3].picture.cut(30, 90), &clips[3].picture.cut(30, 90), &clips[9].picture.cut(30, 90)]
                .map(|picture| read.picture(picture));
        let music = read.music(&clips[3].music.cut(30, 90));
        assert!(read.likeness(&own, &music) > read.likeness(&other, &music));
        let place = pool.place(&read, &picture, &music, 4);
        assert!(place.percentile > 90.0 && place.corrected <= place.percentile, "{place:?}");
    }

    #[test]
    fn artists_stay_together_and_few_clips_are_refused() {
        let clips = made(80);
        let lessons = lessons(clips.iter(), Channels::Default, Seed::master(1));
        let all: Vec<&Lesson> = lessons.iter().collect();
        let of = folds(&all, 8, Seed::master(2));
        assert!(of.chunks(2).all(|pair| pair[0] == pair[1]), "{of:?}");
        assert!((0..8).all(|fold| of.iter().filter(|other| **other == fold).count() == 10));
        let error = train(&all[..20], Channels::Default, Seed::master(1)).unwrap_err().to_string();
        assert!(error.starts_with("20 clips of at least 108 s to learn from, 40 are needed"), "{error}");
    }

    /// Real music is found far better than by the linear reference, on videos that were not learned from.
    #[test]
    fn real_music_is_found_by_its_video() {
        let Some(data) = crate::testing::data() else { return };
        let clips = crate::corpus::muvisync::load(&data.join("muvisync"), false, |_| ()).unwrap();
        let lessons = lessons(clips.clips.iter(), Channels::Default, Seed::master(1));
        let of = |role| lessons.iter().filter(|lesson| lesson.clip.role == role).collect::<Vec<_>>();
        let (encoder, _) = train(&of(ClipRole::Choosing), Channels::Default, Seed::master(1)).unwrap();
        let trial = held_out(&encoder, &of(ClipRole::Test), Seed::master(1));
        assert!(trial.encoder.mean_rank < 17.0 && trial.cca.mean_rank > 22.0, "{trial:?}");
        assert!(trial.rank_difference.high < -5.0 && trial.turned.mean_rank > 27.0, "{trial:?}");
    }
}
