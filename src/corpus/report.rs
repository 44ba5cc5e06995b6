//! The report that every data set comes with: how much of what there is, how well it hangs together, what was left out and why.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Corpus, Song, Split, fit::Fit};
use crate::{
    artifact::Report,
    music::{Chord, Mode},
};

/// A loaded data set with what its loader measured on the way.
pub(crate) struct Loaded {
    pub(crate) corpus: Corpus,
    pub(crate) measured: BTreeMap<String, Value>,
}

impl Loaded {
    /// Counts of the corpus, then what the loader measured.
    pub(crate) fn report(&self) -> Report {
        let corpus = &self.corpus;
        let count = |split| corpus.songs.iter().filter(|song| song.split == split).count();
        let total = |of: fn(&Song) -> usize| corpus.songs.iter().map(of).sum::<usize>();
        let bars = total(|song| song.bars);
        let chordless = total(|song| song.chords.iter().filter(|chord| **chord == Chord::None).count());
        let minor = total(|song| usize::from(song.mode == Mode::Minor));
        let mut values = BTreeMap::from([
            ("name".to_owned(), json!(corpus.name)),
            ("licence".to_owned(), json!(corpus.licence)),
            ("songs".to_owned(), json!(corpus.songs.len())),
            ("train_songs".to_owned(), json!(count(Split::Train))),
            ("validation_songs".to_owned(), json!(count(Split::Validation))),
            ("test_songs".to_owned(), json!(count(Split::Test))),
            ("bars".to_owned(), json!(bars)),
            ("melody_notes".to_owned(), json!(total(|song| song.melody.len()))),
            ("accompaniment_notes".to_owned(), json!(total(|song| song.accompaniment.len()))),
            ("minor_songs".to_owned(), json!(minor)),
            ("half_bars_without_chord".to_owned(), json!(chordless)),
            ("bpm_quantiles_5_25_50_75_95".to_owned(), json!(quantiles(corpus.songs.iter().map(|song| song.bpm)))),
            (
                "bars_quantiles_5_25_50_75_95".to_owned(),
                json!(quantiles(corpus.songs.iter().map(|song| song.bars as f64))),
            ),
            ("fit".to_owned(), Fit::of(corpus).values()),
            ("left_out".to_owned(), json!(corpus.left_out.len())),
            ("left_out_reasons".to_owned(), json!(self.reasons())),
            ("left_out_songs".to_owned(), json!(corpus.left_out)),
        ]);
        values.extend(self.measured.clone());
        let summary = format!(
            "{}: {} songs, {bars} bars ({} to train, {} to validate, {} to test); {} left out; licence: {}",
            corpus.name,
            corpus.songs.len(),
            count(Split::Train),
            count(Split::Validation),
            count(Split::Test),
            corpus.left_out.len(),
            corpus.licence
        );
        Report { passed: None, summary, values }
    }

    /// Songs by reason; what a reason says after its colon is of one song.
    fn reasons(&self) -> BTreeMap<&str, usize> {
        let mut reasons = BTreeMap::new();
        for (_, reason) in &self.corpus.left_out {
            *reasons.entry(reason.split(':').next().unwrap_or_default()).or_default() += 1;
        }
        reasons
    }
}

/// Values at 5, 25, 50, 75 and 95 %.
pub(super) fn quantiles(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values.get((share * (values.len().saturating_sub(1)) as f64).round() as usize).copied();
    [0.05, 0.25, 0.5, 0.75, 0.95].into_iter().filter_map(at).map(rounded).collect()
}

/// To four digits after the point: reports are read by people.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing;

    #[test]
    fn counts_songs_and_groups_reasons() {
        let mut corpus = testing::corpus(6);
        corpus.left_out = vec![
            ("a".into(), "not plain 4/4: 3 beats".into()),
            ("b".into(), "not plain 4/4: 6 beats".into()),
            ("c".into(), "too short: 2 bars".into()),
        ];
        let report = Loaded { corpus, measured: BTreeMap::from([("files".into(), json!(9))]) }.report();
        assert_eq!((&report.values["songs"], &report.values["train_songs"]), (&json!(6), &json!(4)));
        assert_eq!(report.values["left_out_reasons"], json!({"not plain 4/4": 2, "too short": 1}));
        assert_eq!((&report.values["files"], &report.values["bars"]), (&json!(9), &json!(135)));
        assert!(
            report.summary.starts_with("made: 6 songs, 135 bars (4 to train, 2 to validate, 0 to test); 3 left out")
        );
    }

    #[test]
    fn quantiles_by_hand() {
        assert_eq!(quantiles((0..=100).map(f64::from)), [5.0, 25.0, 50.0, 75.0, 95.0]);
        assert!(quantiles(std::iter::empty()).is_empty());
    }
}
