//! Values as they are written, each with its place, and how one layer of them goes over another.

use std::{
    collections::{BTreeMap, btree_map},
    fmt,
    sync::Arc,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::place::{Place, Source};

#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) what: What,
    pub(super) place: Place,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Text(String),
    /// Wide enough for seeds of 64 bits.
    Integer(i128),
    Float(f64),
    Bool(bool),
    Date,
    List(Vec<Written>),
    Table(Table),
}

pub(super) type Table = BTreeMap<String, Entry>;

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: Place,
    pub(super) value: Written,
}

impl Written {
    /// `offset` is where the parsed text begins in the source.
    pub(super) fn from_toml(value: &Spanned<DeValue<'_>>, source: &Arc<Source>, offset: usize) -> Self {
        let span = value.span();
        let place = Place::new(source, span.start + offset..span.end + offset);
        Self { what: What::from_toml(value.get_ref(), source, offset), place }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.what {
            What::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_table(&self) -> Option<&Table> {
        match &self.what {
            What::Table(table) => Some(table),
            _ => None,
        }
    }
}

impl What {
    fn from_toml(value: &DeValue<'_>, source: &Arc<Source>, offset: usize) -> Self {
        match value {
            DeValue::String(text) => Self::Text(text.clone().into_owned()),
            DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| Self::Float(number.as_str().parse().unwrap_or(f64::NAN)), Self::Integer),
            DeValue::Float(number) => Self::Float(number.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(flag) => Self::Bool(*flag),
            DeValue::Datetime(_) => Self::Date,
            DeValue::Array(items) => {
                Self::List(items.iter().map(|item| Written::from_toml(item, source, offset)).collect())
            }
            DeValue::Table(items) => Self::Table(table(items, source, offset)),
        }
    }

    pub(super) fn as_number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }
}

/// As messages name it.
impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "the text {text:?}"),
            Self::Integer(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
            Self::Bool(flag) => flag.fmt(f),
            Self::Date => f.write_str("a date"),
            Self::List(_) => f.write_str("a list"),
            Self::Table(_) => f.write_str("a table"),
        }
    }
}

pub(super) fn table(table: &DeTable<'_>, source: &Arc<Source>, offset: usize) -> Table {
    let entry = |(key, value): (&Spanned<_>, _)| {
        let span = key.span();
        let place = Place::new(source, span.start + offset..span.end + offset);
        let name: &std::borrow::Cow<'_, str> = key.get_ref();
        (name.clone().into_owned(), Entry { key: place, value: Written::from_toml(value, source, offset) })
    };
    table.iter().map(entry).collect()
}

/// Lays `over` over `base`, table by table. A stage that names another node starts anew: parameters and inputs of the
/// old node mean nothing to it.
pub(super) fn merge(base: &mut Table, over: Table) {
    for (name, entry) in over {
        match base.entry(name) {
            btree_map::Entry::Vacant(gap) => {
                gap.insert(entry);
            }
            btree_map::Entry::Occupied(mut old) => old.get_mut().merge(entry),
        }
    }
}

impl Entry {
    fn merge(&mut self, over: Self) {
        match (&mut self.value.what, over.value.what) {
            (What::Table(old), What::Table(new)) if !is_other_node(old, &new) => {
                merge(old, new);
                self.value.place = over.value.place;
            }
            (old, new) => {
                *old = new;
                self.value.place = over.value.place;
            }
        }
        self.key = over.key;
    }
}

fn is_other_node(old: &Table, new: &Table) -> bool {
    let node = |table: &Table| table.get("node").and_then(|entry| entry.value.as_text().map(str::to_owned));
    new.contains_key("node") && node(old) != node(new)
}
