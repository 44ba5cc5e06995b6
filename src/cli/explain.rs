//! `cuesmith explain`: for each stage, whether it would run and why. Takes no lock and starts no worker.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::{
    inputs::{self, Gathered},
    recipe_args::{RecipeArgs, fits_inputs},
    status::when,
    trouble::usage,
};
use crate::{
    error::Exit,
    report::terminal,
    run::{self, Device, Explained, Explanation, cached_clip},
    store::{Change, Reader},
};

#[derive(Args)]
pub(super) struct ExplainArgs {
    #[command(flatten)]
    recipe: RecipeArgs,
    /// The video
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Folder of cache and weights
    #[arg(long, default_value = "store", value_name = "DIR")]
    store: PathBuf,
    /// auto, cpu, cuda or cuda:N
    #[arg(long, default_value = "auto", value_name = "DEVICE")]
    device: String,
    /// As for run
    #[arg(long, value_name = "SECONDS", value_parser = super::run::preview_seconds)]
    preview: Option<f64>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &ExplainArgs) -> Exit {
    match explain(args) {
        Ok(stages) => {
            for stage in &stages {
                terminal::line(if args.json { json_line(stage) } else { line(stage) });
            }
            Exit::Done
        }
        Err(exit) => exit,
    }
}

fn explain(args: &ExplainArgs) -> Result<Vec<Explained>, Exit> {
    let device = Device::choose(&args.device).map_err(usage)?;
    let mut planned = args.recipe.plan()?;
    let Gathered { videos: inputs, refused, .. } = inputs::gather(args.input.as_slice());
    if let Some(error) = refused.first() {
        return Err(usage(error));
    }
    fits_inputs(&planned.plan, inputs.len())?;
    let (reader, preview_seconds) = (Reader::new(&args.store), args.preview.unwrap_or(0.0));
    let Some(input) = inputs.first() else { return Ok(run::explain(&reader, &planned.plan, None, device)) };
    if planned.asked_clip {
        match cached_clip(&reader, &planned.plan, input, preview_seconds, device) {
            Some(clip) => planned = args.recipe.plan_for(Some(&clip))?,
            None => terminal::note("note: the video was not read yet; clip() stands for a clip of 60 s"),
        }
    }
    let plan = planned.plan.for_input(input, preview_seconds);
    Ok(run::explain(&reader, &plan, Some(input), device))
}

fn line(stage: &Explained) -> String {
    let why = match &stage.state {
        Explanation::Hit { finished_ms, .. } => format!("hit      made {}", when(*finished_ms)),
        Explanation::Miss { changes, since_ms } => format!("miss     {}", reason(changes, *since_ms)),
        Explanation::Unknown { because, changes, since_ms } if !changes.is_empty() => {
            format!("miss     {}; and `{because}` runs", reason(changes, *since_ms))
        }
        Explanation::Unknown { because, .. } => format!("unknown  `{because}` runs before it"),
        Explanation::Unreadable { reason } => format!("broken   {reason}"),
    };
    format!("{:16} {why}", stage.stage)
}

fn reason(changes: &[Change], since_ms: Option<i64>) -> String {
    let all: Vec<_> =
        changes.iter().map(|change| format!("{}: {} -> {}", change.field, change.from, change.to)).collect();
    match (all.is_empty(), since_ms) {
        (true, None) => "never made".to_owned(),
        (true, Some(ms)) => format!("made {}, but the result is lost", when(ms)),
        (false, None) => all.join(", "),
        (false, Some(ms)) => format!("{} (since {})", all.join(", "), when(ms)),
    }
}

fn json_line(stage: &Explained) -> String {
    let mut object = json!({ "stage": stage.stage, "node": stage.node });
    let (state, more) = match &stage.state {
        Explanation::Hit { seconds, finished_ms } => ("hit", json!({ "seconds": seconds, "finished_ms": finished_ms })),
        Explanation::Miss { changes, since_ms } => {
            ("miss", json!({ "changes": json_changes(changes), "since_ms": since_ms }))
        }
        Explanation::Unknown { because, changes, since_ms } => {
            ("unknown", json!({ "because": because, "changes": json_changes(changes), "since_ms": since_ms }))
        }
        Explanation::Unreadable { reason } => ("broken", json!({ "reason": reason.to_string() })),
    };
    object["state"] = state.into();
    if let (Value::Object(object), Value::Object(more)) = (&mut object, more) {
        object.extend(more);
    }
    object.to_string()
}

fn json_changes(changes: &[Change]) -> Value {
    changes.iter().map(|change| json!({ "field": change.field, "from": change.from, "to": change.to })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::StageError;

    fn explained(state: Explanation) -> Explained {
        Explained { stage: "bed".into(), node: "mix.bed", state }
    }

    fn loudness() -> Vec<Change> {
        vec![Change { field: "loudness".into(), from: "-16.0".into(), to: "-14.0".into() }]
    }

    #[test]
    fn a_miss_names_the_field_and_both_values() {
        let miss = explained(Explanation::Miss { changes: loudness(), since_ms: Some(0) });
        assert!(
            line(&miss).starts_with("bed              miss     loudness: -16.0 -> -14.0 (since 19"),
            "{}",
            line(&miss)
        );
        let parsed: Value = serde_json::from_str(&json_line(&miss)).unwrap();
        assert_eq!(parsed["changes"], json!([{ "field": "loudness", "from": "-16.0", "to": "-14.0" }]));
        assert_eq!((&parsed["stage"], &parsed["state"]), (&json!("bed"), &json!("miss")));
    }

    #[test]
    fn every_state_has_its_words() {
        let unknown = |changes| Explanation::Unknown { because: "chords".into(), changes, since_ms: None };
        let lines = [
            Explanation::Miss { changes: vec![], since_ms: None },
            unknown(vec![]),
            unknown(loudness()),
            Explanation::Unreadable { reason: StageError::media("gm.sf2: gone") },
        ]
        .map(|state| line(&explained(state)));
        assert_eq!(
            lines,
            [
                "bed              miss     never made",
                "bed              unknown  `chords` runs before it",
                "bed              miss     loudness: -16.0 -> -14.0; and `chords` runs",
                "bed              broken   gm.sf2: gone",
            ]
        );
    }
}
