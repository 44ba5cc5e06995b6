//! The card of a meter: what it learned from, how well it tells what people feel, and what it must not be taken for.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::json;

use super::{meter::MeterKind, simple, training::Trained};
use crate::{artifact::Report, corpus::Ratings, digest::Digest, seed::Seed};

pub(crate) struct Card<'a> {
    pub(crate) trained: &'a Trained,
    pub(crate) ratings: &'a Ratings,
    pub(crate) seed: Seed,
    /// The file.
    pub(crate) bytes: &'a [u8],
}

impl Card<'_> {
    pub(crate) fn markdown(&self) -> String {
        let Trained {
            settings,
            pieces,
            windows,
            over_pieces,
            over_windows,
            within_pieces,
            over_games,
            with_other_kind,
            ..
        } = self.trained;
        let (about, features, learner) = match settings.kind {
            MeterKind::Ridge => (
                "Measures how glad and how excited music sounds. Labels the training songs.",
                simple::NAMES.join(", "),
                format!("ridge regression, pull {}", settings.pull),
            ),
            MeterKind::Kernel => (
                "Measures how glad and how excited music sounds, by other means than music_affect. Only judges: nothing is \
                 trained on what it says.",
                "histograms of scale degrees, steps of the top line, intervals over the bass, lengths, waits, pitches, \
                 velocities, chord sizes, rates; degrees of all likely keys"
                    .to_owned(),
                format!("kernel ridge regression, pull {}, fading {}", settings.pull, settings.fading),
            ),
        };
        let mut text = format!("# {}.safetensors\n\n{about}\n\n| what | |\n|---|---|\n", settings.kind.file_stem());
        let mut row = |what: &str, value: &str| {
            let _ = writeln!(text, "| {what} | {value} |");
        };
        row("file", &format!("{} bytes, f32 safetensors, BLAKE3 `{}`", self.bytes.len(), Digest::of(self.bytes)));
        row("learned from", &format!("{} ({})", self.ratings.name, self.ratings.terms));
        row("pieces", &format!("{pieces} rated, {} left out", self.ratings.left_out.len()));
        let learned = if settings.kind == MeterKind::Kernel { "also learned from" } else { "only tried on" };
        row("windows", &format!("{windows} of 32 beats, at most four a piece, {learned}"));
        row("features", &features);
        row("learner", &learner);
        row(
            "seed",
            &format!("{} (BLAKE3 of the stage's seed, first eight digits): deals the folds", self.seed.short()),
        );
        let _ = writeln!(text, "\nPearson's r of held-out pieces:\n\n| | valence | arousal |\n|---|---|---|");
        let mut row = |what: &str, [valence, arousal]: [f64; 2]| {
            let _ = writeln!(text, "| {what} | {valence:.3} | {arousal:.3} |");
        };
        row("10 folds over pieces, against people (mean of 5 deals)", *over_pieces);
        row("32 beats of held-out pieces, against people's rating of the piece", *over_windows);
        row("32 beats of held-out pieces, against people's curves, both less the piece's mean", *within_pieces);
        row("10 folds over games, against people", *over_games);
        row("10 folds over pieces, against the other kind of meter", *with_other_kind);
        text.push_str(LIMITS);
        text
    }

    pub(crate) fn report(&self) -> Report {
        let Trained {
            settings,
            pieces,
            windows,
            over_pieces,
            over_windows,
            within_pieces,
            over_games,
            with_other_kind,
            ..
        } = self.trained;
        let pair = |[valence, arousal]: [f64; 2]| json!({ "valence": valence, "arousal": arousal });
        let [valence, arousal] = over_pieces;
        Report {
            passed: None,
            summary: format!("10 folds over {pieces} pieces: r = {valence:.3} for valence, {arousal:.3} for arousal."),
            values: BTreeMap::from([
                ("meter".to_owned(), json!(settings.kind)),
                ("pieces".to_owned(), json!(pieces)),
                ("pull".to_owned(), json!(settings.pull)),
                ("r_over_pieces".to_owned(), pair(*over_pieces)),
                ("windows".to_owned(), json!(windows)),
                ("r_over_windows".to_owned(), pair(*over_windows)),
                ("r_within_pieces".to_owned(), pair(*within_pieces)),
                ("r_over_games".to_owned(), pair(*over_games)),
                ("r_with_other_kind".to_owned(), pair(*with_other_kind)),
                ("left_out".to_owned(), json!(self.ratings.left_out)),
            ]),
        }
    }
}

const LIMITS: &str = "
Settings were chosen from a small grid by one deal of the folds; the figures are means over five deals. Ratings are of
piano arrangements of video game music: what sounds, not how it is recorded, and no other styles. A window of eight bars
is measured less surely than a piece, and how windows of a piece differ less surely than how pieces do.
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::affect::{train, training::tests::ratings};

    #[test]
    fn says_data_terms_folds_and_figures() {
        let ratings = ratings(24);
        for kind in [MeterKind::Ridge, MeterKind::Kernel] {
            let trained = train(&ratings, kind, Seed::master(1)).unwrap();
            let bytes = trained.meter.to_bytes();
            let card = Card { trained: &trained, ratings: &ratings, seed: Seed::master(1), bytes: &bytes };
            let text = card.markdown();
            assert!(text.starts_with(&format!("# {}.safetensors", kind.file_stem())), "{text}");
            let r = format!("| {:.3} | {:.3} |", trained.over_pieces[0], trained.over_pieces[1]);
            for part in ["made (none)", "24 rated, 0 left out", &Digest::of(&bytes).to_string(), &r] {
                assert!(text.contains(part), "{part} is not in {text}");
            }
            assert_eq!(card.report().values["r_over_pieces"]["valence"], trained.over_pieces[0]);
        }
    }
}
