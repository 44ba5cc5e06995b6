//! One stage of a raw recipe: its node, values of its parameters, limits, files and inputs as written.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use serde_json::{Map, Value};

use super::{
    error::RecipeError,
    fault::Fault,
    place::Place,
    raw::RawStage,
    resolve::default_value,
    resolved::{Joint, OnFail, Reference, ResolvedStage, StageFile},
    roots::Roots,
    scripts::Scripts,
    value::Wanted,
    written::{Entry, Table, What, Written},
};
use crate::{
    node::{self, Domain, KNOBS, Limits, NodeSpec, Param},
    script::Survey,
};

const STAGE_KEYS: [&str; 4] = ["node", "inputs", "deadline_seconds", "memory_mib"];
const DEADLINE_SECONDS: Domain = Domain::Int { min: 1, max: 30 * 86_400 };
const MEMORY_MIB: Domain = Domain::Int { min: 64, max: 1 << 20 };
const CHECK_KEYS: [&str; 2] = ["on_fail", "rerolls"];
const SCRIPT: &str = "script";
const SCRIPT_OUTPUT: &str = "output";
pub(super) const MOST_REROLLS: i64 = 16;
pub(super) const REROLLS: u32 = 3;

pub(super) struct StageResolver<'a, 'b> {
    pub(super) roots: &'a Roots,
    /// The folder of the recipe that was asked for.
    pub(super) home: &'a Path,
    pub(super) scripts: &'a mut Scripts<'b>,
    /// Names of stages that say a node: what a stage without one may have meant.
    pub(super) with_node: Vec<String>,
    pub(super) faults: &'a mut Vec<RecipeError>,
}

impl StageResolver<'_, '_> {
    /// The stage, or none where even its node is not known.
    pub(super) fn resolve(&mut self, name: &str, raw: RawStage) -> Option<ResolvedStage> {
        let (node, place) = self.node(name, &raw)?;
        self.refuse_unknown(name, node, &raw);
        let mut params = Map::new();
        let mut files = BTreeMap::new();
        for param in node.params {
            let written = raw.params.get(param.name);
            match param.domain {
                Domain::File | Domain::Folder if is_without_file(param, written) => {
                    params.insert(param.name.to_owned(), "".into());
                }
                Domain::File | Domain::Folder => {
                    files.extend(
                        self.file(name, node, param, written, &place).map(|file| (param.name.to_owned(), file)),
                    );
                }
                Domain::Script => {
                    if let Some((path, script)) = self.script(name, param, written, &place) {
                        params.insert(param.name.to_owned(), path.into());
                        files.insert(param.name.to_owned(), StageFile::Script(script));
                    }
                }
                _ => {
                    params.extend(self.param(name, param, written, &place).map(|value| (param.name.to_owned(), value)));
                }
            }
        }
        for knob in KNOBS.iter().filter(|knob| reads_knob(node, knob.name)) {
            let Some(written) = raw.params.get(knob.name) else { continue };
            params.extend(self.param(name, knob, Some(written), &place).map(|value| (knob.name.to_owned(), value)));
        }
        let limits = self.limits(name, node, &raw);
        let on_fail =
            if raw.is_check { Some(self.on_fail(name, raw.on_fail.as_ref(), raw.rerolls.as_ref())) } else { None };
        let inputs = self.inputs(name, raw.inputs);
        Some(ResolvedStage { node, params, files, inputs, limits, on_fail, place })
    }

    fn node(&mut self, stage: &str, raw: &RawStage) -> Option<(&'static NodeSpec, Place)> {
        let Some(written) = &raw.node else {
            let fault = Fault::MissingNode { stage: stage.to_owned(), known: self.with_node.clone() };
            self.fault(&raw.key, fault);
            return None;
        };
        let wanted = Wanted { what: "`node`", domain: Domain::Text, default: None };
        let name = self.settle(&wanted, written)?;
        let name = full_name(name.as_str().unwrap_or_default(), raw);
        let name = name.as_str();
        let Some(node) = node::find(name) else {
            let known = node::all().map(|node| node.name.to_owned()).collect();
            let context = format!(" in stage `{stage}`");
            self.fault(
                &written.place,
                Fault::Unknown { what: "node", name: name.to_owned(), context, known, hint: script_hint(name) },
            );
            return None;
        };
        match (raw.is_check, node.name.starts_with("check.")) {
            (true, false) => self.fault(&written.place, Fault::NotACheck { stage: stage.to_owned(), node: node.name }),
            (false, true) => {
                self.fault(&written.place, Fault::CheckAmongStages { stage: stage.to_owned(), node: node.name });
            }
            _ => {}
        }
        Some((node, written.place.clone()))
    }

