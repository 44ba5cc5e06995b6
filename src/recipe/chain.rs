//! A recipe and those it extends, as one table: the child's keys lie over the parent's.

use std::{fs, path::Path, sync::Arc};

use toml::de::DeTable;

use super::{
    error::RecipeError,
    fault::Fault,
    graph_script,
    place::{Place, Source},
    roots::{Found, Roots},
    shipped::SHIPPED,
    written::{self, Entry, Table, What, Written},
};
use crate::script::{ClipFacts, ScriptLimits};

pub(super) struct Chain {
    pub(super) table: Table,
    /// The recipe that was asked for comes first, then what it extends.
    pub(super) sources: Vec<Arc<Source>>,
    /// A graph script asked for the video.
    pub(super) asked_clip: bool,
    /// What graph scripts printed.
    pub(super) printed: Vec<String>,
}

/// Where recipes are found, and what graph scripts among them may take and know.
pub(super) struct Reading<'a> {
    pub(super) roots: &'a Roots,
    pub(super) limits: ScriptLimits,
    pub(super) clip: Option<ClipFacts>,
}

/// Reads a recipe and all it extends. Faults end the reading: what would follow from them helps nobody.
#[cfg(test)]
pub(super) fn read_plainly(recipe: &Path, roots: &Roots) -> Result<Chain, Vec<RecipeError>> {
    read(recipe, &Reading { roots, limits: ScriptLimits::default(), clip: None })
}

pub(super) fn read(recipe: &Path, reading: &Reading<'_>) -> Result<Chain, Vec<RecipeError>> {
    let Reading { roots, limits, clip } = reading;
    let found = roots.recipe(recipe, &roots.current);
    let mut source = open(found, recipe).map_err(|fault| vec![RecipeError::nowhere(fault)])?;
    let (mut layers, mut sources, mut modules) = (Vec::new(), Vec::new(), Vec::new());
    let (mut asked_clip, mut printed) = (false, Vec::new());
    loop {
        let mut table = if super::is_script(Path::new(&source.name)) {
            let ran = graph_script::run(&source, roots, *limits, clip.clone()).map_err(|error| vec![error])?;
            modules.extend(ran.modules);
            asked_clip |= ran.asked_clip;
            printed.extend(ran.printed);
            ran.table
        } else {
            parse(&source)?
        };
        sources.push(Arc::clone(&source));
        let parent = extends(&table)?;
        if sources.len() > 1 {
            drop_own_names(&mut table);
        }
        layers.push(table);
        let Some((name, place)) = parent else { break };
        source = open_parent(&name, &source, roots).map_err(|fault| vec![RecipeError::at(&place, fault)])?;
        if let Some(first) = sources.iter().position(|earlier| is_same(earlier, &source)) {
            let fault = Fault::ExtendsCircle { chain: names(&sources[first..], &source) };
            return Err(vec![RecipeError::at(&place, fault)]);
        }
    }
    let mut table = Table::new();
    layers.into_iter().rev().for_each(|layer| written::merge(&mut table, layer));
    sources.extend(modules);
    Ok(Chain { table, sources, asked_clip, printed })
}

fn open_parent(name: &str, child: &Source, roots: &Roots) -> Result<Arc<Source>, Fault> {
    let home = child.folder().unwrap_or(&roots.current);
    open(roots.recipe(Path::new(name), home), Path::new(name))
}

fn open(found: Option<Found>, written: &Path) -> Result<Arc<Source>, Fault> {
    let unreadable = |reason: String| Fault::Unreadable {
        path: written.display().to_string(),
        reason,
        known: SHIPPED.iter().map(|shipped| shipped.name.to_owned()).collect(),
    };
    let found = found.ok_or_else(|| unreadable("there is no such file".to_owned()))?;
    found.read().map_err(|error| unreadable(error.to_string()))
}

fn parse(source: &Arc<Source>) -> Result<Table, Vec<RecipeError>> {
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    if errors.is_empty() {
        let mut table = written::table(table.get_ref(), source, 0);
        gather_hits(&mut table);
        return Ok(table);
    }
    let fault = |error: &toml::de::Error| {
        let place = Place::new(source, error.span().unwrap_or(0..0));
        RecipeError::at(&place, Fault::Syntax { message: error.message().to_owned() })
    };
    Err(errors.iter().map(fault).collect())
}

/// `[[hits]]` is how people write the knob `hits`.
fn gather_hits(table: &mut Table) {
    let Some(hits) = table.remove("hits") else { return };
    let key = hits.key.clone();
    let empty = || Entry { value: Written { what: What::Table(Table::new()), place: key.clone() }, key };
    let knobs = table.entry("knobs".to_owned()).or_insert_with(empty);
    if let What::Table(knobs) = &mut knobs.value.what {
        knobs.insert("hits".to_owned(), hits);
    }
}

fn extends(table: &Table) -> Result<Option<(String, Place)>, Vec<RecipeError>> {
    let header = table.get("recipe").and_then(|entry| entry.value.as_table());
    let Some(entry) = header.and_then(|header| header.get("extends")) else { return Ok(None) };
    match &entry.value {
        Written { what: written::What::Text(name), place } => Ok(Some((name.clone(), place.clone()))),
        Written { what, place } => {
            let wanted = "the path of a recipe".to_owned();
            let fault = Fault::WrongType { what: "`extends`".to_owned(), wanted, found: what.to_string() };
            Err(vec![RecipeError::at(place, fault)])
        }
    }
}

/// A child that says nothing of itself is not its parent.
fn drop_own_names(table: &mut Table) {
    if let Some(written::What::Table(header)) = table.get_mut("recipe").map(|entry| &mut entry.value.what) {
        header.remove("name");
        header.remove("about");
    }
}

/// Links and `..` give one file many paths.
fn is_same(one: &Source, other: &Source) -> bool {
    match (&one.path, &other.path) {
        (Some(one), Some(other)) => fs::canonicalize(one).ok() == fs::canonicalize(other).ok(),
        _ => one == other,
    }
}

fn names(circle: &[Arc<Source>], closing: &Arc<Source>) -> String {
    let names: Vec<&str> = circle.iter().chain([closing]).map(|source| source.name.as_str()).collect();
    names.join(" -> ")
}
