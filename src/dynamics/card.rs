//! The card of a model of dynamics.

use std::fmt::Write;

use super::Trained;
use crate::{
    digest::Digest,
    seed::Seed,
    vmcp::{Clips, HEAD_SECONDS, Interval, TAIL_SECONDS},
};

pub(crate) struct Card<'a> {
    pub(crate) name: &'a str,
    pub(crate) clips: &'a Clips,
    pub(crate) trained: &'a Trained,
    pub(crate) seed: Seed,
    /// The file.
    pub(crate) bytes: &'a [u8],
}

impl Card<'_> {
    pub(crate) fn markdown(&self) -> String {
        let Self { name, clips, trained, seed, bytes } = self;
        let mut text = format!(
            "# {name}.safetensors\n\nTells how loud music is over a picture, second by second, against its own mean.\n\n\
             | what | |\n|---|---|\n"
        );
        let mut row = |what: &str, value: &str| {
            let _ = writeln!(text, "| {what} | {value} |");
        };
        row("file", &format!("{} bytes, safetensors, BLAKE3 `{}`", bytes.len(), Digest::of(bytes)));
        let learned = format!(
            "{} ({}): {} videos, the half of the training split that scores no experiment",
            clips.name, clips.terms, trained.videos
        );
        row("learned from", &learned);
        row("inside", &format!("first {HEAD_SECONDS} s and last {TAIL_SECONDS} s of each left out"));
        row(
            "sees",
            "motion as it is and over 5, 11, 21 and 41 s, cuts over the same windows, the place in the video and its square",
        );
        row(
            "is",
            &format!(
                "a ridge regression, ridge {} of each feature's variance, chosen on the validation split",
                trained.ridge
            ),
        );
        row(
            "spread",
            &format!(
                "what motion and cuts tell is stretched {:.2} times, so that all together spreads as real music does",
                trained.dynamics.spread
            ),
        );
        row("seed", &format!("{} (BLAKE3 of the stage's seed, first eight digits)", seed.short()));
        let trial = &trained.trial;
        let r = |found: Interval| format!("{:.3} ({:.3} to {:.3})", found.mean, found.low, found.high);
        let _ = write!(
            text,
            "\nOn {} test videos: Pearson's r within each video, mean over videos with 95 % of resamples; error of every video \
             alike.\n\n| | r | RMSE, dB |\n|---|---|---|\n\
             | this model | {} | {:.2} |\n| a line on motion alone | {} | {:.2} |\n| the rule: motion over five bars | {} | |\n\
             | a constant | 0 | {:.2} |\n| this model less the line on motion | {} | |\n| this model less the rule | {} | |\n",
            trial.videos,
            r(trial.model),
            trial.model_rmse,
            r(trial.motion_alone),
            trial.motion_alone_rmse,
            r(trial.rule),
            trial.constant_rmse,
            r(trial.over_motion_alone),
            r(trial.over_rule),
        );
        text.push_str(LIMITS);
        text
    }
}

const LIMITS: &str = "
Most of what makes music loud or soft is its own form, which no picture tells. The data have no stated licence and are for
research; no recording, picture or track of them is in the file, only eleven weights.
";
