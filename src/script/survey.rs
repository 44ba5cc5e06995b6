//! What a script is before anything of it runs: its modules, its hooks, and what is wrong with it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path, PathBuf},
};

use rhai::{AST, ASTNode, Engine, Expr, Stmt};
use serde::{Deserialize, Serialize};

use super::{Bundle, ScriptError, ScriptLimits, Spot, engine, graph, known::Known, modules::file_name, music};
use crate::{digest::Digest, recipe::nearest};

/// Functions that the program calls, and how many parameters they take.
pub(super) const HOOKS: &[(&str, usize)] =
    &[("style", 0), ("conditions", 1), ("chords", 1), ("notes", 2), ("arrange", 1), ("choose", 1), ("node", 1)];

/// Bytes of a script or module.
const LONGEST_BYTES: u64 = 1 << 20;

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

/// Reads the modules, checks all texts. `home` is the script's folder, `roots` are folders with a folder `scripts`.
pub(super) fn survey(
    name: &str,
    text: &str,
    home: Option<&Path>,
    roots: &[PathBuf],
    limits: ScriptLimits,
) -> Result<Survey, ScriptError> {
    let mut bundle = Bundle { name: name.to_owned(), text: text.to_owned(), modules: BTreeMap::new(), limits };
    match gather(&engine::bare(), &mut bundle, home, roots) {
        Ok(Gathered { digest, hooks, functions }) => Ok(Survey { bundle, digest, hooks, functions }),
        Err(error) => Err(error.quote(|source| bundle.source(source))),
    }
}

/// As `survey`, for a graph script, which has other functions and no hooks.
pub(super) fn survey_graph(
    name: &str,
    text: &str,
    home: Option<&Path>,
    roots: &[PathBuf],
    limits: ScriptLimits,
) -> Result<Bundle, ScriptError> {
    let mut engine = engine::bare();
    graph::register(&mut engine, None);
    let mut bundle = Bundle { name: name.to_owned(), text: text.to_owned(), modules: BTreeMap::new(), limits };
    match gather(&engine, &mut bundle, home, roots) {
        Ok(_) => Ok(bundle),
        Err(error) => Err(error.quote(|source| bundle.source(source))),
    }
}

/// What all texts together are.
struct Gathered {
    digest: Digest,
    hooks: BTreeSet<String>,
    functions: BTreeSet<String>,
}

fn gather(
    engine: &Engine,
    bundle: &mut Bundle,
    home: Option<&Path>,
    roots: &[PathBuf],
) -> Result<Gathered, ScriptError> {
    let tree = compile(engine, &bundle.text, &bundle.name)?;
    let mut open = imports(&tree, &bundle.name)?;
    let mut trees = vec![(bundle.name.clone(), tree)];
    while let Some(import) = open.pop() {
        if bundle.modules.contains_key(&import.path) {
            continue;
        }
        let text = read(&import, home, roots)?;
        bundle.modules.insert(import.path.clone(), text.clone());
        let name = file_name(&import.path);
        let tree = compile(engine, &text, &name)?;
        open.extend(imports(&tree, &name)?);
        trees.push((name, tree));
    }
    let known = Known::of(engine);
    for (name, tree) in &trees {
        known.check(tree, name)?;
    }
    let hooks = hooks(&trees[0].1, &bundle.text, &bundle.name)?;
    let functions = trees[0].1.iter_functions().map(|function| function.name.to_owned()).collect();
    Ok(Gathered { digest: bundle.digest(engine)?, hooks, functions })
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
fn read(import: &Import, home: Option<&Path>, roots: &[PathBuf]) -> Result<String, ScriptError> {
    let path = Path::new(&import.path);
    if path.components().any(|part| !matches!(part, Component::Normal(_))) {
        return Err(import.fault(format!("`{}` leads out of the scripts' folders", import.path)));
    }
    let file = path.with_extension("rhai");
    let folders = home.map(Path::to_owned).into_iter().chain(roots.iter().map(|root| root.join("scripts")));
    let mut looked = Vec::new();
    for folder in folders {
        let candidate = folder.join(&file);
        if candidate.is_file() {
            return bounded_text(&candidate).map_err(|error| import.fault(error));
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

/// A text of reasonable length, or why not.
pub(crate) fn bounded_text(path: &Path) -> Result<String, String> {
    let told = |error: std::io::Error| format!("can't read {}: {error}", path.display());
    let bytes = fs::metadata(path).map_err(told)?.len();
    if bytes > LONGEST_BYTES {
        return Err(format!("{} has {bytes} bytes; {LONGEST_BYTES} are allowed", path.display()));
    }
    fs::read_to_string(path).map_err(told)
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
    let is_it =
        |line: &&str| line.trim_start().strip_prefix("fn ").is_some_and(|rest| rest.trim_start().starts_with(name));
    let line = text.lines().position(|line| is_it(&line))? + 1;
    Some(Spot { source: source.to_owned(), line, column: 0, excerpt: String::new() })
}
