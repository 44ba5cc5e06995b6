//! A hook of a script, called by a stage: what it answers, and what it printed, for the report.

use super::{Answer, Bundle, HookCall, HookReply, ScriptError};

/// The answer, and printed lines as people should see them. Nothing of it names the file: what a stage gives may hang
/// only on what is part of its key.
pub(crate) fn call_hook(bundle: &Bundle, call: HookCall) -> Result<(HookReply, Vec<String>), ScriptError> {
    match asked(bundle, call)? {
        Answer::Hook { reply, printed } => {
            let told = |line: String| format!("script prints: {line}");
            Ok((*reply, printed.into_iter().map(told).collect()))
        }
        Answer::Survey(_) | Answer::Graph { .. } => {
            Err(ScriptError::new(format!("{} was asked for a hook and told what it is", bundle.name)))
        }
    }
}

#[cfg(not(test))]
fn asked(bundle: &Bundle, call: HookCall) -> Result<Answer, ScriptError> {
    super::ask(super::Ask::Hook { bundle: bundle.clone(), call: Box::new(call) })
}

/// Tests of music need no process; those of the process ask for themselves.
#[cfg(test)]
fn asked(bundle: &Bundle, call: HookCall) -> Result<Answer, ScriptError> {
    let hook = call.name();
    super::host::hook(bundle, call, super::guard::Trace::default()).map_err(|error| error.in_hook(hook))
}
