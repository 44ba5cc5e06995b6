//! `cuesmith status`: what runs now and what ran last. Reads files only, and works beside a running writer.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::jobs;
use crate::{
    error::Exit,
    report::{seconds, terminal},
    store::{Holder, Reader, RunEntry},
};

#[derive(Args)]
pub(super) struct StatusArgs {
    /// Folder of cache and weights
    #[arg(long, default_value = "store", value_name = "DIR")]
    store: PathBuf,
    /// How many of the last runs to show
    #[arg(long, default_value_t = 10, value_name = "N")]
    last: usize,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &StatusArgs) -> Exit {
    let reader = Reader::new(&args.store);
    let (holder, runs) = (reader.holder(), reader.runs(args.last));
    if args.json {
        terminal::line(json!({ "running": holder }));
        for run in &runs {
            terminal::line(json!({ "run": run, "state": state(run, holder.as_ref()) }));
        }
        return Exit::Done;
    }
    terminal::line(holder.as_ref().map_or_else(|| "nothing runs".to_owned(), |holder| format!("running: {holder}")));
    for run in &runs {
        terminal::line(line(run, holder.as_ref()));
    }
    if let Some(counts) = jobs::counts(&jobs::all(&reader)) {
        terminal::line(format_args!("watched folders: {counts}; `cuesmith jobs` lists them"));
    }
    Exit::Done
}

fn line(run: &RunEntry, holder: Option<&Holder>) -> String {
    let inputs = match run.inputs.as_slice() {
        [] => String::new(),
        [input] => format!(" {input}"),
        [first, rest @ ..] => format!(" {first} and {} more", rest.len()),
    };
    let figures = run.end.map_or_else(String::new, |end| {
        let made = format!("{} hits, {} made, {} failed", end.hits, end.misses, end.failed);
        format!(" in {}: {made}", seconds(end.seconds))
    });
    format!("{}  {}{inputs}: {}{figures}", when(run.started_ms), run.recipe, state(run, holder))
}

/// A run without an end whose process does not hold the store was killed.
fn state(run: &RunEntry, holder: Option<&Holder>) -> &'static str {
    let exit = run.end.map(|end| end.exit);
    match exit {
        None if holder.is_some_and(|holder| holder.pid == run.pid) => "running",
        None => "killed",
        Some(exit) if exit == Exit::Done as u8 => "done",
        Some(exit) if exit == Exit::Interrupted as u8 => "interrupted",
        Some(exit) if exit == Exit::CheckFailed as u8 => "check failed",
        Some(_) => "failed",
    }
}

/// Local time.
pub(super) fn when(ms: i64) -> String {
    let Ok(time) = jiff::Timestamp::from_millisecond(ms) else { return "at an unknown time".to_owned() };
    time.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::RunEnd;

    fn entry(end: Option<u8>) -> RunEntry {
        let end = end.map(|exit| RunEnd { exit, seconds: 7.31, hits: 3, misses: 14, failed: 0 });
        let inputs = vec!["clip.mp4".to_owned(), "b.mp4".to_owned(), "c.mp4".to_owned()];
        RunEntry { pid: 7, started_ms: 1_764_000_000_000, recipe: "vlog".into(), inputs, end }
    }

    #[test]
    fn a_line_says_what_ran_and_how_it_ended() {
        let line = line(&entry(Some(0)), None);
        assert!(line.ends_with("  vlog clip.mp4 and 2 more: done in 7.3 s: 3 hits, 14 made, 0 failed"), "{line}");
    }

    #[test]
    fn who_has_no_end_and_no_lock_was_killed() {
        let holder = Holder { pid: 7, command: "cuesmith run".into(), since_ms: 0 };
        assert_eq!(state(&entry(None), Some(&holder)), "running");
        assert_eq!(state(&entry(None), None), "killed");
        let states = [4, 5, 3].map(|exit| state(&entry(Some(exit)), None));
        assert_eq!(states, ["check failed", "interrupted", "failed"]);
    }
}
