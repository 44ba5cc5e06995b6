//! What a script is before anything of it runs: its modules, its hooks, and what is wrong with it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Component, Path},
};

use rhai::{AST, ASTNode, Engine, Expr, Stmt};
use serde::{Deserialize, Serialize};

use super::{Bundle, Manuscript, ScriptError, Spot, engine, graph, known::Known, modules::file_name, music};
use crate::{
    digest::Digest,
    recipe::{nearest, read_text},
};

/// Functions that the program calls, and how many parameters they take.
pub(super) const HOOKS: &[(&str, usize)] =
    &[("style", 0), ("conditions", 1), ("chords", 1), ("notes", 2), ("arrange", 1), ("choose", 1), ("node", 1)];

/// A script that can be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Survey {
    pub(crate) bundle: Bundle,
    pub(crate) digest: Digest,
    /// Names of the hooks that it defines.
    pub(crate) hooks: BTreeSet<String>,
    /// Names of all functions that it defines.
    pub(crate) functions: BTreeSet<String>,
}

/// Reads the modules of a style or node, checks all texts.
pub(super) fn survey(script: &Manuscript) -> Result<Survey, ScriptError> {
    let engine = engine::bare();
    gathered(&engine, script, |bundle, tree| {
        let hooks = hooks(tree, &bundle.text, &bundle.name)?;
        let functions = tree.iter_functions().map(|function| function.name.to_owned()).collect();
        Ok(Survey { digest: bundle.digest(&engine)?, bundle, hooks, functions })
    })
}

/// As `survey`, for a graph script, which has other functions and no hooks.
pub(super) fn of_graph(script: &Manuscript) -> Result<Bundle, ScriptError> {
    let mut engine = engine::bare();
    graph::register(&mut engine, None);
    gathered(&engine, script, |bundle, _| Ok(bundle))
}

/// A script with all modules, checked; `finish` gets it with the tree of the script itself.
fn gathered<T>(
    engine: &Engine,
    script: &Manuscript,
    finish: impl FnOnce(Bundle, &AST) -> Result<T, ScriptError>,
) -> Result<T, ScriptError> {
    let Manuscript { name, text, limits, .. } = script;
    let mut bundle = Bundle { name: name.clone(), text: text.clone(), modules: BTreeMap::new(), limits: *limits };
    let gathered = gather(engine, &mut bundle, script);
    let texts = bundle.clone();
    gathered.and_then(|tree| finish(bundle, &tree)).map_err(|error| error.quote(|source| texts.source(source)))
}

/// Reads modules into the bundle, checks all texts, and gives the tree of the script itself.
fn gather(engine: &Engine, bundle: &mut Bundle, script: &Manuscript) -> Result<AST, ScriptError> {
    let tree = compile(engine, &bundle.text, &bundle.name)?;
    let mut open = imports(&tree, &bundle.name)?;
    let mut modules = Vec::new();
    while let Some(import) = open.pop() {
        if bundle.modules.contains_key(&import.path) {
            continue;
        }
        let text = read(&import, script)?;
        bundle.modules.insert(import.path.clone(), text.clone());
        let name = file_name(&import.path);
        let tree = compile(engine, &text, &name)?;
        open.extend(imports(&tree, &name)?);
        modules.push((name, tree));
    }
    let known = Known::of(engine);
    known.check(&tree, &bundle.name)?;
    modules.iter().try_for_each(|(name, tree)| known.check(tree, name))?;
    Ok(tree)
}

pub(super) fn compile(engine: &Engine, text: &str, name: &str) -> Result<AST, ScriptError> {
    let mut tree = engine.compile(text).map_err(|error| ScriptError::of_parser(&error, name))?;
    tree.set_source(name);
    Ok(tree)
}

struct Import {
    path: String,
    /// Where it is written.
    source: String,
    position: rhai::Position,
}

impl Import {
    fn fault(&self, message: String) -> ScriptError {
        ScriptError::new(message).at(&self.source, self.position)
    }
}

/// What a text imports, which must be written out: only then is it known what a script is made of.
fn imports(tree: &AST, source: &str) -> Result<Vec<Import>, ScriptError> {
    let (mut found, mut fault) = (Vec::new(), None);
    tree.walk(&mut |path: &[ASTNode]| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, position))) = path.last() {
            if let Expr::StringConstant(path, position) = &import.0 {
                found.push(Import { path: path.to_string(), source: source.to_owned(), position: *position });
            } else {
                let message = "`import` takes a text that is written out, such as \"lib/drums\"";
                fault.get_or_insert(ScriptError::new(message).at(source, *position));
            }
        }
        true
    });
    fault.map_or(Ok(found), Err)
}

/// Beside the script, else below `scripts` of a root.
fn read(import: &Import, script: &Manuscript) -> Result<String, ScriptError> {
    let path = Path::new(&import.path);
    if path.components().any(|part| !matches!(part, Component::Normal(_))) {
        return Err(import.fault(format!("`{}` leads out of the scripts' folders", import.path)));
    }
    let file = path.with_extension("rhai");
    let folders = script.home.clone().into_iter().chain(script.roots.iter().map(|root| root.join("scripts")));
    let mut looked = Vec::new();
    for folder in folders {
        let candidate = folder.join(&file);
        if candidate.is_file() {
            return read_text(&candidate, "a script").map_err(|error| import.fault(unreadable(&candidate, &error)));
        }
        if folder.is_dir() {
            looked.push(folder.display().to_string());
        }
    }
    super::shipped(&import.path).map(str::to_owned).ok_or_else(|| {
        let fault = import.fault(format!("there is no module `{}`", import.path));
        let fault = match nearest(&import.path, super::shipped::shipped_paths()) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault,
        };
        fault.help(format!("looked in {}", looked.join(", ")))
    })
}

/// Why a script can't be had.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> String {
    format!("can't read {}: {error}", path.display())
}

fn hooks(tree: &AST, text: &str, source: &str) -> Result<BTreeSet<String>, ScriptError> {
    let mut hooks = BTreeSet::new();
    for function in tree.iter_functions() {
        let Some((name, wanted)) = HOOKS.iter().find(|(name, _)| *name == function.name) else { continue };
        let found = function.params.len();
        if found != *wanted {
            let message = format!("the hook `{name}` takes {wanted} parameters, here it has {found}");
            let mut error = ScriptError::new(message).help(music::hook_help(name));
            error.spot = definition(text, source, name).map(Box::new);
            return Err(error);
        }
        hooks.insert((*name).to_owned());
    }
    Ok(hooks)
}

/// Where a text defines a function; the engine does not say.
fn definition(text: &str, source: &str, name: &str) -> Option<Spot> {
    let is_it = |line: &str| {
        let rest = line.trim_start().strip_prefix("fn ").and_then(|rest| rest.trim_start().strip_prefix(name));
        rest.is_some_and(|rest| rest.trim_start().starts_with('('))
    };
    let line = text.lines().position(is_it)? + 1;
    Some(Spot { source: source.to_owned(), line, column: 0, excerpt: String::new() })
}
