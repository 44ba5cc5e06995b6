//! A JSON Schema of recipes, made from the node descriptions, so that editors complete and check what is written.

use serde_json::{Map, Value, json};

use super::stage::{MOST_REROLLS, REROLLS};
use super::{resolve::SCRIPT_LIMITS, stage::reads_knob};
use crate::{
    affect::MOODS,
    node::{self, Arity, Domain, KNOBS, NodeSpec, Param, Port},
};

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
            "knobs": table("What people turn", &params(KNOBS.iter())),
            "scripts": scripts(),
            "stages": stages("Nodes with inputs and parameters", node::all().filter(|node| !is_check(node))),
            "hits": schema_of(KNOBS.iter().find(|knob| knob.name == "hits").expect("there is such a knob")),
            "checks": stages("What the result has to pass", node::all().filter(is_check)),
        },
        "definitions": nodes,
    })
}

fn scripts() -> Value {
    let limits = SCRIPT_LIMITS.iter().map(|(name, range)| ((*name).to_owned(), domain(*range)));
    table("What scripts may take, for each call", &limits.collect())
}

fn header() -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let properties = [
        ("name", text("Name; the file's name when not given")),
        ("about", text("One sentence")),
        ("extends", text("A recipe that this one lies over")),
        ("seed", json!({ "type": "integer", "minimum": 0, "description": "Master seed", "default": 1 })),
    ];
    table("What this recipe is", &properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn table(about: &str, properties: &Map<String, Value>) -> Value {
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
    let own_knobs = KNOBS.iter().filter(|knob| reads_knob(node, knob.name));
    let mut properties = params(node.params.iter().chain(own_knobs));
    properties.insert("node".to_owned(), json!({ "const": node.name }));
    properties.insert("inputs".to_owned(), table("Outputs of other stages, by port", &inputs));
    properties.insert(
        "deadline_seconds".to_owned(),
        positive("The stage is stopped after this", node.limits.deadline_seconds),
    );
    properties.insert("memory_mib".to_owned(), positive("The stage is stopped above this", node.limits.memory_mib));
    if is_check {
        let on_fail =
            json!({ "enum": ["fail", "warn", "reroll"], "default": "fail", "description": "What a failed check does" });
        properties.insert("on_fail".to_owned(), on_fail);
        let rerolls = json!({
            "type": "integer", "minimum": 1, "maximum": MOST_REROLLS, "default": REROLLS,
            "description": "How often on_fail = \"reroll\" composes anew; the best attempt is kept",
        });
        properties.insert("rerolls".to_owned(), rerolls);
    }
    table(node.about, &properties)
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
        Domain::Text | Domain::Key | Domain::Style | Domain::Script | Domain::File | Domain::Folder => {
            json!({ "type": "string" })
        }
        Domain::Mood => {
            json!({ "enum": std::iter::once("auto").chain(MOODS.iter().map(|mood| mood.word)).collect::<Vec<_>>() })
        }
        Domain::Choice(choices) => json!({ "enum": choices }),
        Domain::Hits => hits(),
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
        Domain::AutoInt { min, max } => {
            json!({ "anyOf": [{ "type": "integer", "minimum": min, "maximum": max }, { "const": "auto" }] })
        }
    }
}

fn hits() -> Value {
    let properties = json!({
        "time": { "type": "number", "minimum": 0, "maximum": super::value::LATEST_HIT_SECONDS, "description": "Seconds from the first picture" },
        "kind": { "enum": super::value::HIT_KINDS },
    });
    let hit = json!({
        "type": "object", "additionalProperties": false, "required": ["time", "kind"], "properties": properties,
    });
    json!({ "type": "array", "items": hit })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::shipped;

    /// What a shipped recipe writes, the schema has to know.
    #[test]
    fn every_key_of_base_is_in_the_schema() {
        let schema = schema();
        let base: Value = toml::from_str(shipped::find("base").unwrap().text).unwrap();
        let knows = |place: &Value, keys: &Value| {
            keys.as_object().unwrap().keys().all(|key| place["properties"].get(key).is_some())
        };
        assert!(knows(&schema, &base));
        assert!(knows(&schema["properties"]["recipe"], &base["recipe"]));
        assert!(knows(&schema["properties"]["knobs"], &base["knobs"]));
        for table in ["stages", "checks"] {
            for (name, stage) in base[table].as_object().unwrap() {
                let definition = &schema["definitions"][stage["node"].as_str().unwrap()];
                assert!(knows(definition, stage), "{name}");
                let no_inputs = json!({});
                let inputs = stage.get("inputs").unwrap_or(&no_inputs);
                assert!(knows(&definition["properties"]["inputs"], inputs), "{name}");
            }
        }
    }

    #[test]
    fn stages_and_checks_name_their_own_nodes() {
        let schema = schema();
        let nodes = |table: &str| {
            schema["properties"][table]["additionalProperties"]["properties"]["node"]["enum"]
                .as_array()
                .unwrap()
                .clone()
        };
        let checks =
            ["check.affect", "check.music", "check.original", "check.sync", "check.vmcp"].map(|name| json!(name));
        assert_eq!(nodes("checks"), checks);
        assert_eq!(nodes("stages").len() + nodes("checks").len(), node::all().count());
        assert!(schema["definitions"]["check.sync"]["properties"].get("on_fail").is_some());
        assert!(schema["definitions"]["mix.bed"]["properties"].get("on_fail").is_none());
    }

    #[test]
    fn a_knob_carries_range_default_and_unit() {
        let loudness = &schema()["properties"]["knobs"]["properties"]["loudness"];
        assert_eq!(loudness["minimum"], -40.0);
        assert_eq!(loudness["maximum"], -8.0);
        assert_eq!(loudness["default"], -16.0);
        assert!(loudness["description"].as_str().unwrap().contains("LUFS"));
    }
}
