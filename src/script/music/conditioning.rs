//! The hook `conditions`: what is asked of each bar, before anything is composed.

use rhai::{Array, Dynamic};
use serde::{Deserialize, Serialize};

use super::{
    bar::{BarValue, bars},
    hook::{HookReply, Script},
    stand::{self, Stand},
};
use crate::{
    arrange::shapes,
    artifact::{BarConditions, CuePlan},
    music::Metre,
    script::ScriptError,
    seed::Seed,
};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ConditionsCall {
    pub(crate) plan: CuePlan,
    pub(crate) rows: Vec<BarConditions>,
    pub(crate) seed: Seed,
}

pub(super) fn conditions(script: &Script, call: &ConditionsCall) -> Result<HookReply, ScriptError> {
    let unchanged = || HookReply::Conditions { rows: call.rows.clone(), changes: Vec::new() };
    if !script.has("conditions") || call.rows.len() != call.plan.bars.len() {
        return Ok(unchanged());
    }
    let metre = Metre::new(call.plan.bars.iter().map(|bar| bar.beats));
    let shapes = shapes(&call.plan.sections, &call.rows, &metre);
    lay(&call.plan, metre, call.seed);
    let given = bars(&call.plan, &call.rows, &shapes, &[], true);
    let list: Array = given.iter().cloned().map(Dynamic::from).collect();
    let came = script.call("conditions", (list,))?;
    let rows = rows(came, &given).map_err(|text| script.wrong("conditions", &text.into()))?;
    let changes = changes(&call.rows, &rows);
    Ok(HookReply::Conditions { rows, changes })
}

/// Nothing is composed yet.
pub(super) fn lay(plan: &CuePlan, metre: Metre, seed: Seed) {
    stand::put(Stand { metre, key: plan.key, rng: seed.derive("script").rng(), piece: None, seed });
}

/// The bars as they came back; without an answer, the bars that were given, which the hook may have set.
fn rows(came: Dynamic, given: &[BarValue]) -> Result<Vec<BarConditions>, String> {
    if came.is_unit() {
        return Ok(given.iter().map(BarValue::asked).collect());
    }
    let list = came.try_cast::<Array>().ok_or("`conditions` gives the list of bars back")?;
    if list.len() != given.len() {
        return Err(format!("`conditions` gave {} bars back; the plan has {}", list.len(), given.len()));
    }
    let bars: Option<Vec<BarValue>> = list.into_iter().map(Dynamic::try_cast).collect();
    let bars = bars.ok_or("`conditions` gives a list of bars back; one element is none")?;
    Ok(bars.iter().map(BarValue::asked).collect())
}

/// One value of a bar.
type Read = fn(&BarConditions) -> f32;

/// In how many bars each value was changed, and what its mean became.
fn changes(before: &[BarConditions], after: &[BarConditions]) -> Vec<String> {
    let values: [(&str, Read); 6] = [
        ("valence", |row| row.valence),
        ("arousal", |row| row.arousal),
        ("density", |row| row.density),
        ("dynamics", |row| row.dynamics),
        ("register", |row| row.register),
        ("melody_density", |row| row.melody_density),
    ];
    let mean = |rows: &[BarConditions], value: Read| rows.iter().map(value).sum::<f32>() / rows.len().max(1) as f32;
    let changed = values.iter().filter_map(|(name, value)| {
        let count = before.iter().zip(after).filter(|(old, new)| (value(old) - value(new)).abs() > 1e-6).count();
        let (old, new) = (mean(before, *value), mean(after, *value));
        (count > 0).then(|| format!("{name} of {count} bars (mean {old:.2} became {new:.2})"))
    });
    let all: Vec<String> = changed.collect();
    if all.is_empty() { Vec::new() } else { vec![format!("conditions: {}", all.join(", "))] }
}
