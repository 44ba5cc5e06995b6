//! From a raw recipe to a resolved one: defaults filled in, values checked, files found.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use serde_json::{Map, Value, json};

use super::{
    error::RecipeError,
    fault::Fault,
    place::{Place, Source},
    raw::{RawRecipe, RawStage},
    resolved::{ResolvedRecipe, ResolvedStage},
    roots::Roots,
    scripts::Scripts,
    stage::StageResolver,
    value::Wanted,
    written::{Table, What, Written},
};
use crate::{
    node::{Domain, KNOBS, Param},
    script::ScriptLimits,
};

const DEFAULT_SEED: u64 = 1;
/// Settings of `[scripts]`; the least memory is what the child takes itself, with its stack.
pub(super) const SCRIPT_LIMITS: [(&str, Domain); 3] = [
    ("deadline_seconds", Domain::Int { min: 1, max: 600 }),
    ("memory_mib", Domain::Int { min: 400, max: 65_536 }),
    ("operations", Domain::Int { min: 1000, max: 1_000_000_000_000 }),
];

/// A recipe as far as it could be resolved.
pub(super) struct Resolution {
    pub(super) recipe: ResolvedRecipe,
    /// Stages that are written but could not be resolved.
    pub(super) broken: BTreeSet<String>,
}

pub(super) fn resolve(
    raw: RawRecipe,
    sources: &[Arc<Source>],
    roots: &Roots,
    faults: &mut Vec<RecipeError>,
) -> Resolution {
    let name = text(raw.name.as_ref(), "`name`", faults).unwrap_or_else(|| stem(&sources[0]));
    let about = text(raw.about.as_ref(), "`about`", faults).unwrap_or_default();
    let seed = seed(raw.seed.as_ref(), faults);
    let limits = script_limits(&raw.scripts, faults);
    let mut scripts = Scripts { roots, limits, known: BTreeMap::new() };
    let knobs = knobs(&raw.knobs, &mut scripts, faults);
    let home = sources[0].folder().unwrap_or(&roots.current);
    let hits = hit_places(&raw.knobs).into_iter().map(|(_, place)| place).collect();
    let (stages, mut broken) = stages(raw.stages, home, &mut scripts, faults);
    broken.extend(raw.broken);
    let (surveys, sources) = (scripts.known, sources.to_vec());
    let recipe = ResolvedRecipe {
        name,
        about,
        seed,
        knobs,
        scripts: limits,
        surveys,
        hits,
        stages,
        sources,
        asked_clip: false,
        printed: vec![],
    };
    Resolution { recipe, broken }
}

fn stages(
    raw: BTreeMap<String, RawStage>,
    home: &Path,
    scripts: &mut Scripts<'_>,
    faults: &mut Vec<RecipeError>,
) -> (BTreeMap<String, ResolvedStage>, BTreeSet<String>) {
    let with_node = raw.iter().filter(|(_, stage)| stage.node.is_some()).map(|(name, _)| name.clone()).collect();
    let mut resolver = StageResolver { roots: scripts.roots, home, with_node, scripts, faults };
    let (mut stages, mut broken) = (BTreeMap::new(), BTreeSet::new());
    for (name, stage) in raw {
        match resolver.resolve(&name, stage) {
            Some(stage) => _ = stages.insert(name, stage),
            None => _ = broken.insert(name),
        }
    }
    (stages, broken)
}

/// Limits of scripts, as a recipe or `--set` says them.
pub(super) fn script_limits(written: &Table, faults: &mut Vec<RecipeError>) -> ScriptLimits {
    let defaults = ScriptLimits::default();
    for (name, entry) in written.iter().filter(|(name, _)| SCRIPT_LIMITS.iter().all(|(known, _)| known != name)) {
        let known = SCRIPT_LIMITS.map(|(name, _)| name.to_owned()).to_vec();
        let context = " in `scripts`".to_owned();
        let fault = Fault::Unknown { what: "key", name: name.clone(), context, known, hint: None };
        faults.push(RecipeError::at(&entry.key, fault));
    }
    let mut limit = |(name, domain): (&str, Domain), default: u64| {
        let Some(entry) = written.get(name) else { return default };
        let wanted = Wanted { what: &format!("`{name}` of `scripts`"), domain, default: None };
        let settled = wanted.settle(&entry.value).map_err(|error| faults.push(error)).ok();
        settled.and_then(|value| value.as_u64()).unwrap_or(default)
    };
    ScriptLimits {
        deadline_seconds: limit(SCRIPT_LIMITS[0], defaults.deadline_seconds.into()) as u32,
        memory_mib: limit(SCRIPT_LIMITS[1], defaults.memory_mib.into()) as u32,
        operations: limit(SCRIPT_LIMITS[2], defaults.operations),
    }
}

