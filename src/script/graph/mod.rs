//! Graph scripts: every node as a function. What they call is written down and goes the way of a TOML recipe, so that
//! defaults, ranges and errors are the same.

mod draft;
mod facts;
mod joint;

use std::{cell::RefCell, rc::Rc};

use rhai::{Array, Dynamic, Engine, EvalAltResult, Map, NativeCallContext, Scope};

use self::{draft::Call, joint::Joint};
pub(crate) use self::{
    draft::{Draft, Line},
    facts::ClipFacts,
};
use super::{Bundle, ScriptError, engine, guard::Trace, modules::Modules, shipped_styles, survey};
use crate::node::{self, NodeSpec};

type Checked<T> = Result<T, Box<EvalAltResult>>;
type Shared = Rc<RefCell<Draft>>;

/// Keys of a stage that are neither inputs nor parameters.
const STAGE_KEYS: [&str; 4] = ["deadline_seconds", "memory_mib", "on_fail", "rerolls"];

/// Runs a graph script and gives what it wrote down, and what it printed.
pub(super) fn run(bundle: &Bundle, clip: Option<ClipFacts>, trace: Trace) -> Result<(Draft, Vec<String>), ScriptError> {
    let (mut engine, printed) = engine::engine(&bundle.limits, Modules::new(&bundle.modules), trace);
    let draft = register(&mut engine, clip);
    let tree = survey::compile(&engine, &bundle.text, &bundle.name)?;
    let ran = engine.run_ast_with_scope(&mut Scope::new(), &tree);
    ran.map_err(|error| ScriptError::of_run(*error, &bundle.name))?;
    let printed = printed.take();
    Ok((draft.take(), printed))
}

/// Makes the functions of graphs known. `clip` is none where no video was given.
pub(super) fn register(engine: &mut Engine, clip: Option<ClipFacts>) -> Shared {
    let draft = Shared::default();
    joint::register(engine);
    register_tables(engine, &draft);
    for spec in node::all() {
        register_node(engine, spec, &draft);
    }
    engine.register_fn("styles", || -> Array { shipped_styles().map(Dynamic::from).collect() });
    let noted = Rc::clone(&draft);
    engine.register_fn("clip", move || -> Map {
        noted.borrow_mut().asked_clip = true;
        clip.clone().unwrap_or_default().to_map()
    });
    draft
}

/// `recipe(#{...})`, `knobs(#{...})`, `scripts(#{...})`, `hit(time, kind)`, `stage(name)`, `check(name)`, `set(name, #{...})`.
fn register_tables(engine: &mut Engine, draft: &Shared) {
    for table in ["recipe", "knobs", "scripts"] {
        let draft = Rc::clone(draft);
        engine.register_fn(table, move |context: NativeCallContext, map: Map| {
            let call = Call::of(&context);
            map.into_iter().try_for_each(|(key, value)| draft.borrow_mut().put(&call, &[table], &key, &value))
        });
    }
    let noted = Rc::clone(draft);
    engine.register_fn("hit", move |context: NativeCallContext, time: Dynamic, kind: &str| {
        let hit = Map::from([("time".into(), time), ("kind".into(), kind.to_owned().into())]);
        noted.borrow_mut().hit(&Call::of(&context), hit)
    });
    engine.register_fn("stage", |name: &str| Joint::stage(name));
    let noted = Rc::clone(draft);
    engine.register_fn("check", move |name: &str| {
        noted.borrow_mut().checks.insert(name.to_owned());
        Joint::stage(name)
    });
    let noted = Rc::clone(draft);
    engine.register_fn("set", move |context: NativeCallContext, stage: Joint, map: Map| -> Checked<Joint> {
        let call = Call::of(&context);
        let table = if noted.borrow().is_check(&stage.stage) { "checks" } else { "stages" };
        noted.borrow_mut().stage(&call, table, &stage.stage, None, map)?;
        Ok(stage)
    });
}

/// `generate_chords("chords", #{ plan: cue, temperature: 0.9 })`; the name may be left out, and so may the rest.
fn register_node(engine: &mut Engine, spec: &'static NodeSpec, draft: &Shared) {
    let function = function_name(spec);
    let noted = Rc::clone(draft);
    let add = move |context: &NativeCallContext, name: Option<&str>, map: Map| -> Checked<Joint> {
        let table = if spec.name.starts_with("check.") { "checks" } else { "stages" };
        let call = Call::of(context);
        let mut draft = noted.borrow_mut();
        let name = match name {
            Some(name) => name.to_owned(),
            None => draft.free_name(spec.name)?,
        };
        draft.stage(&call, table, &name, Some(spec), map)?;
        Ok(Joint::stage(&name))
    };
    let (bare, named, plain) = (add.clone(), add.clone(), add.clone());
    engine
        .register_fn(&function, move |context: NativeCallContext, name: &str, map: Map| add(&context, Some(name), map));
    engine.register_fn(&function, move |context: NativeCallContext, map: Map| plain(&context, None, map));
    engine
        .register_fn(&function, move |context: NativeCallContext, name: &str| named(&context, Some(name), Map::new()));
    engine.register_fn(&function, move |context: NativeCallContext| bare(&context, None, Map::new()));
}

/// `generate.chords` is `generate_chords` in scripts: many last words are used twice.
pub(crate) fn function_name(spec: &NodeSpec) -> String {
    spec.name.replace('.', "_")
}
