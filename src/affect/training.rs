//! Fits a meter to what people rated: settings by ten folds over a small grid, then all of it.

use super::{
    folds, histograms,
    kernel::Kernel,
    lesson::{Lesson, Row},
    meter::{Meter, MeterKind},
    ridge::Ridge,
};
use crate::{corpus::Ratings, seed::Seed};

const FOLDS: usize = 10;
/// Ways to deal pieces into folds that figures are means over.
const DEALS: u64 = 5;
const RIDGE_PULLS: [f64; 4] = [10.0, 30.0, 60.0, 100.0];
const KERNEL_PULLS: [f64; 3] = [0.5, 1.0, 2.0];
const KERNEL_FADINGS: [f64; 3] = [0.1, 0.2, 0.3];

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Settings {
    pub(super) kind: MeterKind,
    pub(super) pull: f64,
    /// Kernel only.
    pub(super) fading: f64,
}

/// A meter and how good it is. All figures are Pearson's r for valence and arousal.
#[derive(Clone, Debug)]
pub(crate) struct Trained {
    pub(crate) meter: Meter,
    pub(super) settings: Settings,
    pub(super) pieces: usize,
    pub(super) windows: usize,
    /// Ten folds over pieces: the mean over several deals.
    pub(super) over_pieces: [f64; 2],
    /// Windows of held-out pieces against the rating of their piece; the mean over the same deals.
    pub(super) over_windows: [f64; 2],
    /// Windows of held-out pieces against the curves, both as deviations from their piece; the mean over the same deals.
    pub(super) within_pieces: [f64; 2],
    /// Ten folds over games: pieces of one game are held out together.
    pub(super) over_games: [f64; 2],
    /// Held-out values of this meter against held-out values of the other kind.
    pub(super) with_other_kind: [f64; 2],
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pieces} rated pieces are too few for a meter; give at least {least}")]
pub(crate) struct TooFew {
    pieces: usize,
    least: usize,
}

pub(crate) fn train(ratings: &Ratings, kind: MeterKind, seed: Seed) -> Result<Trained, TooFew> {
    let pieces = ratings.pieces.len();
    if pieces < 2 * FOLDS {
        return Err(TooFew { pieces, least: 2 * FOLDS });
    }
    let other = if kind == MeterKind::Ridge { MeterKind::Kernel } else { MeterKind::Ridge };
    let (lesson, other) = (Lesson::of(ratings, kind), Lesson::of(ratings, other));
    let deals: Vec<Vec<usize>> =
        (0..DEALS).map(|deal| folds::of_pieces(pieces, FOLDS, seed.derive(&format!("deal {deal}")))).collect();
    let settings = best_settings(&lesson, &deals[0]);
    let other_settings = best_settings(&other, &deals[0]);
    let [mut over_pieces, mut over_windows, mut within_pieces, mut with_other_kind] = [[0.0; 2]; 4];
    for deal in &deals {
        let measured = held_out(&lesson, deal, settings);
        let others = held_out(&other, deal, other_settings);
        let rated = lesson.ratings();
        add(&mut over_pieces, folds::agreement(&measured[..pieces], &rated[..pieces]));
        add(&mut over_windows, folds::agreement(&measured[pieces..], &lesson.ratings_of_pieces()[pieces..]));
        add(&mut within_pieces, folds::agreement(&lesson.within_pieces(&measured), &lesson.within_pieces(&rated)));
        add(&mut with_other_kind, folds::agreement(&measured[..pieces], &others[..pieces]));
    }
    let games: Vec<&str> = ratings.pieces.iter().map(|piece| piece.group.as_str()).collect();
    let by_game = held_out(&lesson, &folds::of_groups(&games, FOLDS, seed.derive("games")), settings);
    let taught: Vec<&Row> = lesson.taught().iter().collect();
    Ok(Trained {
        meter: fit(settings, &taught),
        settings,
        pieces,
        windows: lesson.rows.len() - pieces,
        over_pieces,
        over_windows,
        within_pieces,
        over_games: folds::agreement(&by_game[..pieces], &lesson.ratings()[..pieces]),
        with_other_kind,
    })
}

fn add(mean: &mut [f64; 2], figures: [f64; 2]) {
    for (mean, figure) in mean.iter_mut().zip(figures) {
        *mean += figure / DEALS as f64;
    }
}

