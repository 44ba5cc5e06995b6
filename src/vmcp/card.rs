//! The card of a pair of encoders.

use std::fmt::Write;

use super::{Choice, Clips, Encoder, HEAD_SECONDS, Pool, Retrieval, TAIL_SECONDS, Trial, curves, mixing::RANK};
use crate::{digest::Digest, seed::Seed};

pub(crate) struct Card<'a> {
    pub(crate) name: &'a str,
    pub(crate) clips: &'a Clips,
    /// What was learned from, and from how many.
    pub(crate) from: &'a str,
    pub(crate) learned: usize,
    pub(crate) encoder: &'a Encoder,
    pub(crate) pool: &'a Pool,
    pub(crate) choice: Choice,
    /// On the test split.
    pub(crate) trial: &'a Trial,
    pub(crate) seed: Seed,
    /// The file.
    pub(crate) bytes: &'a [u8],
}

impl Card<'_> {
    pub(crate) fn markdown(&self) -> String {
        let Self { name, clips, from, learned, encoder, pool, choice, trial, seed, bytes } = self;
        let mut text = format!(
            "# {name}.safetensors\n\nTells how well music goes with a picture (VMCP): two encoders, and codes of music to compare \
             with.\n\n| what | |\n|---|---|\n"
        );
        let mut row = |what: &str, value: &str| {
            let _ = writeln!(text, "| {what} | {value} |");
        };
        row("file", &format!("{} bytes, safetensors, BLAKE3 `{}`", bytes.len(), Digest::of(bytes)));
        row("learned from", &format!("{} ({}): {learned} videos, {from}", clips.name, clips.terms));
        row("inside", &format!("first {HEAD_SECONDS} s and last {TAIL_SECONDS} s of each left out"));
        let seen = match encoder.channels() {
            super::Channels::Default => "valence, arousal, motion, cuts, a row a second",
            super::Channels::Clip => "valence, arousal, motion, cuts, CLIP's features, a row a second",
        };
        row("picture", seen);
        row(
            "music",
            "chords in C major or A minor, loudness, notes that sound, a row a second; register is not in the data",
        );
        row(
            "places",
            &format!("canonical correlations of pooled channels, 6 directions, ridge {}", choice.place_ridge),
        );
        row(
            "curves",
            &format!(
                "Fisher's discriminant on products of {} curves of the picture and {} of the music, ridge {}, \
                 as {RANK} mixtures of each side; places count {:.2}",
                encoder.channels().picture_curves(),
                curves::MUSIC.len(),
                choice.curve_ridge,
                choice.place_weight
            ),
        );
        row("pool", &format!("{} pieces of music of the validation split, as codes", pool.len()));
        row("seed", &format!("{} (BLAKE3 of the stage's seed, first eight digits)", seed.short()));
        let _ = writeln!(
            text,
            "\nThe own music of {} test videos among 64, which no encoder has learned from:\n\n\
             | | P@1 | P@5 | P@10 | P@20 | mean rank |\n|---|---|---|---|---|---|",
            trial.encoder.videos
        );
        for (what, found) in [
            ("encoders", &trial.encoder),
            ("linear reference (places alone)", &trial.cca),
            ("curves alone", &trial.curves),
            ("encoders, music turned in time", &trial.turned),
        ] {
            let Retrieval { p1, p5, p10, p20, mean_rank, .. } = found;
            let _ = writeln!(text, "| {what} | {p1:.3} | {p5:.3} | {p10:.3} | {p20:.3} | {mean_rank:.1} |");
        }
        text.push_str("| chance | 0.016 | 0.078 | 0.156 | 0.313 | 32.5 |\n");
        text.push_str(LIMITS);
        text
    }
}

const LIMITS: &str = "
What it knows is what music videos do: pictures are cut and moved to finished songs. Most of it is alignment: loudness that
rises and falls with motion, cuts and changes of scene. It is no judge of taste. The data have no stated licence and are for
research; no recording, picture or track of them is in the file, only weights and the pool's codes:
three learned mixtures of eight curves a piece.
";
