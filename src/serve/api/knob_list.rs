//! What can be turned, and within which limits.

use axum::Json;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    affect::MOODS,
    node::{Domain, KNOBS, Param},
    script::shipped_styles,
};

/// Styles that are part of the program, not scripts.
const BUILT_IN_STYLES: [&str; 2] = ["band", "piano"];

#[derive(Debug, Serialize)]
pub(in crate::serve) struct Knob {
    name: &'static str,
    about: &'static str,
    unit: &'static str,
    /// In words.
    takes: String,
    /// For programs: `kind`, `min` and `max`, `choices`.
    domain: Value,
    default: Value,
}

pub(in crate::serve) async fn knobs() -> Json<Vec<Knob>> {
    Json(KNOBS.iter().map(knob).collect())
}

fn knob(param: &'static Param) -> Knob {
    Knob {
        name: param.name,
        about: param.about,
        unit: param.unit,
        takes: param.domain.to_string(),
        domain: domain(&param.domain),
        default: param.default.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null),
    }
}

fn domain(domain: &Domain) -> Value {
    let between = |kind: &str, min: f64, max: f64| json!({ "kind": kind, "min": min, "max": max });
    match domain {
        Domain::Float { min, max } => between("float", *min, *max),
        Domain::Range { min, max } => between("range", *min, *max),
        Domain::Offset { min, max } => between("offset", *min, *max),
        Domain::AutoFloat { min, max } => between("auto_float", *min, *max),
        Domain::Int { min, max } => json!({ "kind": "int", "min": min, "max": max }),
        Domain::AutoInt { min, max } => json!({ "kind": "auto_int", "min": min, "max": max }),
        Domain::Bool => json!({ "kind": "bool" }),
        Domain::Choice(choices) => json!({ "kind": "choice", "choices": choices }),
        Domain::Mood => json!({ "kind": "choice", "choices": moods() }),
        Domain::Style => json!({ "kind": "choice", "choices": styles() }),
        Domain::Key => json!({ "kind": "key" }),
        Domain::Hits => json!({ "kind": "hits" }),
        Domain::Text | Domain::Script | Domain::File | Domain::Folder => json!({ "kind": "text" }),
    }
}

fn moods() -> Vec<&'static str> {
    ["auto"].into_iter().chain(MOODS.iter().map(|mood| mood.word)).collect()
}

fn styles() -> Vec<&'static str> {
    BUILT_IN_STYLES.into_iter().chain(shipped_styles()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_knob_says_what_it_takes() {
        for param in KNOBS {
            let knob = knob(param);
            assert!(!knob.default.is_null() && knob.domain["kind"].is_string(), "{}", knob.name);
            let choices = knob.domain["choices"].as_array();
            assert!(choices.is_none_or(|choices| choices.contains(&knob.default)), "{}", knob.name);
        }
        assert_eq!(styles().len(), 12);
    }
}
