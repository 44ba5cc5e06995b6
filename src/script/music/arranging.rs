//! The hooks `notes` and `arrange`.

use std::rc::Rc;

use rhai::{Array, Dynamic};
use serde::{Deserialize, Serialize};

use super::{
    bar::bars,
    chord::ChordValue,
    hook::{HookReply, Script, begin, style},
    notes::{listed, read},
    score::{ScoreValue, all_notes, returned},
};
use crate::{
    arrange::{Part, Piece, StyleName, Take, of_style},
    artifact::{Chords, Conditions, CuePlan, Notes},
    music::Chord,
    script::ScriptError,
    seed::Seed,
};

/// One take, as it was composed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ArrangeCall {
    plan: CuePlan,
    conditions: Conditions,
    chords: Chords,
    melody: Notes,
    accompaniment: Notes,
    seed: Seed,
}

impl ArrangeCall {
    /// Takes that are not there are told when the piece is made.
    pub(crate) fn new(take: &Take, seed: Seed) -> Self {
        let only = |notes: &Notes| Notes::new(chosen(&notes.takes, take.number));
        Self {
            plan: take.plan.clone(),
            conditions: Conditions { picture: Vec::new(), ..take.conditions.clone() },
            chords: Chords { takes: chosen(&take.chords.takes, take.number), notes: Vec::new() },
            melody: only(take.melody),
            accompaniment: only(take.accompaniment),
            seed,
        }
    }

    fn take(&self) -> Take<'_> {
        Take {
            plan: &self.plan,
            conditions: &self.conditions,
            chords: &self.chords,
            melody: &self.melody,
            accompaniment: &self.accompaniment,
            number: 1,
        }
    }
}

fn chosen<T: Clone>(takes: &[Vec<T>], number: usize) -> Vec<Vec<T>> {
    number.checked_sub(1).and_then(|place| takes.get(place)).cloned().into_iter().collect()
}

pub(super) fn arrange(script: &Script, call: &ArrangeCall) -> Result<HookReply, ScriptError> {
    let HookReply::Style { base, .. } = style(script)? else { return Err(ScriptError::new("`style` gave no style")) };
    let piece = Piece::new(&call.take()).map_err(|error| ScriptError::new(error.to_string()))?;
    let piece = Rc::new(piece);
    begin(Rc::clone(&piece), call.seed);
    let parts = match base.as_str() {
        "piano" => of_style(&piece, StyleName::Piano, call.seed),
        "band" => of_style(&piece, StyleName::Band, call.seed),
        _ => Vec::new(),
    };
    let score = lay_out(call, &piece, parts);
    let mut changes = Vec::new();
    if script.has("notes") {
        changes.push(notes(script, &score)?);
    }
    if !script.has("arrange") {
        let parts = score.parts().map_err(|error| script.wrong("notes", &error))?;
        return Ok(HookReply::Arrange { parts, changes });
    }
    let before = score.count_notes();
    let came = script.call("arrange", (score.clone(),))?;
    let parts =
        returned(came, &score).and_then(|score| score.parts()).map_err(|error| script.wrong("arrange", &error))?;
    changes.push(arranged(&parts, before));
    Ok(HookReply::Arrange { parts, changes })
}

fn lay_out(call: &ArrangeCall, piece: &Rc<Piece>, parts: Vec<Part>) -> ScoreValue {
    let spans = piece.chord_spans();
    let sounding = spans.iter().filter(|span| span.chord != Chord::None);
    let chords: Vec<ChordValue> = sounding.map(ChordValue::of_span).collect();
    let bars = bars(&call.plan, &piece.conditions, &piece.shapes, &chords, false);
    ScoreValue::new(Rc::clone(piece), call.plan.clone(), bars, chords, parts)
}

/// Every track's notes through the hook.
fn notes(script: &Script, score: &ScoreValue) -> Result<String, ScriptError> {
    let before = score.count_notes();
    for track in score.tracks() {
        let given = Dynamic::from(listed(track.0.borrow().notes.iter().copied()));
        let came = script.call("notes", (track.clone(), given))?;
        let set = came.try_cast::<Array>().ok_or_else(|| "`notes` gives a list of notes back".into());
        set.and_then(|notes| track.set(read(&notes)?)).map_err(|error| script.wrong("notes", &error))?;
    }
    Ok(format!("notes: {before} notes became {}", score.count_notes()))
}

fn arranged(parts: &[Part], before: usize) -> String {
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    let after = all_notes(parts).count();
    let came = if before == 0 { format!("{after} notes") } else { format!("{before} notes became {after}") };
    format!("arrange: {} tracks ({}), {came}", parts.len(), names.join(", "))
}
