//! What a graph script wrote down: lines of a recipe, each with the call that wrote it.

use std::collections::BTreeSet;

use rhai::{Dynamic, EvalAltResult, Map, NativeCallContext};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{STAGE_KEYS, joint::Joint};
use crate::node::NodeSpec;

/// No graph of a person has more.
const MOST_LINES: usize = 20_000;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Draft {
    /// In the order of the calls; a later line of the same path takes the place of an earlier one.
    pub(crate) lines: Vec<Line>,
    /// It asked for the video: with another video it may be another graph.
    pub(crate) asked_clip: bool,
    /// Stages that the script calls checks.
    #[serde(skip)]
    pub(super) checks: BTreeSet<String>,
}

/// One key of a recipe: `stages.chords.temperature = 0.9`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) path: Vec<String>,
    pub(crate) value: Value,
    pub(crate) call: Call,
}

/// Where a function was called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Call {
    /// Empty for the script itself, else the module's path.
    pub(crate) source: String,
    /// Counted from 1.
    pub(crate) line: usize,
    /// In characters, counted from 1.
    pub(crate) column: usize,
}

type Checked<T> = Result<T, Box<EvalAltResult>>;

impl Call {
    pub(super) fn of(context: &NativeCallContext) -> Self {
        let position = context.call_position();
        Self {
            source: context.call_source().unwrap_or_default().to_owned(),
            line: position.line().unwrap_or(1),
            column: position.position().unwrap_or(1),
        }
    }
}

impl Draft {
    pub(super) fn put(&mut self, call: &Call, table: &[&str], key: &str, value: &Dynamic) -> Checked<()> {
        let path = table.iter().map(|part| (*part).to_owned()).chain([key.to_owned()]).collect();
        self.line(call, path, plain(key, value)?)
    }

    pub(super) fn hit(&mut self, call: &Call, hit: Map) -> Checked<()> {
        let value = plain("hit", &Dynamic::from(hit))?;
        let path = vec!["knobs".to_owned(), "hits".to_owned()];
        if let Some(Value::Array(hits)) =
            self.lines.iter_mut().find(|line| line.path == path).map(|line| &mut line.value)
        {
            hits.push(value);
            return Ok(());
        }
        self.line(call, path, Value::Array(vec![value]))
    }

    /// A stage with inputs, parameters and limits in one map; without a node it changes one that is extended.
    pub(super) fn stage(
        &mut self,
        call: &Call,
        table: &str,
        name: &str,
        spec: Option<&NodeSpec>,
        map: Map,
    ) -> Checked<()> {
        let at = |keys: &[&str]| -> Vec<String> {
            [table, name].iter().chain(keys).map(|part| (*part).to_owned()).collect()
        };
        if let Some(spec) = spec {
            if self.node_of(name).is_some() {
                return Err(format!("there is a stage `{name}` already; give this one another name").into());
            }
            self.line(call, at(&["node"]), spec.name.into())?;
        }
        let node = spec.map(|spec| spec.inputs.iter().map(|port| port.name).collect::<Vec<_>>());
        for (key, value) in map {
            let is_port = node.as_ref().map_or_else(|| is_joint(&value), |ports| ports.contains(&key.as_str()));
            let is_joined = is_joint(&value) && !STAGE_KEYS.contains(&key.as_str());
            let path = if is_port || is_joined { at(&["inputs", &key]) } else { at(&[&key]) };
            let value = plain(&key, &value)?;
            self.line(call, path, value)?;
        }
        Ok(())
    }

    pub(super) fn is_check(&self, stage: &str) -> bool {
        self.checks.contains(stage) || self.node_of(stage).is_some_and(|(table, _)| table == "checks")
    }

    /// The last word of the node's name, if no stage has it.
    pub(super) fn free_name(&self, node: &str) -> Checked<String> {
        let name = node.rsplit('.').next().unwrap_or(node);
        if self.node_of(name).is_some() {
            return Err(format!("there is a stage `{name}` already; name this one: it comes first, as a text").into());
        }
        Ok(name.to_owned())
    }

    fn node_of(&self, stage: &str) -> Option<(&str, &Value)> {
        let line =
            self.lines.iter().find(|line| line.path.len() == 3 && line.path[1] == stage && line.path[2] == "node")?;
        Some((&line.path[0], &line.value))
    }

    fn line(&mut self, call: &Call, path: Vec<String>, value: Value) -> Checked<()> {
        if self.lines.len() >= MOST_LINES {
            return Err(format!("a graph has at most {MOST_LINES} parameters and inputs").into());
        }
        match self.lines.iter_mut().find(|line| line.path == path) {
            Some(line) => *line = Line { path, value, call: call.clone() },
            None => self.lines.push(Line { path, value, call: call.clone() }),
        }
        Ok(())
    }
}

fn is_joint(value: &Dynamic) -> bool {
    value.is::<Joint>()
        || value.read_lock::<rhai::Array>().is_some_and(|items| items.first().is_some_and(Dynamic::is::<Joint>))
}

/// A value of the script as a value of a recipe; stages become references.
fn plain(key: &str, value: &Dynamic) -> Checked<Value> {
    if let Some(joint) = value.read_lock::<Joint>() {
        return Ok(joint.reference().into());
    }
    if let Some(items) = value.read_lock::<rhai::Array>() {
        return items.iter().map(|item| plain(key, item)).collect();
    }
    if let Some(map) = value.read_lock::<Map>() {
        let entries = map.iter().map(|(name, item)| Ok((name.to_string(), plain(name, item)?)));
        return entries.collect::<Checked<serde_json::Map<_, _>>>().map(Value::Object);
    }
    match value.type_name() {
        "i64" | "f64" | "bool" | "string" | "char" => rhai::serde::from_dynamic(value),
        other => Err(format!("`{key}` can't be {other}; recipes hold numbers, texts, lists, maps and stages").into()),
    }
}
