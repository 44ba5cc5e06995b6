//! Which functions there are: calls of others, and calls with too much or too little, are found before anything runs.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Engine, Expr, Stmt};
use serde::Deserialize;

use super::ScriptError;
use crate::recipe::nearest;

/// What is called in graph scripts alone.
const GRAPH_FUNCTIONS: [&str; 6] = ["recipe", "knobs", "stage", "set", "hit", "clip"];

/// Functions that can be called: our own, by name and count of parameters.
pub(super) struct Known {
    arities: BTreeMap<String, BTreeSet<usize>>,
}

impl Known {
    pub(super) fn of(engine: &Engine) -> Self {
        let mut arities: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (name, count) in registered(engine) {
            arities.entry(name).or_default().insert(count);
        }
        Self { arities }
    }

    /// Calls of functions that nobody defines, as far as that can be told without running: calls with a module's name
    /// before them and calls of function values are left to the run.
    pub(super) fn check(&self, tree: &AST, source: &str) -> Result<(), ScriptError> {
        let own: BTreeMap<&str, BTreeSet<usize>> = tree.iter_functions().fold(BTreeMap::new(), |mut own, function| {
            own.entry(function.name).or_default().insert(function.params.len());
            own
        });
        let mut fault = None;
        tree.walk(&mut |path: &[ASTNode]| {
            let (call, position, is_method) = match path {
                [.., ASTNode::Expr(Expr::FnCall(call, position)) | ASTNode::Stmt(Stmt::FnCall(call, position))] => {
                    (call, *position, false)
                }
                [.., ASTNode::Expr(Expr::MethodCall(call, position))] => (call, *position, true),
                _ => return true,
            };
            if call.op_token.is_none() && call.namespace.is_empty() && fault.is_none() {
                fault =
                    self.judge(&own, &call.name, call.args.len(), is_method).map(|error| error.at(source, position));
            }
            fault.is_none()
        });
        fault.map_or(Ok(()), Err)
    }

    /// `given` parameters were written; a method of ours takes the value before the point as one more, a script's own
    /// function does not (it has it as `this`).
    fn judge(
        &self,
        own: &BTreeMap<&str, BTreeSet<usize>>,
        name: &str,
        given: usize,
        is_method: bool,
    ) -> Option<ScriptError> {
        let before = usize::from(is_method);
        let ours = self.arities.get(name).into_iter().flatten().filter_map(|count| count.checked_sub(before));
        let theirs = own.get(name).into_iter().flatten().copied();
        let known: BTreeSet<usize> = ours.chain(theirs).collect();
        if known.contains(&given) || is_special(name) {
            return None;
        }
        if known.is_empty() {
            if GRAPH_FUNCTIONS.contains(&name) {
                let error = ScriptError::new(format!("`{name}` builds graphs; a style has no such function"));
                return Some(error.help("run a graph with `cuesmith run GRAPH.rhai`"));
            }
            let names = self.arities.keys().map(String::as_str).chain(own.keys().copied());
            let error = ScriptError::new(format!("there is no function `{name}`"));
            return Some(match nearest(name, names) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help("docs/scripting-api.md lists all"),
            });
        }
        let counts: Vec<String> = known.iter().map(usize::to_string).collect();
        let word = if counts == ["1"] { "parameter" } else { "parameters" };
        Some(ScriptError::new(format!("`{name}` takes {} {word} here, not {given}", counts.join(" or "))))
    }
}

/// Calls that the language itself answers.
fn is_special(name: &str) -> bool {
    ["call", "curry", "Fn", "is_def_fn", "is_def_var", "is_shared", "type_of", "print", "debug", "this"].contains(&name)
        || name.starts_with("anon$")
}

fn registered(engine: &Engine) -> Vec<(String, usize)> {
    #[derive(Deserialize)]
    struct Listing {
        functions: Vec<Function>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Function {
        name: String,
        num_params: usize,
    }
    let text = engine.gen_fn_metadata_to_json(true).unwrap_or_default();
    let listing: Listing = serde_json::from_str(&text).unwrap_or(Listing { functions: Vec::new() });
    listing.functions.into_iter().map(|function| (function.name, function.num_params)).collect()
}