    fn refuse_unknown(&mut self, stage: &str, node: &NodeSpec, raw: &RawStage) {
        let is_output = |name: &str| name == SCRIPT_OUTPUT && node.name.starts_with("script.");
        let is_param = |name: &str| node.params.iter().any(|param| param.name == name) || is_output(name);
        for (name, entry) in raw.params.iter().filter(|(name, _)| !is_param(name) && !reads_knob(node, name)) {
            let keys = STAGE_KEYS.into_iter().chain(CHECK_KEYS.into_iter().filter(|_| raw.is_check));
            let known = node.params.iter().map(|param| param.name).chain(keys).map(str::to_owned).collect();
            let fault = Fault::Unknown {
                what: "key",
                name: name.clone(),
                context: format!(" in stage `{stage}` ({})", node.name),
                known,
                hint: hint(name),
            };
            self.fault(&entry.key, fault);
        }
    }

    fn param(&mut self, stage: &str, param: &Param, written: Option<&Entry>, place: &Place) -> Option<Value> {
        let default = default_value(param);
        let Some(Entry { value, .. }) = written else {
            if default.is_none() {
                self.missing(stage, param, place);
            }
            return default;
        };
        let what = format!("`{}` of stage `{stage}`", param.name);
        let settled = self.settle(&Wanted { what: &what, domain: param.domain, default: default.as_ref() }, value)?;
        if param.domain != Domain::Style {
            return Some(settled);
        }
        let style = self.scripts.settle_style(&settled, &value.place);
        style.map_err(|error| self.faults.push(error)).ok()
    }

    fn missing(&mut self, stage: &str, param: &Param, place: &Place) {
        let fault = Fault::MissingParam {
            stage: stage.to_owned(),
            param: param.name,
            about: param.about,
            wanted: param.domain,
        };
        self.fault(place, fault);
    }

    fn file(
        &mut self,
        stage: &str,
        node: &NodeSpec,
        param: &Param,
        written: Option<&Entry>,
        place: &Place,
    ) -> Option<StageFile> {
        if written.is_none() && node.name == "source.video" && param.name == "file" {
            return Some(StageFile::Input);
        }
        let text = self.param(stage, param, written, place)?;
        let path = Path::new(text.as_str()?);
        let place = written.map_or(place, |entry| &entry.value.place);
        let home = place.source.folder().unwrap_or(self.home);
        let is_right = |path: &Path| if param.domain == Domain::Folder { path.is_dir() } else { path.is_file() };
        let found = self.roots.find(path, Some(home), place.source.is_argument, is_right);
        if found.is_none() {
            let looked = if path.is_absolute() { String::new() } else { self.roots.looked(Some(home)) };
            let fault = missing_file(stage, node, param, path, looked);
            self.fault(place, fault);
        }
        found.map(StageFile::At)
    }

    /// The script of a script node, which has to define what the node calls.
    fn script(
        &mut self,
        stage: &str,
        param: &Param,
        written: Option<&Entry>,
        place: &Place,
    ) -> Option<(String, Arc<Survey>)> {
        let text = self.param(stage, param, written, place)?;
        let place = written.map_or(place, |entry| &entry.value.place);
        let found = self.scripts.script(text.as_str()?, place);
        let (path, script) = found.map_err(|error| self.faults.push(error)).ok()?;
        if !script.hooks.contains("node") {
            self.fault(place, Fault::NoHook { script: script.bundle.name.clone(), hook: "node" });
        }
        Some((path, script))
    }

    fn limits(&mut self, stage: &str, node: &NodeSpec, raw: &RawStage) -> Limits {
        let mut limit = |name: &str, domain: Domain, written: Option<&Written>, default: u32| {
            let what = format!("`{name}` of stage `{stage}`");
            let value =
                written.and_then(|written| self.settle(&Wanted { what: &what, domain, default: None }, written));
            value.and_then(|value| u32::try_from(value.as_u64()?).ok()).unwrap_or(default)
        };
        let Limits { deadline_seconds, memory_mib } = node.limits;
        Limits::new(
            limit("deadline_seconds", DEADLINE_SECONDS, raw.deadline_seconds.as_ref(), deadline_seconds),
            limit("memory_mib", MEMORY_MIB, raw.memory_mib.as_ref(), memory_mib),
        )
    }

    /// `rerolls` may stand beside any `on_fail`, so that one word turns rerolling on and off.
    fn on_fail(&mut self, check: &str, written: Option<&Written>, rerolls: Option<&Written>) -> OnFail {
        let what = format!("`on_fail` of check `{check}`");
        let wanted = Wanted { what: &what, domain: Domain::Choice(&["fail", "warn", "reroll"]), default: None };
        let on_fail = written.and_then(|written| self.settle(&wanted, written));
        let what = format!("`rerolls` of check `{check}`");
        let wanted = Wanted { what: &what, domain: Domain::Int { min: 1, max: MOST_REROLLS }, default: None };
        let rerolls = rerolls.and_then(|written| self.settle(&wanted, written)?.as_u64());
        match on_fail {
            Some(value) if value == "warn" => OnFail::Warn,
            Some(value) if value == "reroll" => OnFail::Reroll { rerolls: rerolls.map_or(REROLLS, |most| most as u32) },
            _ => OnFail::Fail,
        }
    }

