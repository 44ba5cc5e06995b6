//! A recipe that is a graph script: the table that its calls write down.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::{
    error::RecipeError,
    located,
    place::{Place, Source},
    roots::Roots,
    scripts::of_script,
    written::{Entry, Table, What, Written},
};
use crate::script::{self, Answer, Ask, Bundle, ClipFacts, Draft, Line, Manuscript, ScriptError, ScriptLimits};

/// What a graph script gave.
pub(super) struct Outcome {
    pub(super) table: Table,
    /// The modules that it imports.
    pub(super) modules: Vec<Arc<Source>>,
    pub(super) asked_clip: bool,
    pub(super) printed: Vec<String>,
}

pub(super) fn run(
    source: &Arc<Source>,
    roots: &Roots,
    limits: ScriptLimits,
    clip: Option<ClipFacts>,
) -> Result<Outcome, RecipeError> {
    let home = source.folder();
    let script = Manuscript {
        name: source.name.clone(),
        text: source.text.clone(),
        home: home.map(ToOwned::to_owned),
        roots: roots.all(home),
        limits,
    };
    let ask = Ask::Graph { script, clip };
    match script::ask(ask) {
        Ok(Answer::Graph { draft, bundle, printed }) => Ok(written(source, draft, &bundle, printed)),
        Ok(_) => Err(of_script(ScriptError::new("a script that was asked for a graph said something else"))),
        Err(error) => Err(of_script(error)),
    }
}

fn written(source: &Arc<Source>, draft: Draft, bundle: &Bundle, printed: Vec<String>) -> Outcome {
    let module = |(path, text): (&String, &String)| {
        (
            path.clone(),
            Arc::new(Source { name: format!("{path}.rhai"), path: None, text: text.clone(), is_argument: false }),
        )
    };
    let modules: BTreeMap<String, Arc<Source>> = bundle.modules.iter().map(module).collect();
    let mut table = Table::new();
    for line in draft.lines {
        let module = line.call.source.strip_suffix(".rhai").and_then(|path| modules.get(path));
        let text = module.unwrap_or(source);
        put(&mut table, line, text);
    }
    Outcome { table, modules: modules.into_values().collect(), asked_clip: draft.asked_clip, printed }
}

fn put(table: &mut Table, line: Line, source: &Arc<Source>) {
    let start = located::offset(&source.text, line.call.line, line.call.column);
    let call = Place::new(source, located::word(&source.text, start));
    let last = line.path.last().map_or("", String::as_str);
    let (key, value) = located::entry(&source.text, start, last)
        .map_or((call.clone(), call.clone()), |(key, value)| (Place::new(source, key), Place::new(source, value)));
    insert(table, &line.path, &call, Entry { key, value: of_json(line.value, &value) });
}

/// Puts an entry at a path; the tables on the way belong to the call.
fn insert(table: &mut Table, path: &[String], call: &Place, entry: Entry) {
    let Some((first, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        table.insert(first.clone(), entry);
        return;
    }
    let empty = || Entry { key: call.clone(), value: Written { what: What::Table(Table::new()), place: call.clone() } };
    if let What::Table(inner) = &mut table.entry(first.clone()).or_insert_with(empty).value.what {
        insert(inner, rest, call, entry);
    }
}

fn of_json(value: Value, place: &Place) -> Written {
    let what = match value {
        Value::Null => What::Text(String::new()),
        Value::Bool(flag) => What::Bool(flag),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => What::Integer(whole.into()),
            None => What::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => What::Text(text),
        Value::Array(items) => What::List(items.into_iter().map(|item| of_json(item, place)).collect()),
        Value::Object(items) => {
            let entry = |(name, item)| (name, Entry { key: place.clone(), value: of_json(item, place) });
            What::Table(items.into_iter().map(entry).collect())
        }
    };
    Written { what, place: place.clone() }
}
