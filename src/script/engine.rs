//! The engine that all scripts run on: Rhai with every limit on, our modules, our functions.

use std::{cell::RefCell, rc::Rc};

use rhai::{Engine, OptimizationLevel};

use super::{
    ScriptLimits, bounded,
    guard::{Guard, Trace},
    modules::Modules,
    music,
};

const SURPLUS_OPERATIONS: u64 = 10_000;
const MOST_CALLS: usize = 64;
const MOST_NESTED: usize = 64;
const MOST_FUNCTIONS: usize = 500;
const MOST_MODULES: usize = 32;
const MOST_VARIABLES: usize = 500;
/// Lines that `print` may write, and their length.
const MOST_LINES: usize = 200;
const MOST_LETTERS: usize = 400;

/// What a script printed.
pub(super) type Printed = Rc<RefCell<Vec<String>>>;

/// The engine, and where it keeps what scripts print.
pub(super) fn engine(limits: &ScriptLimits, modules: Modules, trace: Trace) -> (Engine, Printed) {
    let mut engine = bare();
    // The guard knows the line; this holds where no variable is read.
    engine.set_max_operations(limits.operations.saturating_add(SURPLUS_OPERATIONS));
    engine.set_module_resolver(modules);
    Guard::new(limits, trace).watch(&mut engine);
    let printed = Printed::default();
    let (to_print, to_debug) = (Rc::clone(&printed), Rc::clone(&printed));
    engine.on_print(move |text| print(&to_print, text));
    // Without a line: comments move lines, and are no part of keys.
    engine.on_debug(move |text, _, _| print(&to_debug, text));
    (engine, printed)
}

/// All that scripts can call, with the limits that need no clock: for reading scripts and for the reference.
pub(super) fn bare() -> Engine {
    let mut engine = Engine::new();
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_max_call_levels(MOST_CALLS);
    engine.set_max_expr_depths(MOST_NESTED, MOST_NESTED);
    engine.set_max_functions(MOST_FUNCTIONS);
    engine.set_max_modules(MOST_MODULES);
    engine.set_max_variables(MOST_VARIABLES);
    engine.set_max_string_size(bounded::MOST_TEXT);
    engine.set_max_array_size(bounded::MOST_ELEMENTS);
    engine.set_max_map_size(bounded::MOST_ENTRIES);
    engine.disable_symbol("eval");
    engine.set_fail_on_invalid_map_property(true);
    bounded::register(&mut engine);
    music::register(&mut engine);
    engine
}

fn print(printed: &Printed, text: &str) {
    let mut printed = printed.borrow_mut();
    match printed.len() {
        MOST_LINES => printed.push("... and more".to_owned()),
        lines if lines < MOST_LINES => printed.push(text.chars().take(MOST_LETTERS).collect()),
        _ => {}
    }
}
