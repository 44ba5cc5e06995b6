//! `--set PATH=VALUE`: one more layer over a recipe, whose source is the argument itself.

use std::{ops::Range, sync::Arc};

use toml::de::DeValue;

use super::{
    error::RecipeError,
    fault::Fault,
    place::{Place, Source},
    written::{Entry, Table, What, Written},
};

const TABLES: [&str; 5] = ["recipe", "knobs", "scripts", "stages", "checks"];

/// The table that an argument stands for. A path that begins with no table of a recipe is a knob's.
pub(super) fn parse(argument: &str) -> Result<Table, RecipeError> {
    let source = Arc::new(Source::argument(argument));
    let fault = |span: Range<usize>, fault| RecipeError::at(&Place::new(&source, span), fault);
    let whole = 0..argument.len();
    let Some(equals) = argument.find('=') else {
        return Err(fault(whole, Fault::Override { reason: "there is no `=`" }));
    };
    let keys = keys(&source, equals);
    if keys.iter().any(|(name, _)| name.is_empty()) {
        return Err(fault(0..equals, Fault::Override { reason: "a name in the path is empty" }));
    }
    if keys.len() == 1 && TABLES.contains(&keys[0].0.as_str()) {
        return Err(fault(0..equals, Fault::Override { reason: "the path names a whole table" }));
    }
    let is_table = TABLES.contains(&keys[0].0.as_str());
    let value = value(&source, equals + 1)?;
    let entry = keys.iter().rev().fold(value, |value, (name, key)| nest(name, key, value));
    match entry.what {
        What::Table(table) if is_table => Ok(table),
        what => {
            let place = keys[0].1.clone();
            let knobs = Written { what, place: place.clone() };
            Ok(Table::from([("knobs".to_owned(), Entry { key: place, value: knobs })]))
        }
    }
}

fn keys(source: &Arc<Source>, end: usize) -> Vec<(String, Place)> {
    let mut start = 0;
    let key = |part: &str| {
        let name = part.trim();
        let first = start + part.len() - part.trim_start().len();
        start += part.len() + 1;
        (name.to_owned(), Place::new(source, first..first + name.len()))
    };
    source.text[..end].split('.').map(key).collect()
}

fn nest(name: &str, key: &Place, value: Written) -> Written {
    let place = value.place.clone();
    let table = Table::from([(name.to_owned(), Entry { key: key.clone(), value })]);
    Written { what: What::Table(table), place }
}

/// TOML, or a text without quotes where it begins like none.
fn value(source: &Arc<Source>, start: usize) -> Result<Written, RecipeError> {
    let start = start + source.text[start..].len() - source.text[start..].trim_start().len();
    let text = source.text[start..].trim_end();
    let place = Place::new(source, start..start + text.len());
    if text.is_empty() {
        return Err(RecipeError::at(&place, Fault::Override { reason: "the value is empty" }));
    }
    match DeValue::parse(text) {
        Ok(value) => Ok(Written::from_toml(&value, source, start)),
        Err(error) if text.starts_with(['"', '\'', '[', '{']) => {
            let span = error.span().unwrap_or(0..text.len());
            let place = Place::new(source, start + span.start..start + span.end);
            Err(RecipeError::at(&place, Fault::Syntax { message: error.message().to_owned() }))
        }
        Err(_) => Ok(Written { what: What::Text(text.to_owned()), place }),
    }
}
