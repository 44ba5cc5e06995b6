//! The function `node` of script nodes: what is joined comes in as it passes between stages, and so does the output.

use rhai::{Dynamic, Map};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    conditioning::lay,
    hook::{HookReply, Script},
};
use crate::{artifact::CuePlan, music::Metre, script::ScriptError, seed::Seed};

/// Artifacts by port, as JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct NodeCall {
    pub(crate) inputs: serde_json::Map<String, Value>,
    pub(crate) plan: Option<CuePlan>,
    pub(crate) seed: Seed,
}

pub(super) fn node(script: &Script, call: &NodeCall) -> Result<HookReply, ScriptError> {
    if let Some(plan) = &call.plan {
        lay(plan, Metre::new(plan.bars.iter().map(|bar| bar.beats)), call.seed);
    }
    let inputs: Map = rhai::serde::to_dynamic(&call.inputs)
        .ok()
        .and_then(Dynamic::try_cast)
        .ok_or_else(|| ScriptError::new("the inputs can't be given to the script"))?;
    let came = script.call("node", (inputs,))?;
    if came.is_unit() {
        return Err(ScriptError::new("`node` gives nothing back").help("its last line is its output").in_hook("node"));
    }
    let output = serde_json::to_value(&came).map_err(|error| {
        ScriptError::new(format!("what `node` gives can't leave the script: {error}")).in_hook("node")
    })?;
    Ok(HookReply::Node { output })
}
