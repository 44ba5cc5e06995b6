//! Values and helpers of the music, as scripts see them, and the hooks that work on them.
//!
//! | what | file |
//! |---|---|
//! | values | `note`, `chord`, `bar`, `track`, `score` |
//! | helpers | `pitch`, `notes`, `rhythm`, `drum_grid`, `bass_line`, `close`, `chance` |
//! | names and numbers | `instrument`, `number` |
//! | how they are made known, with a sentence on each | `api` |
//! | what is on the stand while a hook runs | `stand` |
//! | the hooks | `hook`, `conditioning`, `harmonising`, `arranging`, `choosing` |

mod api;
mod arranging;
mod bar;
mod bass_line;
mod chance;
mod choosing;
mod chord;
mod close;
mod conditioning;
mod drum_grid;
mod harmonising;
mod hook;
mod instrument;
mod node;
mod note;
mod notes;
mod number;
mod pitch;
#[cfg(test)]
mod reference;
mod rhythm;
mod score;
#[cfg(test)]
mod speed_tests;
mod stand;
#[cfg(test)]
mod style_tests;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod track;

use rhai::{AST, Engine};

use self::api::{Api, Entry};
pub(crate) use self::{
    arranging::ArrangeCall,
    choosing::{Candidate, ChooseCall},
    conditioning::ConditionsCall,
    harmonising::ChordsCall,
    hook::{HookCall, HookReply},
    node::NodeCall,
};
use super::ScriptError;

/// Makes all values and helpers known to an engine.
pub(super) fn register(engine: &mut Engine) {
    entries(engine);
}

/// The same, with what became known.
fn entries(engine: &mut Engine) -> Vec<Entry> {
    let mut api = Api::new(engine);
    score::register(&mut api);
    track::register(&mut api);
    note::register(&mut api);
    chord::register(&mut api);
    bar::register(&mut api);
    notes::register(&mut api);
    rhythm::register(&mut api);
    drum_grid::register(&mut api);
    bass_line::register(&mut api);
    pitch::register(&mut api);
    chance::register(&mut api);
    api.entries
}

/// Calls a hook of a script that was compiled. `name` is the script's, for errors.
pub(super) fn call(engine: &Engine, tree: &AST, name: &str, call: HookCall) -> Result<HookReply, ScriptError> {
    hook::call(engine, tree, name, call)
}

/// What a hook takes and gives, for people.
pub(super) fn hook_help(hook: &str) -> &'static str {
    match hook {
        "style" => "write `fn style() { #{ about: \"...\" } }`",
        "conditions" => "write `fn conditions(bars) { ... bars }`",
        "chords" => "write `fn chords(chords) { ... chords }`",
        "notes" => "write `fn notes(track, notes) { ... notes }`",
        "arrange" => "write `fn arrange(score) { ... score }`",
        "choose" => "write `fn choose(candidates) { 1 }`",
        _ => "write `fn node(inputs) { ... }`",
    }
}
