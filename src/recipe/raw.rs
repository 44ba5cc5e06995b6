//! A recipe as it is written: tables sorted into their parts, unknown keys refused, values not yet looked at.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    error::RecipeError,
    fault::Fault,
    place::Place,
    written::{Entry, Table, What, Written},
};
use crate::node::KNOBS;

#[derive(Debug, Default)]
pub(super) struct RawRecipe {
    pub(super) name: Option<Written>,
    pub(super) about: Option<Written>,
    pub(super) seed: Option<Written>,
    pub(super) knobs: Table,
    /// Limits of scripts.
    pub(super) scripts: Table,
    pub(super) stages: BTreeMap<String, RawStage>,
    /// Stages that are no tables.
    pub(super) broken: BTreeSet<String>,
}

#[derive(Debug)]
pub(super) struct RawStage {
    pub(super) key: Place,
    pub(super) is_check: bool,
    pub(super) node: Option<Written>,
    pub(super) inputs: Table,
    pub(super) deadline_seconds: Option<Written>,
    pub(super) memory_mib: Option<Written>,
    pub(super) on_fail: Option<Written>,
    pub(super) rerolls: Option<Written>,
    /// Everything else: the node says what is known.
    pub(super) params: Table,
}

/// Sorts a table. What can't be sorted is left out and told of.
pub(super) fn sort(table: Table, faults: &mut Vec<RecipeError>) -> RawRecipe {
    let mut raw = RawRecipe::default();
    for (name, entry) in table {
        match name.as_str() {
            "recipe" => raw.sort_header(expect_table("`recipe`", entry, faults), faults),
            "knobs" => raw.knobs = expect_table("`knobs`", entry, faults),
            "scripts" => raw.scripts = expect_table("`scripts`", entry, faults),
            "stages" => raw.sort_stages(expect_table("`stages`", entry, faults), false, faults),
            "checks" => raw.sort_stages(expect_table("`checks`", entry, faults), true, faults),
            _ => faults.push(unknown_table(name, &entry)),
        }
    }
    raw
}

impl RawRecipe {
    fn sort_header(&mut self, header: Table, faults: &mut Vec<RecipeError>) {
        for (name, Entry { key, value }) in header {
            match name.as_str() {
                "name" => self.name = Some(value),
                "about" => self.about = Some(value),
                "seed" => self.seed = Some(value),
                "extends" => {}
                _ => {
                    let known = ["name", "about", "seed", "extends"].map(str::to_owned).to_vec();
                    let context = " in `recipe`".to_owned();
                    faults
                        .push(RecipeError::at(&key, Fault::Unknown { what: "key", name, context, known, hint: None }));
                }
            }
        }
    }

    fn sort_stages(&mut self, stages: Table, is_check: bool, faults: &mut Vec<RecipeError>) {
        for (name, entry) in stages {
            let key = entry.key.clone();
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
                faults.push(RecipeError::at(&key, Fault::StageName { name }));
                continue;
            }
            if self.stages.contains_key(&name) {
                faults.push(RecipeError::at(&key, Fault::SameName { name }));
                continue;
            }
            let is_table = entry.value.as_table().is_some();
            let table = expect_table(&format!("stage `{name}`"), entry, faults);
            if !is_table {
                self.broken.insert(name);
                continue;
            }
            let stage = RawStage::sort(key, is_check, table, &name, faults);
            self.stages.insert(name, stage);
        }
    }
}

impl RawStage {
    fn sort(key: Place, is_check: bool, mut table: Table, name: &str, faults: &mut Vec<RecipeError>) -> Self {
        let inputs = table.remove("inputs");
        let mut take = |field: &str| table.remove(field).map(|entry| entry.value);
        let (node, deadline_seconds, memory_mib) = (take("node"), take("deadline_seconds"), take("memory_mib"));
        let (on_fail, rerolls) = if is_check { (take("on_fail"), take("rerolls")) } else { (None, None) };
        let inputs =
            inputs.map(|entry| expect_table(&format!("`inputs` of stage `{name}`"), entry, faults)).unwrap_or_default();
        Self { key, is_check, node, inputs, deadline_seconds, memory_mib, on_fail, rerolls, params: table }
    }
}

fn expect_table(what: &str, entry: Entry, faults: &mut Vec<RecipeError>) -> Table {
    match entry.value.what {
        What::Table(table) => table,
        other => {
            let fault =
                Fault::WrongType { what: what.to_owned(), wanted: "a table".to_owned(), found: other.to_string() };
            faults.push(RecipeError::at(&entry.value.place, fault));
            Table::new()
        }
    }
}

fn unknown_table(name: String, entry: &Entry) -> RecipeError {
    let is_knob = KNOBS.iter().any(|knob| knob.name == name);
    let hint = is_knob.then(|| format!("`{name}` is a knob: write it under `[knobs]`"));
    let known = ["recipe", "knobs", "scripts", "stages", "checks"].map(str::to_owned).to_vec();
    RecipeError::at(&entry.key, Fault::Unknown { what: "key", name, context: String::new(), known, hint })
}
