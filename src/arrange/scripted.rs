//! A script in the place of a style: asked for parts, which are then played like any others.

use super::{ArrangeError, Take, part::Part};
use crate::{
    artifact::Role,
    script::{ArrangeCall, Bundle, HookCall, HookReply, ScriptError, call_hook, told},
    seed::Seed,
};

/// Parts, and what people should know of how they came about.
pub(super) struct Scripted {
    pub(super) parts: Vec<Part>,
    pub(super) notes: Vec<String>,
}

pub(super) fn parts(take: &Take, bundle: &Bundle, seed: Seed) -> Result<Scripted, ArrangeError> {
    let call = HookCall::Arrange(Box::new(ArrangeCall::new(take, seed)));
    let (reply, printed) = call_hook(bundle, call).map_err(Box::new)?;
    let HookReply::Arrange { parts, changes } = reply else {
        return Err(
            Box::new(ScriptError::new(format!("{} answered something else than it was asked", bundle.name))).into()
        );
    };
    one_kit(&bundle.name, &parts)?;
    Ok(Scripted { parts, notes: told(Vec::new(), changes, printed) })
}

/// All drums share a channel, which has one kit.
fn one_kit(name: &str, parts: &[Part]) -> Result<(), ArrangeError> {
    let mut kits = parts.iter().filter(|part| part.role == Role::Drums);
    let Some(first) = kits.next() else { return Ok(()) };
    match kits.find(|other| other.program != first.program) {
        None => Ok(()),
        Some(other) => {
            let told = format!("{name}: the drums {} and {} have different kits", first.name, other.name);
            let error = ScriptError::new(told).help("MIDI has one channel for drums: give them one kit");
            Err(Box::new(error.in_hook("arrange")).into())
        }
    }
}