fn knobs(written: &Table, scripts: &mut Scripts<'_>, faults: &mut Vec<RecipeError>) -> Map<String, Value> {
    for (name, entry) in written.iter().filter(|(name, _)| KNOBS.iter().all(|knob| knob.name != name.as_str())) {
        let known = KNOBS.iter().map(|knob| knob.name.to_owned()).collect();
        let fault = Fault::Unknown { what: "knob", name: name.clone(), context: String::new(), known, hint: None };
        faults.push(RecipeError::at(&entry.key, fault));
    }
    let mut knobs = Map::new();
    for knob in KNOBS {
        let default = default_value(knob).expect("every knob has a default");
        let value = match written.get(knob.name) {
            Some(entry) => {
                let what = format!("knob `{}`", knob.name);
                let wanted = Wanted { what: &what, domain: knob.domain, default: Some(&default) };
                let settled = wanted.settle(&entry.value).and_then(|value| {
                    if knob.domain == Domain::Style {
                        scripts.settle_style(&value, &entry.value.place)
                    } else {
                        Ok(value)
                    }
                });
                settled.map_err(|error| faults.push(error)).unwrap_or(default)
            }
            None => default,
        };
        knobs.insert(knob.name.to_owned(), value);
    }
    check_take(written, &knobs, faults);
    check_hits(written, &knobs, faults);
    knobs
}

fn check_take(written: &Table, knobs: &Map<String, Value>, faults: &mut Vec<RecipeError>) {
    let number = |name: &str| knobs.get(name).and_then(Value::as_i64).unwrap_or(1);
    let (take, candidates) = (number("take"), number("candidates"));
    if let Some(entry) = written.get("take").filter(|_| take > candidates) {
        faults.push(RecipeError::at(&entry.value.place, Fault::TakeOverCandidates { take, candidates }));
    }
}

/// Where each hit is written, in order of time.
fn hit_places(written: &Table) -> Vec<(f64, Place)> {
    let Some(What::List(items)) = written.get("hits").map(|entry| &entry.value.what) else { return Vec::new() };
    let time = |item: &Written| item.as_table()?.get("time")?.value.what.as_number();
    let mut places: Vec<(f64, Place)> =
        items.iter().filter_map(|item| Some((time(item)?, item.place.clone()))).collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    places
}

fn check_hits(written: &Table, knobs: &Map<String, Value>, faults: &mut Vec<RecipeError>) {
    let Some(fastest) = knobs.get("tempo").and_then(|tempo| tempo["max"].as_f64()) else { return };
    let beat = 60.0 / fastest;
    for pair in hit_places(written).windows(2) {
        let apart = pair[1].0 - pair[0].0;
        if apart < beat {
            faults.push(RecipeError::at(&pair[1].1, Fault::HitsTooNear { apart, beat }));
        }
    }
}

/// The default of a parameter in canonical form.
pub(crate) fn default_value(param: &Param) -> Option<Value> {
    let value: Value = serde_json::from_str(param.default?).expect("defaults are JSON");
    let real = |value: &Value| value.as_f64().map_or_else(|| value.clone(), Value::from);
    Some(match param.domain {
        Domain::Float { .. } | Domain::AutoFloat { .. } | Domain::Offset { .. } => real(&value),
        Domain::Range { .. } => json!({ "min": real(&value["min"]), "max": real(&value["max"]) }),
        _ => value,
    })
}

fn text(written: Option<&Written>, what: &str, faults: &mut Vec<RecipeError>) -> Option<String> {
    let wanted = Wanted { what, domain: Domain::Text, default: None };
    match wanted.settle(written?) {
        Ok(value) => value.as_str().map(str::to_owned),
        Err(error) => {
            faults.push(error);
            None
        }
    }
}

fn seed(written: Option<&Written>, faults: &mut Vec<RecipeError>) -> u64 {
    let Some(Written { what, place }) = written else { return DEFAULT_SEED };
    let seed = match what {
        What::Integer(number) => u64::try_from(*number).ok(),
        _ => None,
    };
    seed.unwrap_or_else(|| {
        faults.push(wrong_seed(what, place));
        DEFAULT_SEED
    })
}

fn wrong_seed(what: &What, place: &Place) -> RecipeError {
    let wanted = format!("a whole number from 0 to {}", u64::MAX);
    RecipeError::at(place, Fault::WrongType { what: "`seed`".to_owned(), wanted, found: what.to_string() })
}

fn stem(source: &Source) -> String {
    let name = source.path.as_deref().unwrap_or_else(|| Path::new(&source.name));
    name.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
