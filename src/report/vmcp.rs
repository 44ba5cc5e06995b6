//! The page of `eval.vmcp`: how well composed pieces go with their videos, in tables. One HTML file, no network, no scripts.

use serde_json::Value;

use super::page::{escape, table};
use crate::eval::vmcp_figures::{Comparison, Experiment, Row};

pub(crate) fn page(experiment: &Experiment, retrieval: &Value) -> String {
    let title = format!("Music composed to {} videos", experiment.videos);
    let body = [heading(experiment, &title), rows(experiment), comparisons(experiment), found(retrieval)];
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"generator\" content=\"cuesmith\"><title>{title}</title>\n<style>\n{style}</style></head>\n\
         <body><main>\n{body}<footer>Made by cuesmith. This page needs no network.</footer>\n</main></body></html>\n",
        title = escape(&title),
        style = include_str!("page/style.css"),
        body = body.concat(),
    )
}

fn heading(experiment: &Experiment, title: &str) -> String {
    format!(
        "<h1>{}</h1>\n<p class=\"lead\">{} s of each, features as input. Scored by encoders that took no part in composing or \
         picking; ranks are those of the own video among 64. Measures and limits are told in docs/vmcp.md.</p>\n",
        escape(title),
        experiment.seconds
    )
}

fn rows(experiment: &Experiment) -> String {
    let row = |(name, row): (&&str, &Row)| {
        let shares = [row.p1, row.p5, row.p10, row.p20].map(|share| format!("{:.1} %", 100.0 * share));
        let mut cells = vec![(*name).to_owned()];
        cells.extend(shares);
        cells.push(format!("{:.1}", row.mean_rank));
        cells.push(margin(row.margin, row.interval));
        cells.push(row.about.to_owned());
        cells
    };
    let rows: Vec<Vec<String>> = experiment.rows.iter().map(row).collect();
    let heads = ["set", "P@1", "P@5", "P@10", "P@20", "mean rank", "margin (95 %)", "what it is"];
    format!("<h2>Sets</h2>\n{}\n", table("Sets of pieces", &heads, rows.iter()))
}

fn comparisons(experiment: &Experiment) -> String {
    let row = |(name, found): (&String, &Comparison)| {
        vec![name.clone(), margin(found.margin, found.interval), format!("{:.3}", found.detectable)]
    };
    let rows: Vec<Vec<String>> = experiment.comparisons.iter().map(row).collect();
    let heads = ["sets", "difference of margins (95 %)", "least difference that so many videos show"];
    format!("<h2>Differences, video by video</h2>\n{}\n", table("Differences", &heads, rows.iter()))
}

/// What eval.retrieval found, cross-validated.
fn found(retrieval: &Value) -> String {
    let Some(all) = retrieval.as_object().filter(|all| !all.is_empty()) else { return String::new() };
    let figures = all.iter().filter(|(_, figures)| figures.get("mean_rank").is_some());
    let row = |(name, figures): (&String, &Value)| {
        let share = |key: &str| format!("{:.1} %", 100.0 * figures[key].as_f64().unwrap_or_default());
        let rank = format!("{:.1}", figures["mean_rank"].as_f64().unwrap_or_default());
        vec![name.clone(), share("p1"), share("p5"), share("p10"), share("p20"), rank, figures["videos"].to_string()]
    };
    let rows: Vec<Vec<String>> = figures.map(row).collect();
    let heads = ["encoders", "P@1", "P@5", "P@10", "P@20", "mean rank", "videos"];
    format!("<h2>Real music found by its video</h2>\n{}\n", table("Retrieval", &heads, rows.iter()))
}

fn margin(mean: f64, [low, high]: [f64; 2]) -> String {
    format!("{mean:.3} ({low:.3} to {high:.3})")
}
