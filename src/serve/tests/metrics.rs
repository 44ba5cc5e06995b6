//! Figures for Prometheus.

use std::collections::BTreeMap;

use super::bed::{Bed, job};
use crate::watch::{FolderView, State, Totals};

#[test]
fn every_line_of_the_metrics_can_be_read() {
    let bed = Bed::new();
    bed.done("a", 1);
    bed.put(&job(&bed.path("in"), "b.mp4", State::Failed, 2));
    bed.board.change(|view| {
        view.held = Some("low on space".to_owned());
        view.totals = Totals { done: 4, stages_hit: 30, seconds: 12.5, ..Totals::default() };
        view.folders.push(FolderView {
            name: "in".to_owned(),
            path: "/in".to_owned(),
            out: "/out".to_owned(),
            recipe: "vlog".to_owned(),
            mode: "events".to_owned(),
            away: Some("it is not there".to_owned()),
        });
    });
    let answer = bed.get("/metrics");
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    let text = answer.text();
    assert!(text.ends_with("# EOF\n"));
    let read = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse::<f64>().unwrap_or_else(|error| panic!("{line}: {error}")))
    };
    let figures: BTreeMap<String, f64> = text.lines().filter(|line| !line.starts_with('#')).map(read).collect();
    for (name, value) in [
        ("cuesmith_jobs{state=\"done\"}", 1.0),
        ("cuesmith_jobs{state=\"failed\"}", 1.0),
        ("cuesmith_jobs{state=\"waiting\"}", 0.0),
        ("cuesmith_folders_away", 1.0),
        ("cuesmith_held", 1.0),
        ("cuesmith_done_total", 4.0),
        ("cuesmith_stages_hit_total", 30.0),
        ("cuesmith_job_seconds_total", 12.5),
    ] {
        assert_eq!(figures.get(name), Some(&value), "{name} in {text}");
    }
}