    fn inputs(&mut self, stage: &str, written: Table) -> BTreeMap<String, Joint> {
        let mut inputs = BTreeMap::new();
        for (port, Entry { key, value }) in written {
            let what = format!("input `{port}` of stage `{stage}`");
            let items = match value.what {
                What::List(items) => items,
                what => vec![Written { what, place: value.place }],
            };
            let written = items.len();
            let references = items.into_iter().filter_map(|item| self.reference(&what, item)).collect();
            inputs.insert(port, Joint { port: key, references, written });
        }
        inputs
    }

    fn reference(&mut self, what: &str, item: Written) -> Option<Reference> {
        if let What::Text(text) = item.what {
            return Some(Reference { text, place: item.place });
        }
        let wanted = "\"stage\", \"stage.port\" or a list of them".to_owned();
        let fault = Fault::WrongType { what: what.to_owned(), wanted, found: item.what.to_string() };
        self.fault(&item.place, fault);
        None
    }

    fn settle(&mut self, wanted: &Wanted<'_>, written: &Written) -> Option<Value> {
        wanted.settle(written).map_err(|error| self.faults.push(error)).ok()
    }

    fn fault(&mut self, place: &Place, fault: Fault) {
        self.faults.push(RecipeError::at(place, fault));
    }
}

fn script_hint(name: &str) -> Option<String> {
    let wants_output = name == SCRIPT || name.starts_with("script.");
    let hint = "a script says what it gives: `output = \"conditions\"`, \"chords\", \"notes\", \"score\" or \"report\"";
    wants_output.then(|| hint.to_owned())
}

/// `script` with `output = "score"` is `script.score`.
fn full_name(name: &str, raw: &RawStage) -> String {
    let output = raw.params.get(SCRIPT_OUTPUT).and_then(|entry| entry.value.as_text());
    match output.filter(|_| name == SCRIPT) {
        Some(output) => format!("{SCRIPT}.{output}"),
        None => name.to_owned(),
    }
}

/// A knob that reaches the node, so that a stage may say its own.
pub(super) fn reads_knob(node: &NodeSpec, knob: &str) -> bool {
    node.knobs.contains(&knob) || (knob == "style" && !node::hooks(node).is_empty())
}

/// A file that need not be given, and is not.
fn is_without_file(param: &Param, written: Option<&Entry>) -> bool {
    let is_empty = match written {
        Some(entry) => entry.value.as_text() == Some(""),
        None => default_value(param).is_some_and(|default| default == ""),
    };
    is_empty && node::is_optional_file(param)
}

/// Where a key that is known elsewhere belongs.
fn hint(name: &str) -> Option<String> {
    if KNOBS.iter().any(|knob| knob.name == name) {
        return Some(format!("`{name}` is a knob: write it under `[knobs]`"));
    }
    CHECK_KEYS.contains(&name).then(|| format!("`{name}` is for checks: write the stage as `[checks.NAME]`"))
}

fn missing_file(stage: &str, node: &NodeSpec, param: &Param, path: &Path, looked: String) -> Fault {
    let wanted = if param.domain == Domain::Folder { "folder" } else { "file" };
    let what = format!("`{}` of stage `{stage}`", param.name);
    let table = if node.name.starts_with("check.") { "checks" } else { "stages" };
    let other = format!("name another with `--set {table}.{stage}.{}=PATH`", param.name);
    let next_step = match (param.name, node.name.rsplit_once('.')) {
        ("weights", Some(("data", _) | ("check", "affect"))) => {
            format!("train it with `cuesmith run recipes/train/music_affect.toml`, or {other}")
        }
        ("weights", Some(("select", "best"))) => {
            format!("train it with `cuesmith run recipes/train/vmcp.toml`, or {other}")
        }
        ("weights", Some(("plan", _))) => {
            format!("train it with `cuesmith run recipes/train/dynamics.toml`, or {other}")
        }
        ("weights", Some(("feature", "semantic"))) => format!("cuesmith ships it in store/models; or {other}"),
        ("weights", Some((_, model))) => format!("train it with `cuesmith run recipes/train/{model}.toml`, or {other}"),
        ("soundfont", _) => format!("`make setup` installs it, or {other}"),
        _ => other,
    };
    Fault::MissingFile { what, wanted, path: path.display().to_string(), looked, next_step }
}
