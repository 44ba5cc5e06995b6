//! What scripts can call, registered with a sentence on each: the reference and editors read the same table.

use rhai::{Dynamic, Engine, EvalAltResult, FuncRegistration, ImmutableString, Position, RhaiNativeFunc, Variant};

use super::number::{Checked, article};
use crate::recipe::nearest;

/// One function or property as the reference tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) group: &'static str,
    pub(super) is_property: bool,
    /// `transpose(notes: array, semitones: number) -> array`, or `pitch: number`.
    pub(super) signature: &'static str,
    pub(super) is_writable: bool,
    pub(super) about: &'static str,
}

impl Entry {
    pub(super) fn name(&self) -> &'static str {
        self.signature.split(['(', ':']).next().unwrap_or_default()
    }
}

/// An engine that learns, and what it has learnt.
pub(super) struct Api<'a> {
    engine: &'a mut Engine,
    group: &'static str,
    pub(super) entries: Vec<Entry>,
}

impl<'a> Api<'a> {
    pub(super) fn new(engine: &'a mut Engine) -> Self {
        Self { engine, group: "", entries: Vec::new() }
    }

    /// What follows belongs together.
    pub(super) fn group(&mut self, group: &'static str) {
        self.group = group;
    }

    /// What follows are functions and properties of a type.
    pub(super) fn kind<T: Variant + Clone>(&mut self, name: &'static str, show: fn(&T) -> String) {
        self.group(name);
        self.engine.register_type_with_name::<T>(name);
        self.engine.register_fn("to_string", move |value: &mut T| show(value));
        self.engine.register_fn("to_debug", move |value: &mut T| show(value));
    }

    pub(super) fn function<A: 'static, const N: usize, const X: bool, R: Variant + Clone, const F: bool>(
        &mut self,
        signature: &'static str,
        about: &'static str,
        function: impl RhaiNativeFunc<A, N, X, R, F> + 'static,
    ) {
        let entry = self.enter(signature, about, false, false);
        FuncRegistration::new(entry.name())
            .with_params_info(parameters(signature))
            .with_comments([format!("/// {about}")])
            .register_into_engine(self.engine, function);
    }

    /// Read-only.
    pub(super) fn property<A: 'static, const X: bool, R: Variant + Clone, const F: bool>(
        &mut self,
        signature: &'static str,
        about: &'static str,
        get: impl RhaiNativeFunc<A, 1, X, R, F> + 'static,
    ) {
        let entry = self.enter(signature, about, true, false);
        FuncRegistration::new_getter(entry.name())
            .with_comments([format!("/// {about}")])
            .register_into_engine(self.engine, get);
    }

    /// Can be read and set.
    pub(super) fn variable<T: Variant + Clone, R: Variant + Clone>(
        &mut self,
        signature: &'static str,
        about: &'static str,
        get: fn(&mut T) -> R,
        set: fn(&mut T, Dynamic) -> Checked<()>,
    ) {
        let entry = self.enter(signature, about, true, true);
        FuncRegistration::new_getter(entry.name())
            .with_comments([format!("/// {about}")])
            .register_into_engine(self.engine, get);
        FuncRegistration::new_setter(entry.name()).register_into_engine(self.engine, set);
    }

    /// Makes errors of properties that the type of this group does not have.
    pub(super) fn no_others<T: Variant + Clone>(&mut self) {
        let kind = article(self.group);
        let own = self.entries.iter().filter(|entry| entry.group == self.group && entry.is_property);
        let names: Vec<(&str, bool)> = own.map(|entry| (entry.name(), entry.is_writable)).collect();
        let (names_too, kind_too) = (names.clone(), kind.clone());
        self.engine.register_indexer_get(move |_: &mut T, name: ImmutableString| -> Checked<Dynamic> {
            Err(missing(&kind, &name, &names).into())
        });
        self.engine.register_indexer_set(move |_: &mut T, name: ImmutableString, _: Dynamic| -> Checked<()> {
            if names_too.iter().any(|(known, writable)| *known == name && !writable) {
                // The engine takes this for "read-only", also where it sets a property again after a method of it.
                return Err(EvalAltResult::ErrorIndexingType(name.to_string(), Position::NONE).into());
            }
            Err(missing(&kind_too, &name, &names_too).into())
        });
    }

    fn enter(&mut self, signature: &'static str, about: &'static str, is_property: bool, is_writable: bool) -> Entry {
        let entry = Entry { group: self.group, is_property, signature, is_writable, about };
        self.entries.push(entry.clone());
        entry
    }
}

/// Names and types of the parameters as the language calls them, then the type of what comes out.
fn parameters(signature: &str) -> Vec<String> {
    let inside = signature.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')'));
    let Some((inside, gives)) = inside else { return Vec::new() };
    let names = inside.split(", ").filter(|name| !name.is_empty());
    let all = names.chain([gives.strip_prefix(" -> ").unwrap_or("()")]);
    all.map(|name| name.replace(": text", ": string"))
        .map(|name| if name == "text" { "string".into() } else { name })
        .collect()
}

fn missing(kind: &str, name: &str, names: &[(&str, bool)]) -> String {
    let help = match nearest(name, names.iter().map(|(known, _)| *known)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it has {}", names.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(", ")),
    };
    format!("{kind} has no `{name}`; {help}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_says_its_parameters() {
        assert_eq!(
            parameters("swing(notes: array, amount: number) -> array"),
            ["notes: array", "amount: number", "array"]
        );
        assert!(parameters("pitch: number").is_empty());
        assert_eq!(parameters("remove(score: Score, name: text)"), ["score: Score", "name: string", "()"]);
        assert_eq!(parameters("random() -> number"), ["number"]);
    }
}
