//! A JSON Schema of recipes, made from the node descriptions, so that editors complete and check what is written.

use serde_json::{Map, Value, json};

use crate::node::{self, Arity, Domain, KNOBS, NodeSpec, Param, Port};

pub(crate) fn schema() -> Value {
    let is_check = |node: &&NodeSpec| node.name.starts_with("check.");
    let nodes: Map<String, Value> =
        node::all().map(|node| (node.name.to_owned(), stage(node, is_check(&node)))).collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "cuesmith recipe",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "recipe": header(),
            "knobs": table("What people turn", params(KNOBS.iter())),
            "stages": stages("Nodes with inputs and parameters", node::all().filter(|node| !is_check(node))),
            "checks": stages("What the result has to pass", node::all().filter(is_check)),
        },
        "definitions": nodes,
    })
}

fn header() -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let properties = [
        ("name", text("Name; the file's name when not given")),
        ("about", text("One sentence")),
        ("extends", text("A recipe that this one lies over")),
        ("seed", json!({ "type": "integer", "minimum": 0, "description": "Master seed", "default": 1 })),
    ];
    table("What this recipe is", properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn table(about: &str, properties: Map<String, Value>) -> Value {
    json!({ "type": "object", "description": about, "additionalProperties": false, "properties": properties })
}

/// A stage without `node` changes one of the recipe that is extended: its parameters can't be known here.
fn stages<'a>(about: &str, nodes: impl Iterator<Item = &'a NodeSpec>) -> Value {
    let (mut names, mut branches) = (Vec::new(), Vec::new());
    for node in nodes {
        names.push(node.name);
        branches.push(json!({
            "if": { "required": ["node"], "properties": { "node": { "const": node.name } } },
            "then": { "$ref": format!("#/definitions/{}", node.name) },
        }));
    }
    let stage = json!({ "type": "object", "properties": { "node": { "enum": names } }, "allOf": branches });
    json!({
        "type": "object",
        "description": about,
        "propertyNames": { "pattern": "^[A-Za-z0-9_-]+$" },
        "additionalProperties": stage,
    })
}

fn stage(node: &NodeSpec, is_check: bool) -> Value {
    let inputs = node.inputs.iter().map(|port| (port.name.to_owned(), input(port))).collect();
    let positive = |about: &str, default: u32| json!({ "type": "integer", "minimum": 1, "description": about, "default": default });
    let mut properties = params(node.params.iter());
    properties.insert("node".to_owned(), json!({ "const": node.name }));
    properties.insert("inputs".to_owned(), table("Outputs of other stages, by port", inputs));
    properties.insert(
        "deadline_seconds".to_owned(),
        positive("The stage is stopped after this", node.limits.deadline_seconds),
    );
    properties.insert("memory_mib".to_owned(), positive("The stage is stopped above this", node.limits.memory_mib));
    if is_check {
        let on_fail = json!({ "enum": ["fail", "warn"], "default": "fail", "description": "What a failed check does" });
        properties.insert("on_fail".to_owned(), on_fail);
    }
    table(node.about, properties)
}

fn input(port: &Port) -> Value {
    let reference = json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]+(\\.[a-z_]+)?$" });
    let about = format!("{} ({:?})", port.about, port.kind);
    let list = json!({ "type": "array", "items": reference });
    match port.arity {
        Arity::Many => json!({ "description": about, "anyOf": [reference, list] }),
        _ => json!({ "description": about, "anyOf": [reference] }),
    }
}

fn params<'a>(params: impl Iterator<Item = &'a Param>) -> Map<String, Value> {
    params.map(|param| (param.name.to_owned(), schema_of(param))).collect()
}

fn schema_of(param: &Param) -> Value {
    let mut schema = domain(param.domain);
    let unit = if param.unit.is_empty() { String::new() } else { format!(" ({})", param.unit) };
    schema["description"] = format!("{}{unit}", param.about).into();
    if let Some(default) = super::default_value(param) {
        schema["default"] = default;
    }
    schema
}

fn domain(domain: Domain) -> Value {
    let number = |min: f64, max: f64| json!({ "type": "number", "minimum": min, "maximum": max });
    match domain {
        Domain::Float { min, max } => number(min, max),
        Domain::Int { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Domain::Bool => json!({ "type": "boolean" }),
        Domain::Text | Domain::Key | Domain::File | Domain::Folder => json!({ "type": "string" }),
        Domain::Choice(choices) => json!({ "enum": choices }),
        Domain::Range { min, max } => {
            let sides = json!({ "min": number(min, max), "max": number(min, max) });
            let both = json!({ "type": "object", "additionalProperties": false, "properties": sides });
            json!({ "anyOf": [number(min, max), both] })
        }
        Domain::Offset { min, max } => {
            let text = json!({ "type": "string", "pattern": r"^(auto|[+-][0-9.]+)$" });
            json!({ "anyOf": [number(min, max), text] })
        }
        Domain::AutoFloat { min, max } => json!({ "anyOf": [number(min, max), { "const": "auto" }] }),
    }
}
