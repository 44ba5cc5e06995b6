//! Fits the picture meter to rated photographs, and says how well it tells what people feel about themes it does not know.

use super::meter::{PictureMeter, rows};
use crate::{
    affect::{calibration::Calibration, folds, kernel::Kernel, lesson::Row},
    artifact::Track,
    corpus::RatedPictures,
    picture::FEATURES,
    seed::Seed,
};

/// Pull of the votes to nothing and how fast they fade with distance, chosen in some thirty trials (docs/correspondence.md).
pub(super) const PULL: f64 = 0.2;
pub(super) const FADING: f64 = 0.8;
pub(super) const FOLDS: usize = 8;
/// Ways to deal themes into folds that figures are means over.
pub(super) const DEALS: u64 = 3;

/// A meter and how good it is: Pearson's r for valence and arousal, over folds of whole themes.
#[derive(Clone, Debug)]
pub(crate) struct TrainedPicture {
    pub(crate) meter: PictureMeter,
    pub(super) pictures: usize,
    pub(super) themes: usize,
    pub(super) over_themes: [f64; 2],
    /// The least and the most of the deals.
    pub(super) range: [[f64; 2]; 2],
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TooFewPictures {
    #[error("{themes} themes of rated pictures are too few for a picture meter; give at least {least}")]
    Themes { themes: usize, least: usize },
    #[error("{rows} rows of features for {pictures} rated pictures; give both of one data set")]
    Rows { rows: usize, pictures: usize },
    #[error("the rows have no {FEATURES} features; join the output `semantic` of feature.semantic")]
    Features,
}

pub(crate) fn train(
    rated: &RatedPictures,
    semantic: &Track,
    seed: Seed,
    mut on_progress: impl FnMut(f32),
) -> Result<TrainedPicture, TooFewPictures> {
    let pictures = &rated.pictures;
    let rows = rows(semantic, FEATURES).map_err(|_| TooFewPictures::Features)?;
    if rows.len() != pictures.len() {
        return Err(TooFewPictures::Rows { rows: rows.len(), pictures: pictures.len() });
    }
    let groups: Vec<&str> = pictures.iter().map(|picture| picture.theme.as_str()).collect();
    let themes = count(&groups);
    if themes < 2 * FOLDS {
        return Err(TooFewPictures::Themes { themes, least: 2 * FOLDS });
    }
    let ratings: Vec<[f64; 2]> = pictures.iter().map(|picture| [picture.valence, picture.arousal]).collect();
    let row = |(piece, (features, rating)): (usize, (Vec<f64>, &[f64; 2]))| Row { piece, features, rating: *rating };
    let taught: Vec<Row> = rows.into_iter().zip(&ratings).enumerate().map(row).collect();
    let (mut figures, mut told) = (Vec::new(), Vec::new());
    for deal in 0..DEALS {
        on_progress(deal as f32 / DEALS as f32);
        let folds = folds::of_groups(&groups, FOLDS, seed.derive(&format!("deal {deal}")));
        let measured = folds::held_out(&taught, &taught, &folds, fit, Kernel::measure);
        figures.push(folds::agreement(&measured, &ratings));
        told.extend(measured);
    }
    let side = |at: usize| figures.iter().map(move |figure| figure[at]);
    // What is held out is told as new pictures are: less boldly than the pictures that vote.
    let calibration = |at: usize| {
        Calibration::of(told.iter().map(|row: &[f64; 2]| row[at]).collect())
            .expect("there are two folds of themes or more")
    };
    let all: Vec<&Row> = taught.iter().collect();
    Ok(TrainedPicture {
        meter: PictureMeter { kernel: fit(&all), calibrations: [calibration(0), calibration(1)] },
        pictures: pictures.len(),
        themes,
        over_themes: [0, 1].map(|at| side(at).sum::<f64>() / DEALS as f64),
        range: [0, 1].map(|at| [side(at).fold(1.0, f64::min), side(at).fold(-1.0, f64::max)]),
    })
}

fn count(groups: &[&str]) -> usize {
    groups.iter().collect::<std::collections::BTreeSet<_>>().len()
}

fn fit(rows: &[&Row]) -> Kernel {
    let features: Vec<&[f64]> = rows.iter().map(|row| row.features.as_slice()).collect();
    let ratings: Vec<[f64; 2]> = rows.iter().map(|row| row.rating).collect();
    Kernel::fit(&features, &ratings, &[1; FEATURES], PULL, FADING)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::corpus::RatedPicture;

    /// Made pictures: the first half of the features says valence, the second arousal.
    pub(in crate::affect::picture) fn made(count: usize) -> (RatedPictures, Track) {
        let level = |picture: usize, factor: usize| ((picture * factor) % 17) as f32 / 16.0;
        let row = |picture: usize| {
            let feature = |at: usize| {
                let noise = ((at * 31 + picture * 57) % 13) as f32 / 26.0;
                noise + 2.0 * if at < FEATURES / 2 { level(picture, 5) } else { level(picture, 7) }
            };
            (0..FEATURES).map(feature).collect()
        };
        let picture = |at: usize| RatedPicture {
            id: format!("I{at}"),
            theme: format!("theme {}", at / 2),
            valence: f64::from(level(at, 5)) - 0.5,
            arousal: 0.3 - 0.6 * f64::from(level(at, 7)),
        };
        let pictures = (0..count).map(picture).collect();
        let semantic = Track {
            channels: (0..FEATURES).map(|at| format!("feature_{at}")).collect(),
            rows_per_second: 1.0,
            rows: (0..count).map(row).collect(),
        };
        (RatedPictures { name: "made".into(), terms: "none".into(), pictures }, semantic)
    }

    #[test]
    fn what_features_say_is_learned_and_placed_on_the_knobs_scale() {
        let (rated, semantic) = made(48);
        let trained = train(&rated, &semantic, Seed::master(1), |_| ()).unwrap();
        assert!(trained.over_themes.iter().all(|r| *r > 0.8), "{:?}", trained.over_themes);
        let affect = trained.meter.measure(&semantic).unwrap();
        assert_eq!(affect.rows.len(), 48);
        assert!(affect.rows.iter().flatten().all(|value| (-1.0..=1.0).contains(value)));
        let valence = affect.channel("valence").unwrap();
        assert!(rated.pictures[10].valence > 0.4 && rated.pictures[0].valence < -0.4);
        assert!(valence[10] > 0.5 && valence[0] < -0.5, "{valence:?}");
        assert!(affect.channel("arousal").unwrap()[0] > 0.5);
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let (rated, mut semantic) = made(48);
        let refused = |rated: &RatedPictures, semantic: &Track| {
            train(rated, semantic, Seed::master(1), |_| ()).unwrap_err().to_string()
        };
        let (few, few_rows) = made(20);
        assert!(refused(&few, &few_rows).starts_with("10 themes of rated pictures are too few"));
        assert!(refused(&few, &semantic).starts_with("48 rows of features for 20 rated pictures"));
        semantic.channels.pop();
        assert!(refused(&rated, &semantic).contains("join the output `semantic`"));
    }
}
