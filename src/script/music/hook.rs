//! What goes into each hook and what comes out of it.

use std::rc::Rc;

use rhai::{AST, Array, Dynamic, Engine, FuncArgs, Map, Scope};
use serde::{Deserialize, Serialize};

use super::{
    arranging::{self, ArrangeCall},
    choosing::{self, ChooseCall},
    conditioning::{self, ConditionsCall},
    harmonising::{self, ChordsCall},
    node::{self, NodeCall},
    stand::{self, Stand},
};
use crate::{
    arrange::Part,
    artifact::BarConditions,
    music::Chord,
    node::KNOBS,
    recipe::nearest,
    script::{ScriptError, working},
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HookCall {
    Style,
    Conditions(Box<ConditionsCall>),
    Chords(Box<ChordsCall>),
    /// Runs `notes` for each track, then `arrange`, whichever of the two there are.
    Arrange(Box<ArrangeCall>),
    Choose(Box<ChooseCall>),
    /// The function of a script node.
    Node(Box<NodeCall>),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HookReply {
    /// One sentence on the style, the knobs that it reads, what it starts from.
    Style { about: String, knobs: Vec<String>, base: String },
    /// One row a bar, and what was changed, in sentences.
    Conditions { rows: Vec<BarConditions>, changes: Vec<String> },
    /// In C major or A minor, take by take.
    Chords { takes: Vec<Vec<Chord>>, changes: Vec<String> },
    /// What each track has to play, and what was changed, in sentences.
    Arrange { parts: Vec<Part>, changes: Vec<String> },
    /// The take to keep, counted from 1; none where the script has no such hook.
    Choose { kept: Option<usize> },
    /// An artifact as JSON.
    Node { output: serde_json::Value },
}

impl HookCall {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Style => "style",
            Self::Conditions(_) => "conditions",
            Self::Chords(_) => "chords",
            Self::Arrange(_) => "arrange",
            Self::Choose(_) => "choose",
            Self::Node(_) => "node",
        }
    }
}

/// A script that was compiled, with its name for errors.
pub(super) struct Script<'a> {
    pub(super) engine: &'a Engine,
    pub(super) tree: &'a AST,
    pub(super) name: &'a str,
}

impl Script<'_> {
    pub(super) fn has(&self, hook: &str) -> bool {
        let arity = crate::script::survey::HOOKS.iter().find(|(name, _)| *name == hook).map(|(_, arity)| *arity);
        self.tree.iter_functions().any(|function| function.name == hook && Some(function.params.len()) == arity)
    }

    pub(super) fn call(&self, hook: &str, values: impl FuncArgs) -> Result<Dynamic, ScriptError> {
        working::on_no_bar();
        let came = self.engine.call_fn::<Dynamic>(&mut Scope::new(), self.tree, hook, values);
        came.map(Dynamic::flatten).map_err(|error| ScriptError::of_run(*error, self.name).in_hook(hook))
    }

    /// An error of what a hook gave back.
    pub(super) fn wrong(&self, hook: &str, error: &rhai::EvalAltResult) -> ScriptError {
        let text = match error {
            rhai::EvalAltResult::ErrorRuntime(told, _) => told.to_string(),
            other => other.to_string(),
        };
        let mut parts = text.split("; ");
        let told = ScriptError::new(format!("{}: {}", self.name, parts.next().unwrap_or_default()));
        parts.fold(told, ScriptError::help).in_hook(hook)
    }
}

pub(super) fn call(engine: &Engine, tree: &AST, name: &str, call: HookCall) -> Result<HookReply, ScriptError> {
    let script = Script { engine, tree, name };
    match call {
        HookCall::Style => style(&script),
        HookCall::Conditions(call) => conditioning::conditions(&script, &call),
        HookCall::Chords(call) => harmonising::chords(&script, &call),
        HookCall::Arrange(call) => arranging::arrange(&script, &call),
        HookCall::Choose(call) => choosing::choose(&script, &call),
        HookCall::Node(call) => node::node(&script, &call),
    }
}

/// What a style says of itself; a script that says nothing changes the band.
pub(super) fn style(script: &Script) -> Result<HookReply, ScriptError> {
    let said: Map = if script.has("style") {
        let came = script.call("style", ())?;
        came.try_cast().ok_or_else(|| {
            ScriptError::new("`style` gives a map").help("write `#{ about: \"...\" }`").in_hook("style")
        })?
    } else {
        Map::new()
    };
    for key in said.keys() {
        if !["about", "knobs", "base"].contains(&key.as_str()) {
            let told = ScriptError::new(format!("`style` says `{key}`, which means nothing"));
            return Err(told.help("it says about, knobs and base").in_hook("style"));
        }
    }
    let text = |key: &str| said.get(key).map(ToString::to_string);
    let base = text("base").unwrap_or_else(|| "band".to_owned());
    if !["piano", "band", "none"].contains(&base.as_str()) {
        let told =
            ScriptError::new(format!("the base \"{base}\" is unknown")).help("write \"piano\", \"band\" or \"none\"");
        return Err(told.in_hook("style"));
    }
    let knobs = said.get("knobs").and_then(|knobs| knobs.read_lock::<Array>().map(|knobs| knobs.clone()));
    let knobs: Vec<String> = knobs.unwrap_or_default().iter().map(ToString::to_string).collect();
    if let Some(unknown) = knobs.iter().find(|name| KNOBS.iter().all(|knob| knob.name != **name)) {
        let told = ScriptError::new(format!("`style` says that it reads the knob `{unknown}`, which there is not"));
        let near = nearest(unknown, KNOBS.iter().map(|knob| knob.name));
        let help = near
            .map_or_else(|| "`cuesmith nodes knobs` lists all".to_owned(), |near| format!("did you mean `{near}`?"));
        return Err(told.help(help).in_hook("style"));
    }
    Ok(HookReply::Style { about: text("about").unwrap_or_default(), knobs, base })
}

/// Lays a piece on the stand.
pub(super) fn begin(piece: Rc<crate::arrange::Piece>, seed: crate::seed::Seed) {
    stand::put(Stand {
        metre: piece.metre.clone(),
        key: piece.key,
        rng: seed.derive("script").rng(),
        piece: Some(piece),
        seed,
    });
}
