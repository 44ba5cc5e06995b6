//! The page of `eval.music`: composed pieces beside real songs, in tables and pictures. One HTML file, no network, no scripts.

mod densities;

use std::collections::BTreeMap;

pub(crate) use self::densities::{Chart, draw};
use super::page::{escape, png_uri, table};
use crate::eval::{Metrics, SetFigures};

/// Why a picture could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("cannot draw the distributions: {0}")]
pub(crate) struct PictureError(pub(crate) String);

pub(crate) fn page(metrics: &Metrics, densities_png: &[u8]) -> String {
    let title = format!("{} composed pieces beside real songs", metrics.pieces);
    let body = [
        heading(metrics, &title),
        sets(&metrics.sets),
        distributions(metrics, densities_png),
        obedience(metrics),
        knobs(metrics),
        form(metrics),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"generator\" content=\"cuesmith\"><title>{title}</title>\n<style>\n{style}</style></head>\n\
         <body><main>\n{body}<footer>Made by cuesmith. This page needs no network.</footer>\n</main></body></html>\n",
        title = escape(&title),
        style = include_str!("../page/style.css"),
        body = body.concat(),
    )
}

fn heading(metrics: &Metrics, title: &str) -> String {
    let facts = [
        ("Overlap with real songs", share_of_ceiling(metrics.ratio_mean, metrics.ratio_min)),
        ("Degenerate takes", format!("{} of {}", metrics.degenerate, metrics.pieces)),
        ("End on the tonic, on a downbeat", format!("{} of {}", metrics.ends_on_tonic, metrics.pieces)),
        ("Longest run of a training song", copied(metrics)),
    ];
    let items = facts.iter().map(|(name, text)| format!("<li><b>{name}</b>: {}</li>", escape(text)));
    format!(
        "<h1>{}</h1>\n<p class=\"lead\">{} bars each. Measures, draws and limits are told in docs/evaluation.md.</p>\n\
         <ul class=\"verdicts\">{}</ul>\n",
        escape(title),
        metrics.bars,
        items.collect::<String>()
    )
}

fn copied(metrics: &Metrics) -> String {
    let found = &metrics.copied;
    format!(
        "{:.1} beats in a melody, {:.1} in an accompaniment (real test stretches: {:.1} and {:.1})",
        found.melody, found.accompaniment, found.real_melody, found.real_accompaniment
    )
}

fn share_of_ceiling(mean: Option<f64>, least: Option<f64>) -> String {
    format!(
        "{} of the real-against-real ceiling in the mean over the measures, {} in the least",
        number(mean),
        number(least)
    )
}

