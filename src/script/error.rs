//! What goes wrong in a script, in a form that crosses the process border.

use std::fmt;

use rhai::{EvalAltResult, ParseError, Position};
use serde::{Deserialize, Serialize};

use super::working;

/// Where in a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spot {
    /// Name of the script or module.
    pub(crate) source: String,
    /// Counted from 1.
    pub(crate) line: usize,
    /// In characters, counted from 1; 0 where only the line is known.
    pub(crate) column: usize,
    /// The line itself.
    pub(crate) excerpt: String,
}

/// An error of a script: what, where, in which hook, over which bar, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ScriptError {
    pub(crate) message: String,
    pub(crate) spot: Option<Box<Spot>>,
    pub(crate) hook: Option<String>,
    /// The bar whose values were touched last, counted from 1.
    pub(crate) bar: Option<u32>,
    pub(crate) help: Vec<String>,
}

impl std::error::Error for ScriptError {}

/// In one line: `lofi.rhai:12:9: in hook arrange, at bar 7: ...`.
impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.spot.as_deref() {
            Some(Spot { source, line, column: 0, .. }) => write!(f, "{source}:{line}: ")?,
            Some(Spot { source, line, column, .. }) => write!(f, "{source}:{line}:{column}: ")?,
            None => {}
        }
        match (&self.hook, self.bar) {
            (Some(hook), Some(bar)) => write!(f, "in hook {hook}, at bar {bar}: ")?,
            (Some(hook), None) => write!(f, "in hook {hook}: ")?,
            _ => {}
        }
        f.write_str(&self.message)?;
        self.help.iter().try_for_each(|help| write!(f, "; {help}"))
    }
}

impl ScriptError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), spot: None, hook: None, bar: None, help: Vec::new() }
    }

    pub(crate) fn at(mut self, source: &str, position: Position) -> Self {
        self.spot = spot(source, position).map(Box::new);
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    pub(crate) fn in_hook(mut self, hook: &str) -> Self {
        self.hook = Some(hook.to_owned());
        self.bar = self.bar.or_else(working::bar);
        self
    }

    /// With the line that the spot means, where it is in these texts.
    pub(super) fn quote<'a>(mut self, text: impl Fn(&str) -> Option<&'a str>) -> Self {
        if let Some(spot) = self.spot.as_mut().filter(|spot| spot.excerpt.is_empty()) {
            let line = text(&spot.source).and_then(|text| text.lines().nth(spot.line.saturating_sub(1)));
            line.unwrap_or_default().clone_into(&mut spot.excerpt);
        }
        self
    }

    /// `source` is the text that was compiled.
    pub(super) fn of_parser(error: &ParseError, source: &str) -> Self {
        let told = Self::new(sentence(&error.err_type().to_string())).at(source, error.position());
        if told.message.contains("cannot be assigned") {
            return told.help(
                "what a function gives has to have a name first: `let bass = score.track(\"bass\"); bass.gain = 3;`",
            );
        }
        told
    }

    /// The innermost error, with the place in the text that defines the function it happened in. `source` is the
    /// script that was called.
    pub(super) fn of_run(mut error: EvalAltResult, source: &str) -> Self {
        let position = error.take_position();
        match error {
            EvalAltResult::ErrorInFunctionCall(_, inside, inner, _)
            | EvalAltResult::ErrorInModule(inside, inner, _) => {
                let told = Self::of_run(*inner, if inside.is_empty() { source } else { &inside });
                if told.spot.is_some() { told } else { told.at(source, position) }
            }
            EvalAltResult::ErrorTerminated(told, _) | EvalAltResult::ErrorRuntime(told, _) => {
                with_help(&told.to_string()).at(source, position)
            }
            EvalAltResult::ErrorTooManyOperations(_) => Self::new("the script takes too many operations")
                .help("let it do less, or raise `scripts.operations`")
                .at(source, position),
            EvalAltResult::ErrorModuleNotFound(name, _) => Self::new(format!("there is no module `{name}` here"))
                .help(format!("import it first: `import \"lib/...\" as {name};`"))
                .at(source, position),
            EvalAltResult::ErrorDataRace(what, _) => {
                Self::new(format!("{what} is read by a function that is handed to it"))
                    .help("give what the function reads a name of its own first: `let low = voices[0];`")
                    .at(source, position)
            }
            EvalAltResult::ErrorStackOverflow(_) => {
                Self::new("functions call each other too deeply").help("64 levels are allowed").at(source, position)
            }
            EvalAltResult::ErrorDotExpr(told, _) => Self::new(read_only(&told)).at(source, position),
            other => Self::new(sentence(&other.to_string())).at(source, position),
        }
    }
}

/// Host functions and the guard write `what; what to do`.
fn with_help(text: &str) -> ScriptError {
    let mut parts = text.split("; ");
    let told = ScriptError::new(parts.next().unwrap_or_default());
    parts.fold(told, ScriptError::help)
}

fn spot(source: &str, position: Position) -> Option<Spot> {
    let line = position.line()?;
    Some(Spot { source: source.to_owned(), line, column: position.position().unwrap_or(0), excerpt: String::new() })
}

/// What the engine says of properties that can't be set: `No writable property 'tempo' - a setter is not registered for
/// type 'Bar' ...`.
fn read_only(told: &str) -> String {
    let mut quoted = told.split('\'').skip(1).step_by(2);
    match (told.contains("a setter is not registered"), quoted.next(), quoted.next()) {
        (true, Some(property), Some(kind)) => format!("`{property}` of a {} can't be changed", kind.to_lowercase()),
        _ => sentence(told),
    }
}

/// Our sentences begin small and end without a stop.
fn sentence(text: &str) -> String {
    let mut letters = text.trim_end_matches('.').chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
