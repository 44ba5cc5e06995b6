//! `import "lib/drums" as drums;`: from the texts of a bundle, never from a file.

use std::{cell::RefCell, collections::BTreeMap};

use rhai::{Engine, EvalAltResult, Module, ModuleResolver, Position, Scope, Shared};

/// Modules by the path that scripts say, compiled when they are first asked for.
#[derive(Default)]
pub(super) struct Modules {
    texts: BTreeMap<String, String>,
    /// None while it is being compiled.
    compiled: RefCell<BTreeMap<String, Option<Shared<Module>>>>,
}

impl Modules {
    pub(super) fn new(texts: &BTreeMap<String, String>) -> Self {
        Self { texts: texts.clone(), compiled: RefCell::default() }
    }
}

impl ModuleResolver for Modules {
    fn resolve(
        &self,
        engine: &Engine,
        _: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        match self.compiled.borrow().get(path) {
            Some(Some(known)) => return Ok(Shared::clone(known)),
            Some(None) => return Err(format!("modules import each other in a circle, through `{path}`").into()),
            None => {}
        }
        let missing = || EvalAltResult::ErrorModuleNotFound(path.to_owned(), position);
        let text = self.texts.get(path).ok_or_else(missing)?;
        self.compiled.borrow_mut().insert(path.to_owned(), None);
        let module = compile(engine, path, text)
            .map_err(|error| EvalAltResult::ErrorInModule(file_name(path), error, position))?;
        self.compiled.borrow_mut().insert(path.to_owned(), Some(Shared::clone(&module)));
        Ok(module)
    }
}

/// How errors call a module.
pub(super) fn file_name(path: &str) -> String {
    format!("{path}.rhai")
}

fn compile(engine: &Engine, path: &str, text: &str) -> Result<Shared<Module>, Box<EvalAltResult>> {
    let mut tree = engine.compile(text).map_err(EvalAltResult::from)?;
    tree.set_source(file_name(path));
    Module::eval_ast_as_new(Scope::new(), &tree, engine).map(Shared::new)
}
