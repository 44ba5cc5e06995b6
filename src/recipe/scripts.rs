//! Scripts that a recipe names: found, read with all they import, checked, before anything runs.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use serde_json::Value;

use super::{
    error::RecipeError,
    fault::{Fault, nearest},
    place::{Place, Source},
    roots::{Roots, read_text},
};
use crate::script::{self, Answer, Ask, Manuscript, ScriptError, ScriptLimits, Survey};

/// Styles that are no scripts.
pub(super) const BUILT_IN: [&str; 2] = ["piano", "band"];

/// All scripts of a recipe, by the text that stands for them in the resolved recipe: a name or an absolute path.
pub(super) struct Scripts<'a> {
    pub(super) roots: &'a Roots,
    pub(super) limits: ScriptLimits,
    pub(super) known: BTreeMap<String, Arc<Survey>>,
}

impl Scripts<'_> {
    /// The text that stands for a style: a built-in one, one that ships, or a script.
    pub(super) fn style(&mut self, text: &str, place: &Place) -> Result<String, RecipeError> {
        if BUILT_IN.contains(&text) {
            return Ok(text.to_owned());
        }
        let is_name = !text.contains('/') && !super::is_script(Path::new(text));
        let path = if is_name { format!("scripts/styles/{text}.rhai") } else { text.to_owned() };
        let home = place.source.folder();
        match self.roots.find(Path::new(&path), home, place.source.is_argument, Path::is_file) {
            Some(path) => {
                let key = if is_name { text.to_owned() } else { absolute(&path) };
                let key = self.file(key, &path, place)?;
                self.with_hooks(key, place)
            }
            None => match script::shipped(&format!("styles/{text}")) {
                Some(shipped) => {
                    self.read(text, &format!("{text}.rhai (built in)"), shipped, None)?;
                    Ok(text.to_owned())
                }
                None => Err(self.unknown(text, place)),
            },
        }
    }

    /// A style that defines nothing that is called would play the band without a word.
    fn with_hooks(&self, key: String, place: &Place) -> Result<String, RecipeError> {
        let survey = &self.known[&key];
        if survey.hooks.iter().any(|hook| hook != "node") {
            return Ok(key);
        }
        let hooks = ["style", "conditions", "chords", "notes", "arrange", "choose"];
        let near = survey.functions.iter().find_map(|function| {
            let near = nearest(function, hooks.into_iter())?;
            Some(format!("it defines `{function}`; did you mean `{near}`?"))
        });
        let message = format!("{} has no hook: nothing in it would be called", survey.bundle.name);
        let help = near.into_iter().chain([format!("a style defines {}", hooks.join(", "))]).collect();
        Err(RecipeError::at(place, Fault::Script { message, help }))
    }

    /// As `style`, for a value that was settled as a text.
    pub(super) fn settle_style(&mut self, value: &Value, place: &Place) -> Result<Value, RecipeError> {
        self.style(value.as_str().unwrap_or_default(), place).map(Value::from)
    }

    /// The script at a path, and the text that stands for it.
    pub(super) fn script(&mut self, text: &str, place: &Place) -> Result<(String, Arc<Survey>), RecipeError> {
        let home = place.source.folder();
        let found = self.roots.find(Path::new(text), home, place.source.is_argument, Path::is_file);
        let path = found.ok_or_else(|| {
            let help = vec![format!("looked in {}", self.roots.looked(home))];
            RecipeError::at(place, Fault::Script { message: format!("there is no script {text:?}"), help })
        })?;
        let key = self.file(absolute(&path), &path, place)?;
        let survey = Arc::clone(&self.known[&key]);
        Ok((key, survey))
    }

    fn file(&mut self, key: String, path: &Path, place: &Place) -> Result<String, RecipeError> {
        let name = path.strip_prefix(&self.roots.current).unwrap_or(path).display().to_string();
        let text = read_text(path, "a script").map_err(|error| {
            RecipeError::at(place, Fault::Script { message: script::unreadable(path, &error), help: Vec::new() })
        })?;
        self.read(&key, &name, &text, path.parent())?;
        Ok(key)
    }

    fn read(&mut self, key: &str, name: &str, text: &str, home: Option<&Path>) -> Result<(), RecipeError> {
        if self.known.contains_key(key) {
            return Ok(());
        }
        let ask = Ask::Survey(Manuscript {
            name: name.to_owned(),
            text: text.to_owned(),
            home: home.map(Path::to_owned),
            roots: self.roots.all(home),
            limits: self.limits,
        });
        match script::ask(ask) {
            Ok(Answer::Survey(survey)) => {
                self.known.insert(key.to_owned(), Arc::new(*survey));
                Ok(())
            }
            Ok(_) => Err(of_script(ScriptError::new("a script that was asked what it is said something else"))),
            Err(error) => Err(of_script(error)),
        }
    }

    fn unknown(&self, text: &str, place: &Place) -> RecipeError {
        let known = BUILT_IN.into_iter().chain(script::shipped_styles()).map(str::to_owned).collect();
        let looked =
            if Path::new(text).is_absolute() { String::new() } else { self.roots.looked(place.source.folder()) };
        RecipeError::at(place, Fault::UnknownStyle { name: text.to_owned(), known, looked })
    }
}

fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

/// A script's error, shown where the script says what it says.
pub(super) fn of_script(error: ScriptError) -> RecipeError {
    let ScriptError { message, spot, help, .. } = error;
    let fault = Fault::Script { message, help };
    let Some(spot) = spot else { return RecipeError::nowhere(fault) };
    let source = Arc::new(Source::line(&spot.source, spot.line, &spot.excerpt));
    let start = source.text.len() - spot.excerpt.len();
    RecipeError::at(&Place::new(&source, token(&spot.excerpt, spot.column, start)), fault)
}

/// The word that begins at a column, or the whole line.
fn token(line: &str, column: usize, start: usize) -> std::ops::Range<usize> {
    let Some((first, _)) = column.checked_sub(1).and_then(|column| line.char_indices().nth(column)) else {
        let indent = line.len() - line.trim_start().len();
        return start + indent..start + line.len();
    };
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let length = line[first..].find(|letter| !is_word(letter)).unwrap_or(line.len() - first);
    let length = length.max(line[first..].chars().next().map_or(1, char::len_utf8));
    start + first..start + first + length
}
