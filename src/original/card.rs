//! The card of an index: what it knows, what it takes for copying, and what real songs share.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::{Value, json};

use super::{
    copied::{Copied, Voice},
    grams::{LONGEST_STEPS, ONSETS},
    index::Index,
    sequence::FEWEST_OWN,
    survey::{EXCERPT_BARS, Survey, quantile},
};
use crate::{artifact::Report, digest::Digest, music::STEPS_PER_BEAT};

pub(crate) struct Card<'a> {
    pub(crate) index: &'a Index,
    pub(crate) survey: &'a Survey,
    pub(crate) digest: Digest,
    pub(crate) bytes: usize,
}

/// Runs of so many beats are counted: two bars.
const LONG_BEATS: f64 = 8.0;
const SHARES: [f64; 5] = [0.25, 0.5, 0.75, 0.9, 1.0];
const VOICES: [(Option<Voice>, &str); 3] =
    [(Some(Voice::Melody), "melody"), (Some(Voice::Accompaniment), "accompaniment"), (None, "longer of both")];

impl Card<'_> {
    pub(crate) fn markdown(&self) -> String {
        let label = &self.index.label;
        let mut text =
            "# original.safetensors\n\nFinds passages of the training songs in a piece, in any key and at any \
                        bar.\n\n| what | |\n|---|---|\n"
                .to_owned();
        let mut row = |what: &str, value: String| {
            let _ = writeln!(text, "| {what} | {value} |");
        };
        row("file", format!("{} bytes, safetensors, BLAKE3 `{}`", self.bytes, self.digest));
        row(
            "made from",
            format!("{} (licence: {}), {} training songs", label.corpus, label.licence, label.songs.len()),
        );
        for voice in Voice::ALL {
            let sequence = self.index.sequence(voice);
            let (places, common) = (sequence.prints().len(), sequence.common_share() * 100.0);
            row(voice.name(), format!("{places} n-grams in their order, {common:.0} % of them common property"));
        }
        row("n-gram", format!("{ONSETS} onsets: intervals and steps between them, hashed to 15 bits"));
        row("phrase", format!("no n-gram reaches over a rest of more than {} beats", LONGEST_STEPS / STEPS_PER_BEAT));
        row("common property", format!("an n-gram that stands in more than {} songs", label.common_songs));
        let _ = writeln!(
            text,
            "\nA copied run is a passage of one training song: n-grams that follow each other there as here, at least \
             {FEWEST_OWN} of\nthem not common property, from the first such one to the last. Its beats are counted from \
             onset to onset.\n\nLongest runs of the test songs, in beats, by the share of songs that stay at or under \
             them:\n\n{}",
            self.table()
        );
        let _ = writeln!(text, "{}", self.versions());
        text.push_str(LIMITS);
        text
    }

    pub(crate) fn report(&self) -> Report {
        let beats = |songs: &[[Copied; 2]]| -> Value {
            let by_voice = |(voice, name): (Option<Voice>, &str)| (name.replace(' ', "_"), Survey::beats(songs, voice));
            json!(VOICES.map(by_voice).into_iter().collect::<BTreeMap<_, _>>())
        };
        let values = BTreeMap::from([
            ("songs".to_owned(), json!(self.index.label.songs.len())),
            ("test_beats".to_owned(), beats(&self.survey.whole)),
            ("test_excerpt_beats".to_owned(), beats(&self.survey.excerpts)),
            ("versions".to_owned(), json!(self.survey.versions)),
        ]);
        Report { passed: None, summary: self.summary(), values }
    }

    fn summary(&self) -> String {
        let beats = Survey::beats(&self.survey.excerpts, None);
        let (median, longest) = (quantile(&beats, 0.5), quantile(&beats, 1.0));
        format!(
            "Real songs against {} training songs: {EXCERPT_BARS} bars share {median} beats in the median, {longest} at \
             most.",
            self.index.label.songs.len()
        )
    }

    fn table(&self) -> String {
        let shares: Vec<String> = SHARES.iter().map(|share| format!("{:.0} %", share * 100.0)).collect();
        let mut table = format!("| | {} | {LONG_BEATS} beats or more |\n|---|", shares.join(" | "));
        table.push_str(&"---|".repeat(SHARES.len() + 1));
        for (songs, what) in [(&self.survey.whole, "whole songs"), (&self.survey.excerpts, "excerpts")] {
            for (voice, name) in VOICES {
                let beats = Survey::beats(songs, voice);
                let cells = SHARES.map(|share| quantile(&beats, share).to_string()).join(" | ");
                let long = beats.iter().filter(|beats| **beats >= LONG_BEATS).count();
                let _ = write!(table, "\n| {what}, {name} | {cells} | {long} of {} |", beats.len());
            }
        }
        let _ = writeln!(table, "\n\nAn excerpt is the {EXCERPT_BARS} bars in the middle of a song.");
        table
    }

    fn versions(&self) -> String {
        let pair = |(song, other, beats): &(String, String, f64)| format!("{song} and {other} ({beats} beats)");
        let pairs: Vec<String> = self.survey.versions.iter().map(pair).collect();
        let pairs = if pairs.is_empty() { "none".to_owned() } else { pairs.join(", ") };
        format!("Songs of the set that are versions of a training song, by their melodies: {pairs}.")
    }
}

const LIMITS: &str = "
Not found: passages at half or double time, with other ornaments, or with the accompaniment's notes dealt otherwise; copies
of songs that are not in the index. Three n-grams in a row match by chance at one pair of places in 2^45: a piece of 1,000
notes has 2^29 such pairs, so one piece in 65,000. A run is reported one note too long at one end in 2^15.
";
