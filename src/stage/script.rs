//! Executors of the family `script`: artifacts to a script and back, checked.

use serde::de::DeserializeOwned;
use serde_json::Map;

use super::{Execute, StageContext};
use crate::{
    artifact::{Artifact, BarConditions, Chords, Conditions, CuePlan, Kind, Notes, Report, Score, ScoreTrack},
    digest::Digest,
    error::StageError,
    music::Note,
    script::{Bundle, HookCall, HookReply, NodeCall, call_hook},
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "script.conditions" => Some(conditions),
        "script.chords" => Some(chords),
        "script.notes" => Some(notes),
        "script.score" => Some(score),
        "script.report" => Some(report),
        _ => None,
    }
}

/// Ports whose artifacts are JSON, which is all of them.
const PORTS: [&str; 11] =
    ["media", "cuts", "color", "motion", "affect", "plan", "conditions", "chords", "melody", "accompaniment", "score"];

fn conditions(context: &mut StageContext) -> Result<(), StageError> {
    let (mut given, printed): (Conditions, _) = output(context)?;
    given.notes.extend(printed);
    let bars = context.optional_input::<CuePlan>("plan")?.map(|plan| plan.bars.len());
    if let Some(bars) = bars.filter(|bars| *bars != given.bars.len()) {
        return Err(wrong(context, &format!("gives {} bars; the plan has {bars}", given.bars.len())));
    }
    if let Some(bar) = given.bars.iter().position(|bar| !is_askable(bar)) {
        let limits =
            "valence and arousal -1 to 1, density and melody_density 0 to 64, dynamics 1 to 127, register 0 to 127";
        return Err(wrong(context, &format!("asks for what can't be at bar {}: allowed are {limits}", bar + 1)));
    }
    context.output("conditions", &given)
}

fn is_askable(bar: &BarConditions) -> bool {
    let unit = -1.0..=1.0;
    unit.contains(&bar.valence)
        && unit.contains(&bar.arousal)
        && (0.0..=64.0).contains(&bar.density)
        && (0.0..=64.0).contains(&bar.melody_density)
        && (1.0..=127.0).contains(&bar.dynamics)
        && (0.0..=127.0).contains(&bar.register)
}

fn chords(context: &mut StageContext) -> Result<(), StageError> {
    let (mut given, printed): (Chords, _) = output(context)?;
    given.notes.extend(printed);
    let lengths = |chords: &Chords| chords.takes.iter().map(Vec::len).collect::<Vec<_>>();
    let before = context.optional_input::<Chords>("chords")?;
    if let Some(before) = before.filter(|before| lengths(before).first() != lengths(&given).first()) {
        let (found, wanted) = (lengths(&given), lengths(&before));
        return Err(wrong(context, &format!("gives takes of {found:?} chords; there were {wanted:?}")));
    }
    context.output("chords", &given)
}

fn notes(context: &mut StageContext) -> Result<(), StageError> {
    let (mut given, _): (Notes, _) = output(context)?;
    let is_note = |note: &Note| note.pitch < 128 && (1..128).contains(&note.velocity) && note.duration > 0;
    if let Some(note) = given.takes.iter().flatten().find(|note| !is_note(note)) {
        let allowed = "pitch 0 to 127, velocity 1 to 127, duration from 1 step";
        return Err(wrong(context, &format!("gives a note that can't be played: {note:?}; allowed are {allowed}")));
    }
    given.takes.iter_mut().for_each(|take| take.sort_unstable());
    context.output("notes", &given)
}

fn score(context: &mut StageContext) -> Result<(), StageError> {
    let (mut given, printed): (Score, _) = output(context)?;
    given.notes.extend(printed);
    for track in &mut given.tracks {
        track.notes.sort_unstable();
        track.controls.sort_unstable();
    }
    given.tracks.retain(|track| !track.notes.is_empty());
    if let Some(fault) = given.tracks.iter().find_map(|track| fault(track, given.end_ticks)) {
        return Err(wrong(context, &fault));
    }
    context.output("score", &given)
}

fn fault(track: &ScoreTrack, end_ticks: u32) -> Option<String> {
    let name = &track.name;
    if track.channel > 15 || track.program > 127 {
        return Some(format!("puts {name} on channel {} with program {}", track.channel, track.program));
    }
    let is_playable = |note: &&crate::artifact::ScoreNote| {
        let end = note.start_ticks.checked_add(note.duration_ticks);
        note.pitch < 128 && (1..128).contains(&note.velocity) && end.is_some_and(|end| end <= end_ticks)
    };
    let note = track.notes.iter().find(|note| !is_playable(note))?;
    Some(format!("gives {name} a note that can't be played: {note:?}; the piece has {end_ticks} ticks"))
}

fn report(context: &mut StageContext) -> Result<(), StageError> {
    let (mut given, printed): (Report, _) = output(context)?;
    given.values.extend((!printed.is_empty()).then(|| ("printed".to_owned(), printed.into())));
    let name = context.stage().to_owned();
    context.output_bytes("report", Kind::Report, Some(&name), &given.to_bytes())
}

/// What the script gives, as the artifact that the node is for, and what it printed.
fn output<A: Artifact + DeserializeOwned>(context: &mut StageContext) -> Result<(A, Vec<String>), StageError> {
    let mut inputs = Map::new();
    for port in PORTS {
        if let Some(blob) = context.blobs(port).first() {
            let text = std::fs::read(context.blob_file(blob)?)?;
            let value = serde_json::from_slice(&text)
                .map_err(|error| StageError::internal(format!("input {port} is no JSON: {error}")))?;
            inputs.insert(port.to_owned(), value);
        }
    }
    let call = NodeCall { inputs, plan: context.optional_input("plan")?, seed: context.seed() };
    let (reply, printed) = call_hook(script(context)?, HookCall::Node(Box::new(call)))?;
    let HookReply::Node { output } = reply else {
        return Err(StageError::internal("a script was asked for its node and gave something else"));
    };
    let kind = A::KIND;
    let given = serde_json::from_value(output).map_err(|error| {
        wrong(context, &format!("gives no {kind:?}: {error}; it has the form of the input of that kind"))
    })?;
    Ok((given, printed))
}

fn script<'a>(context: &'a StageContext) -> Result<&'a Bundle, StageError> {
    #[derive(serde::Deserialize)]
    struct Params {
        script: Digest,
    }
    let Params { script } = context.params()?;
    context.script(script)
}

fn wrong(context: &StageContext, what: &str) -> StageError {
    let name = script(context).map_or_else(|_| "the script".to_owned(), |bundle| bundle.name.clone());
    StageError::usage(format!("{name}: node {what}"))
}
