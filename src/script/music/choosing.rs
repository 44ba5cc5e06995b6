//! The hook `choose`: which of the takes is kept.

use rhai::{Array, Dynamic, Map};
use serde::{Deserialize, Serialize};

use super::{
    chord::ChordValue,
    conditioning::lay,
    hook::{HookReply, Script},
    notes::listed,
    number::article,
};
use crate::{
    arrange::in_ticks,
    artifact::CuePlan,
    music::{Chord, Metre, Note, STEPS_PER_HALF_BAR, TICKS_PER_STEP},
    script::ScriptError,
    seed::Seed,
};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ChooseCall {
    pub(crate) plan: CuePlan,
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) seed: Seed,
}

/// A take with what was judged of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Candidate {
    /// Whether check.music would pass it.
    pub(crate) passes: bool,
    /// How well it goes with the picture, -1..1.
    pub(crate) likeness: f64,
    /// Share of other music that goes less well with the picture, 0..100.
    pub(crate) percentile: f64,
    /// All as composed, in C major or A minor.
    pub(crate) chords: Vec<Chord>,
    pub(crate) melody: Vec<Note>,
    pub(crate) accompaniment: Vec<Note>,
}

pub(super) fn choose(script: &Script, call: &ChooseCall) -> Result<HookReply, ScriptError> {
    if !script.has("choose") {
        return Ok(HookReply::Choose { kept: None });
    }
    lay(&call.plan, Metre::new(call.plan.bars.iter().map(|bar| bar.beats)), call.seed);
    let shift = -call.plan.key.shift_to_neutral();
    let maps = call.candidates.iter().enumerate().map(|(place, take)| Dynamic::from(take.map(place + 1, shift)));
    let came = script.call("choose", (maps.collect::<Array>(),))?;
    let number = match came.read_lock::<Map>() {
        Some(map) => map.get("number").and_then(|number| number.as_int().ok()),
        None => came.as_int().ok(),
    };
    let wrong = |text: String| script.wrong("choose", &text.into());
    let number = number
        .ok_or_else(|| wrong(format!("`choose` gives a candidate or its number, not {}", article(came.type_name()))))?;
    let takes = call.candidates.len();
    let kept = usize::try_from(number).ok().filter(|number| (1..=takes).contains(number));
    let kept = kept.ok_or_else(|| wrong(format!("`choose` gave {number}; 1 to {takes} are allowed")))?;
    Ok(HookReply::Choose { kept: Some(kept) })
}

impl Candidate {
    fn map(&self, number: usize, shift: i32) -> Map {
        let half_bar = STEPS_PER_HALF_BAR * TICKS_PER_STEP;
        let chords = (0_u32..).zip(&self.chords).map(|(half, chord)| ChordValue {
            chord: chord.transposed(shift),
            bass: None,
            start_ticks: half * half_bar,
            length_ticks: half_bar,
        });
        let heard = |notes: &[Note]| {
            let moved =
                notes.iter().map(|note| Note { pitch: (i32::from(note.pitch) + shift).clamp(0, 127) as u8, ..*note });
            listed(moved.map(in_ticks))
        };
        Map::from([
            ("number".into(), Dynamic::from(number as i64)),
            ("passes".into(), Dynamic::from(self.passes)),
            ("likeness".into(), Dynamic::from(self.likeness)),
            ("percentile".into(), Dynamic::from(self.percentile)),
            ("chords".into(), Dynamic::from(chords.map(Dynamic::from).collect::<Array>())),
            ("melody".into(), Dynamic::from(heard(&self.melody))),
            ("accompaniment".into(), Dynamic::from(heard(&self.accompaniment))),
        ])
    }
}