fn fit(settings: Settings, taught: &[&Row]) -> Meter {
    let rows: Vec<&[f64]> = taught.iter().map(|row| row.features.as_slice()).collect();
    let ratings: Vec<[f64; 2]> = taught.iter().map(|row| row.rating).collect();
    match settings.kind {
        MeterKind::Ridge => Meter::Ridge(Ridge::fit(&rows, &ratings, settings.pull)),
        MeterKind::Kernel => {
            Meter::Kernel(Kernel::fit(&rows, &ratings, &histograms::WIDTHS, settings.pull, settings.fading))
        }
    }
}

fn held_out(lesson: &Lesson, folds: &[usize], settings: Settings) -> Vec<[f64; 2]> {
    folds::held_out(&lesson.rows, lesson.taught(), folds, |taught| fit(settings, taught), Meter::measure_row)
}

/// Those by which what is taught is told best.
fn best_settings(lesson: &Lesson, folds: &[usize]) -> Settings {
    let grid = grid(lesson.kind);
    let taught = lesson.taught().len();
    let rated = lesson.ratings();
    let score = |settings: &Settings| -> f64 {
        folds::agreement(&held_out(lesson, folds, *settings)[..taught], &rated[..taught]).iter().sum()
    };
    let scores: Vec<f64> = grid.iter().map(score).collect();
    let best = (0..grid.len()).fold(0, |best, place| if scores[place] > scores[best] { place } else { best });
    grid[best]
}

fn grid(kind: MeterKind) -> Vec<Settings> {
    match kind {
        MeterKind::Ridge => RIDGE_PULLS.map(|pull| Settings { kind, pull, fading: 0.0 }).to_vec(),
        MeterKind::Kernel => KERNEL_PULLS
            .iter()
            .flat_map(|pull| KERNEL_FADINGS.map(|fading| Settings { kind, pull: *pull, fading }))
            .collect(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        affect::{Sound, testing::scale_piece},
        corpus::RatedPiece,
    };

    /// Made pieces: faster is more excited, a lowered third and sixth is sadder.
    pub(in crate::affect) fn ratings(count: usize) -> Ratings {
        let piece = |number: usize| {
            let sad = number % 2;
            let seconds = 0.1 + 0.05 * ((number * 7) % count) as f64;
            let flatten = |sound: Sound| match sound.pitch % 12 {
                4 | 9 if sad == 1 => Sound { pitch: sound.pitch - 1, ..sound },
                _ => sound,
            };
            RatedPiece {
                id: format!("{number:03}"),
                group: format!("game {}", number / 3),
                bpm: 100.0,
                valence: 0.3 - 0.6 * sad as f64,
                arousal: -seconds.ln() / 3.0,
                curve: vec![],
                sounds: scale_piece(seconds).into_iter().map(flatten).collect(),
            }
        };
        Ratings { name: "made".into(), terms: "none".into(), pieces: (0..count).map(piece).collect(), left_out: vec![] }
    }

    #[test]
    fn both_kinds_learn_what_is_there() {
        for kind in [MeterKind::Ridge, MeterKind::Kernel] {
            let trained = train(&ratings(30), kind, Seed::master(1)).unwrap();
            assert!(trained.over_pieces.iter().all(|r| *r > 0.75), "{kind:?} {:?}", trained.over_pieces);
            assert!(trained.over_games.iter().all(|r| *r > 0.6), "{kind:?} {:?}", trained.over_games);
            let (slow, fast) = (scale_piece(0.8), scale_piece(0.15));
            let calm = trained.meter.measure(&slow, 100.0);
            let wild = trained.meter.measure(&fast, 100.0);
            assert!(wild.arousal > calm.arousal + 0.2 && calm.valence > 0.0, "{calm:?} {wild:?}");
        }
    }

    #[test]
    fn the_seed_is_all_that_is_drawn_from() {
        let once = |seed| train(&ratings(24), MeterKind::Ridge, Seed::master(seed)).unwrap();
        assert_eq!(once(1).meter.to_bytes(), once(1).meter.to_bytes());
        assert!(once(1).over_pieces[0].to_bits() != once(2).over_pieces[0].to_bits());
    }

    #[test]
    fn too_few_pieces_are_refused() {
        let error = train(&ratings(19), MeterKind::Ridge, Seed::master(1)).unwrap_err();
        assert_eq!(error.to_string(), "19 rated pieces are too few for a meter; give at least 20");
    }
}
