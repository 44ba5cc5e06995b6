//! The card of a picture meter.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::json;

use super::training::{DEALS, FADING, FOLDS, PULL, TrainedPicture};
use crate::{artifact::Report, corpus::RatedPictures, digest::Digest, seed::Seed};

pub(crate) struct PictureCard<'a> {
    pub(crate) trained: &'a TrainedPicture,
    pub(crate) rated: &'a RatedPictures,
    pub(crate) seed: Seed,
    /// The file.
    pub(crate) bytes: &'a [u8],
}

impl PictureCard<'_> {
    pub(crate) fn markdown(&self) -> String {
        let TrainedPicture { pictures, themes, over_themes, range, meter } = self.trained;
        let mut text = HEAD.to_owned();
        let mut row = |what: &str, value: &str| {
            let _ = writeln!(text, "| {what} | {value} |");
        };
        row("file", &format!("{} bytes, f16 safetensors, BLAKE3 `{}`", self.bytes.len(), Digest::of(self.bytes)));
        row("learned from", &format!("{} ({})", self.rated.name, self.rated.terms));
        row(
            "pictures",
            &format!(
                "{pictures} photographs of {themes} themes; the file holds what the network sees of each, no picture"
            ),
        );
        row(
            "features",
            "roots of the 1,280 pooled features of EfficientNet-Lite0, as deviations from the photographs' mean",
        );
        row("learner", &format!("kernel ridge regression, pull {PULL}, fading {FADING}"));
        let seed = self.seed.short();
        row("seed", &format!("{seed} (BLAKE3 of the stage's seed, first eight digits): deals the folds"));
        for (side, calibration) in ["valence", "arousal"].into_iter().zip(meter.calibrations) {
            let [low, middle, high] = calibration.values;
            let placed = "5, 50 and 95 % of held-out photographs, are placed at -0.8, 0 and 0.8";
            row(&format!("scale of {side}"), &format!("ratings (-1..1) of {low:.3}, {middle:.3}, {high:.3}, {placed}"));
        }
        let _ = writeln!(
            text,
            "\nPearson's r of held-out photographs with people's mean ratings, {FOLDS} folds of whole themes, {DEALS} deals:\n\n\
             | | mean | least | most |\n|---|---|---|---|"
        );
        for (side, (mean, [least, most])) in ["valence", "arousal"].into_iter().zip(over_themes.iter().zip(range)) {
            let _ = writeln!(text, "| {side} | {mean:.3} | {least:.3} | {most:.3} |");
        }
        text.push_str(LIMITS);
        text
    }

    pub(crate) fn report(&self) -> Report {
        let TrainedPicture { pictures, themes, over_themes: [valence, arousal], range, .. } = self.trained;
        Report {
            passed: None,
            summary: format!(
                "{FOLDS} folds of {themes} themes, {pictures} photographs: r = {valence:.3} for valence, {arousal:.3} for arousal."
            ),
            values: BTreeMap::from([
                ("pictures".to_owned(), json!(pictures)),
                ("themes".to_owned(), json!(themes)),
                ("r_over_themes".to_owned(), json!({ "valence": valence, "arousal": arousal })),
                ("r_least_and_most".to_owned(), json!({ "valence": range[0], "arousal": range[1] })),
            ]),
        }
    }
}

const HEAD: &str = "# picture_affect.safetensors

Measures how pleasant and how exciting a picture is, from what EfficientNet-Lite0 sees of it (feature.semantic).

| what | |
|---|---|
";

const LIMITS: &str = "
Pull, fading and the roots were chosen on folds like these, so the figures flatter a little. People rated photographs, one at a
time, without sound or story: what a scene means in a film is not in it. Pictures of wounds and nudity were left out of the
training data, so the far ends of the scales are unknown. Only the middle of a wide picture is seen.
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::affect::picture::{train, training::tests::made};

    #[test]
    fn says_data_terms_folds_and_figures() {
        let (rated, semantic) = made(40);
        let trained = train(&rated, &semantic, Seed::master(1), |_| ()).unwrap();
        let bytes = trained.meter.to_bytes();
        let card = PictureCard { trained: &trained, rated: &rated, seed: Seed::master(1), bytes: &bytes };
        let text = card.markdown();
        let r = format!("| valence | {:.3} |", trained.over_themes[0]);
        for part in ["made (none)", "40 photographs of 20 themes", &Digest::of(&bytes).to_string(), &r, "8 folds"] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert_eq!(card.report().values["r_over_themes"]["valence"], trained.over_themes[0]);
    }
}