fn sets(sets: &[SetFigures]) -> String {
    let row = |set: &SetFigures| {
        vec![
            set.label.clone(),
            set.pieces.to_string(),
            number(set.ratio_mean),
            number(set.ratio_min),
            set.worst.unwrap_or("-").to_owned(),
            set.degenerate.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = sets.iter().map(row).collect();
    let heads = ["set", "pieces", "overlap / ceiling, mean", "least", "where", "degenerate"];
    format!("<h2>Sets beside each other</h2>\n{}\n", table("Sets", &heads, rows.iter()))
}

fn distributions(metrics: &Metrics, png: &[u8]) -> String {
    let rows = metrics.measures.iter().map(|(name, spread)| {
        vec![
            (*name).to_owned(),
            number(spread.mean),
            number(spread.real_mean),
            number(Some(spread.deviation)),
            number(Some(spread.real_deviation)),
            number(metrics.overlap.get(name).copied().flatten()),
            number(metrics.ceiling.get(name).copied().flatten()),
            number(metrics.ratio.get(name).copied().flatten()),
            number(spread.kl),
            number(spread.kl_ceiling),
            spread.about.to_owned(),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let heads = [
        "measure",
        "mean",
        "real",
        "deviation",
        "real",
        "overlap",
        "ceiling",
        "ratio",
        "KL",
        "KL of real",
        "what it is",
    ];
    format!(
        "<h2>Distributions</h2>\n<p class=\"lead\">Grey: real test songs. Blue: composed.</p>\n\
         <div class=\"scroll roll\" tabindex=\"0\" role=\"region\" aria-label=\"Distributions, scrolls sideways\">\
         <img alt=\"Density of each measure over composed pieces and real songs\" src=\"{}\"></div>\n{}\n",
        png_uri(png),
        table("Measures of composed pieces and real songs", &heads, rows.iter())
    )
}

fn obedience(metrics: &Metrics) -> String {
    let rows = metrics.obedience_detail.iter().map(|(channel, found)| {
        let real = metrics.obedience_real.get(channel);
        let theirs = [real.and_then(|real| real.within_phrases), real.and_then(|real| real.across)];
        let own = [found.within_phrases, found.within_bars, found.across, found.bias, found.error];
        let figures = own.into_iter().chain(theirs);
        std::iter::once((*channel).to_owned()).chain(figures.map(number)).collect::<Vec<_>>()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let heads = [
        "asked",
        "within pieces, phrases",
        "within, bars",
        "across pieces",
        "bias",
        "absolute error",
        "real: within, phrases",
        "across",
    ];
    let mode = metrics.obedience.get("mode").copied().flatten();
    format!(
        "<h2>Obedience</h2>\n<p class=\"lead\">Rank correlation of what was asked with what the MIDI files play. Mode as asked: {} \
         (of real songs {}).</p>\n{}\n",
        number(mode),
        number(metrics.mode_real),
        table("Obedience", &heads, rows.iter())
    )
}

fn knobs(metrics: &Metrics) -> String {
    let Some(serde_json::Value::Object(knobs)) = &metrics.knobs else { return String::new() };
    let list = |value: &serde_json::Value| {
        let values = value.as_array().into_iter().flatten().map(|value| number(value.as_f64()));
        values.collect::<Vec<_>>().join(", ")
    };
    let rows = knobs.iter().map(|(name, found)| {
        vec![
            name.clone(),
            list(&found["asked"]),
            list(&found["heard"]),
            found["monotone"].to_string(),
            number(found["spearman"].as_f64()),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let heads = ["knob", "asked", "heard, mean", "rises at every step", "rank correlation, mean of pieces"];
    format!("<h2>One knob at a time</h2>\n{}\n", table("Knobs", &heads, rows.iter()))
}

/// Structure, clashes and voice leading against the real songs' quantiles; defects by piece.
fn form(metrics: &Metrics) -> String {
    let names = ["structure_4", "structure_8", "structure_16", "clash_rate", "voice_leading"];
    let rows = names.iter().filter_map(|name| Some((name, metrics.measures.get(name)?))).map(|(name, spread)| {
        let [low, _, middle, upper, high] = spread.real_quantiles;
        let figures = [spread.mean, low, middle, upper, high, spread.in_middle_80, spread.over_real_75];
        std::iter::once((*name).to_owned()).chain(figures.map(number)).collect::<Vec<_>>()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let heads = ["measure", "mean", "real 10 %", "50 %", "75 %", "90 %", "pieces within 10..90 %", "pieces over 75 %"];
    let degenerate: BTreeMap<&String, String> =
        metrics.degenerate_pieces.iter().map(|(piece, defects)| (piece, format!("{defects:?}"))).collect();
    let (flagged, of) = metrics.degenerate_real;
    let list = degenerate.iter().map(|(piece, defects)| format!("<li>{}: {}</li>", escape(piece), escape(defects)));
    format!(
        "<h2>Form, clashes, voice leading</h2>\n{}\n<p>Degenerate: {} of {} pieces; of real stretches {flagged} of {of}.</p><ul>{}</ul>\n",
        table("Form", &heads, rows.iter()),
        metrics.degenerate,
        metrics.pieces,
        list.collect::<String>()
    )
}

fn number(value: Option<f64>) -> String {
    match value {
        None => "-".to_owned(),
        Some(value) if value.abs() >= 100.0 => format!("{value:.0}"),
        Some(value) if value.abs() >= 10.0 => format!("{value:.1}"),
        Some(value) => format!("{value:.2}"),
    }
}
