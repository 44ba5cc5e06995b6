//! The card of a weight file: what it is, what it learned from, how good it is, and what it must not be taken for.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::{Value, json};

use super::{History, Settings};
use crate::{
    artifact::Report,
    corpus::{Corpus, Split},
    digest::Digest,
    model::{
        Part,
        ngram::{self, Score},
        weights::Label,
    },
    seed::Seed,
};

/// All that is known of a training at its end.
pub(crate) struct Card<'a> {
    pub(crate) label: &'a Label,
    pub(crate) corpus: &'a Corpus,
    pub(crate) settings: Settings,
    pub(crate) seed: Seed,
    /// Parameters of the network.
    pub(crate) weights: usize,
    pub(crate) history: &'a History,
    /// Names of a token's factors, in order.
    pub(crate) factors: &'a [&'a str],
    /// Nats a token by factor on all validation and all test windows.
    pub(crate) validation: Vec<f64>,
    pub(crate) test: Vec<f64>,
    /// The n-grams on the same test windows.
    pub(crate) ngrams: Vec<Score>,
    pub(crate) digest: Digest,
    pub(crate) bytes: usize,
}

impl Card<'_> {
    pub(crate) fn markdown(&self) -> String {
        let (part, about) = about(self.label.part);
        let corpus = self.corpus;
        let Settings { steps, batch, learning_rate, weight_decay, .. } = self.settings;
        let config = self.label.config;
        let best = self.history.best();
        let last = self.history.looks.last();
        let mut text = format!("# {part}.safetensors\n\n{about}\n\n| what | |\n|---|---|\n");
        let mut row = |what: &str, value: String| {
            let _ = writeln!(text, "| {what} | {value} |");
        };
        row("file", format!("{} bytes, f16 safetensors, BLAKE3 `{}`", self.bytes, self.digest));
        row("size", format!("{} parameters, {} layers, width {}", self.weights, config.layers, config.width));
        row("learned from", format!("{} (licence: {})", corpus.name, corpus.licence));
        row("songs", self.songs());
        row("left out", left_out(corpus));
        row("conditions", listed(&self.label.channels));
        row("seed", format!("{} (BLAKE3 of the stage's seed, first eight digits)", self.seed.short()));
        row(
            "training",
            format!(
                "AdamW, highest rate {learning_rate}, weight decay {weight_decay}, {batch} windows a step, {steps} steps planned"
            ),
        );
        row(
            "dropout",
            format!("{} of activations, {} of windows without conditions", config.dropout, config.condition_dropout),
        );
        row(
            "taken",
            format!("{} steps, {} tokens", last.map_or(0, |look| look.step), last.map_or(0, |look| look.tokens)),
        );
        row(
            "kept",
            format!(
                "the averaged weights of step {}, the best look at the validation songs",
                best.map_or(0, |look| look.step)
            ),
        );
        let _ = writeln!(text, "\nNats a token, the fewer the better:\n\n{}", self.table());
        let _ = writeln!(text, "{}", self.verdict());
        text.push_str(LIMITS);
        text.push_str(if self.is_pop909() { POP909_LIMITS } else { "Plain 4/4: other metres were never seen.\n" });
        text
    }

    pub(crate) fn report(&self) -> Report {
        let by_factor = |nats: &[f64]| -> Value {
            self.factors
                .iter()
                .zip(nats)
                .map(|(&factor, &nats)| (factor.to_owned(), json!(nats)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        let ngrams: Value = self
            .ngrams
            .iter()
            .map(|score| (score.order.to_string(), json!(score.total())))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let values = BTreeMap::from([
            ("test_nats".to_owned(), json!(total(&self.test))),
            ("test_nats_by_factor".to_owned(), by_factor(&self.test)),
            ("validation_nats".to_owned(), json!(total(&self.validation))),
            ("validation_nats_by_factor".to_owned(), by_factor(&self.validation)),
            ("ngram_test_nats_by_order".to_owned(), ngrams),
            ("parameters".to_owned(), json!(self.weights)),
            ("steps_taken".to_owned(), json!(self.history.looks.last().map_or(0, |look| look.step))),
            ("best_step".to_owned(), json!(self.history.best().map_or(0, |look| look.step))),
            ("looks".to_owned(), json!(self.history.looks)),
        ]);
        Report { passed: None, summary: self.verdict(), values }
    }

    /// One line: the model against the n-grams.
    fn verdict(&self) -> String {
        let model = total(&self.test);
        match ngram::best(&self.ngrams) {
            Some(best) => format!(
                "Test: {model:.3} nats a token, {:.1} % below the best n-gram (order {}, {:.3}).",
                100.0 * (1.0 - model / best.total()),
                best.order,
                best.total()
            ),
            None => format!("Test: {model:.3} nats a token."),
        }
    }

    fn is_pop909(&self) -> bool {
        self.corpus.name == "POP909"
    }

    fn songs(&self) -> String {
        let count = |split| self.corpus.songs.iter().filter(|song| song.split == split).count();
        let (train, validation, test) = (count(Split::Train), count(Split::Validation), count(Split::Test));
        if self.is_pop909() {
            format!("{train} to train, {validation} to validate (numbers ending in 9), {test} to test (ending in 0)")
        } else {
            format!("{train} to train, {validation} to validate, {test} to test")
        }
    }

    fn table(&self) -> String {
        let mut table =
            format!("| | {} | all |\n|---|{}---|\n", self.factors.join(" | "), "---|".repeat(self.factors.len()));
        let mut row = |what: String, nats: &[f64]| {
            let cells: Vec<String> = nats.iter().map(|nats| format!("{nats:.3}")).collect();
            let _ = writeln!(table, "| {what} | {} | {:.3} |", cells.join(" | "), total(nats));
        };
        row("this model, test".into(), &self.test);
        row("this model, validation".into(), &self.validation);
        if let Some(score) = self.ngrams.iter().find(|score| score.order == ngram::QUOTED) {
            row(format!("{}-gram, test", score.order), &score.nats);
        }
        if let Some(score) = ngram::best(&self.ngrams).filter(|score| score.order != ngram::QUOTED) {
            row(format!("best n-gram ({}), test", score.order), &score.nats);
        }
        table
    }
}

const LIMITS: &str = "
The n-grams are interpolated Witten-Bell over the same factors of the same windows, without conditions. The test songs
were looked at once, at the end. Token counts, not seconds of music, are what is averaged over. ";

const POP909_LIMITS: &str = "The songs are Chinese
pop in piano arrangements, plain 4/4: other metres, styles and instruments were never seen.
";

fn about(part: Part) -> (&'static str, &'static str) {
    match part {
        Part::Chords => ("chords", "Composes the chords, two a bar, in C major or A minor, for a plan of bars."),
        Part::Melody => ("melody", "Composes a one-voiced melody over given chords and bar conditions."),
        Part::Accompaniment => {
            ("accompaniment", "Composes a piano accompaniment to given chords, melody and bar conditions.")
        }
    }
}

fn left_out(corpus: &Corpus) -> String {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, reason) in &corpus.left_out {
        *reasons.entry(reason.split(':').next().unwrap_or_default()).or_default() += 1;
    }
    let reasons: Vec<String> = reasons.iter().map(|(reason, songs)| format!("{songs} {reason}")).collect();
    listed(&reasons)
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn total(nats: &[f64]) -> f64 {
    nats.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        corpus::Song,
        model::{Config, training::Look},
        music::Mode,
    };

    fn song(id: &str, split: Split) -> Song {
        let (chords, melody, accompaniment) = (vec![], vec![], vec![]);
        Song {
            id: id.into(),
            split,
            mode: Mode::Major,
            bpm: 90.0,
            bars: 0,
            chords,
            melody,
            accompaniment,
            affect: vec![],
            picture: vec![],
        }
    }

    #[test]
    fn says_what_it_is_and_how_good() {
        let corpus = Corpus {
            name: "POP909".into(),
            licence: "MIT".into(),
            songs: vec![
                song("001", Split::Train),
                song("002", Split::Train),
                song("009", Split::Validation),
                song("010", Split::Test),
            ],
            left_out: vec![
                ("014".into(), "not plain 4/4: 2 beats".into()),
                ("034".into(), "not plain 4/4: 3 beats".into()),
            ],
        };
        let label = Label {
            part: Part::Chords,
            config: Config { layers: 3, width: 96, dropout: 0.2, condition_dropout: 0.1, sees: false },
            channels: vec!["valence".into(), "bars_left".into()],
            version: 1,
        };
        let look =
            |step, total: f64| Look { step, tokens: step as u64 * 100, train: total, validation: vec![total / 2.0; 2] };
        let history = History { looks: vec![look(10, 4.0), look(20, 3.0), look(30, 3.5)] };
        let card = Card {
            label: &label,
            corpus: &corpus,
            settings: Settings {
                steps: 50,
                batch: 16,
                learning_rate: 0.001,
                weight_decay: 0.05,
                validate_every: 10,
                patience: 9,
            },
            seed: Seed::master(1),
            weights: 1234,
            history: &history,
            factors: &["root", "quality"],
            validation: vec![1.5, 1.5],
            test: vec![1.25, 1.5],
            ngrams: vec![Score { order: 5, nats: vec![2.5, 3.0] }, Score { order: 6, nats: vec![2.0, 3.0] }],
            digest: Digest::of(b"weights"),
            bytes: 2600,
        };
        insta::assert_snapshot!(card.markdown());
        let report = card.report();
        assert_eq!(report.summary, "Test: 2.750 nats a token, 45.0 % below the best n-gram (order 6, 5.000).");
        assert_eq!(report.values["test_nats_by_factor"]["quality"], 1.5);
        assert_eq!((&report.values["best_step"], &report.values["steps_taken"]), (&json!(20), &json!(30)));
    }
}
