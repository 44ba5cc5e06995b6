//! The hook `chords`: composed chords, in the key that is heard, two a bar.

use rhai::{Array, Dynamic};
use serde::{Deserialize, Serialize};

use super::{
    chord::ChordValue,
    conditioning::lay,
    hook::{HookReply, Script},
    number::article,
};
use crate::{
    artifact::CuePlan,
    music::{Chord, Metre, STEPS_PER_HALF_BAR, TICKS_PER_STEP},
    script::ScriptError,
    seed::Seed,
};

/// Changes that are told one by one.
const MOST_TOLD: usize = 4;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ChordsCall {
    pub(crate) plan: CuePlan,
    /// As composed, in C major or A minor.
    pub(crate) takes: Vec<Vec<Chord>>,
    pub(crate) seed: Seed,
}

pub(super) fn chords(script: &Script, call: &ChordsCall) -> Result<HookReply, ScriptError> {
    let (mut takes, mut changes) = (Vec::new(), Vec::new());
    for (place, take) in call.takes.iter().enumerate() {
        let came = if script.has("chords") { one_take(script, call, place, take)? } else { take.clone() };
        let of_take = if call.takes.len() > 1 { format!("take {}: ", place + 1) } else { String::new() };
        changes.extend(told(&call.plan, take, &came).map(|told| format!("chords: {of_take}{told}")));
        takes.push(came);
    }
    Ok(HookReply::Chords { takes, changes })
}

fn one_take(script: &Script, call: &ChordsCall, place: usize, take: &[Chord]) -> Result<Vec<Chord>, ScriptError> {
    let metre = Metre::new(call.plan.bars.iter().map(|bar| bar.beats));
    lay(&call.plan, metre, call.seed.derive(&format!("take {place}")));
    let shift = call.plan.key.shift_to_neutral();
    let half_bar = STEPS_PER_HALF_BAR * TICKS_PER_STEP;
    let given = (0_u32..).zip(take).map(|(half, chord)| ChordValue {
        chord: chord.transposed(-shift),
        bass: None,
        start_ticks: half * half_bar,
        length_ticks: half_bar,
    });
    let came = script.call("chords", (given.map(Dynamic::from).collect::<Array>(),))?;
    let list = came
        .try_cast::<Array>()
        .ok_or_else(|| script.wrong("chords", &"`chords` gives a list of chords back".into()))?;
    if list.len() != take.len() {
        let told = format!("`chords` gave {} chords back; there are {}, two a bar", list.len(), take.len());
        return Err(script.wrong("chords", &told.into()));
    }
    let heard = list.iter().enumerate().map(|(place, value)| heard(place, value));
    let heard: Result<Vec<Chord>, String> = heard.collect();
    let heard = heard.map_err(|text| script.wrong("chords", &text.into()))?;
    Ok(heard.into_iter().map(|chord| chord.transposed(shift)).collect())
}

/// A chord or its name.
fn heard(place: usize, value: &Dynamic) -> Result<Chord, String> {
    let number = place + 1;
    if let Some(chord) = value.read_lock::<ChordValue>() {
        return match chord.bass {
            Some(bass) if chord.chord.root() != Some(bass) => Err(format!(
                "chord {number} is inverted; composed chords stand on their roots, invert them in `arrange`"
            )),
            _ => Ok(chord.chord),
        };
    }
    let wrong = |kind| format!("element {number} of the chords is {}, not a chord", article(kind));
    let name = value.clone().into_immutable_string().map_err(wrong)?;
    name.parse::<Chord>().map_err(|error| error.to_string())
}

fn told(plan: &CuePlan, before: &[Chord], after: &[Chord]) -> Option<String> {
    let metre = Metre::new(plan.bars.iter().map(|bar| bar.beats));
    let shift = plan.key.shift_to_neutral();
    let changed: Vec<String> = (0_u32..)
        .zip(before.iter().zip(after))
        .filter(|(_, (old, new))| old != new)
        .map(|(half, (old, new))| {
            let bar = metre.bar_at(half * STEPS_PER_HALF_BAR) + 1;
            format!("bar {bar}: {} became {}", old.transposed(-shift), new.transposed(-shift))
        })
        .collect();
    let more = changed.len().saturating_sub(MOST_TOLD);
    let rest = if more > 0 { format!(", and {more} more") } else { String::new() };
    let first = changed.iter().take(MOST_TOLD).cloned().collect::<Vec<_>>().join(", ");
    (!changed.is_empty()).then(|| format!("{} of {} changed ({first}{rest})", changed.len(), before.len()))
}
