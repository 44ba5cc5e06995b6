//! A script with all modules that it imports, as texts: what hooks run from, whatever happens to the files meanwhile.

use std::collections::BTreeMap;

use rhai::Engine;
use serde::{Deserialize, Serialize};

use super::{ScriptError, ScriptLimits, modules::file_name};
use crate::digest::Digest;

/// Raised whenever the same script could do something else: part of every script's digest.
const LANGUAGE: u32 = 2;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bundle {
    /// The script's name, as people know it.
    pub(crate) name: String,
    pub(crate) text: String,
    /// By the path that `import` says.
    pub(crate) modules: BTreeMap<String, String>,
    pub(crate) limits: ScriptLimits,
}

impl Bundle {
    /// A text by the name that errors say.
    pub(super) fn source(&self, name: &str) -> Option<&str> {
        if name == self.name {
            return Some(&self.text);
        }
        self.modules.get(name.strip_suffix(".rhai").unwrap_or(name)).map(String::as_str)
    }

    /// Of what the texts mean: comments and spaces between words are no part of it, nor are names of files or limits.
    pub(super) fn digest(&self, engine: &Engine) -> Result<Digest, ScriptError> {
        let mut whole = format!("cuesmith script {LANGUAGE}\n");
        let texts = self.modules.iter().map(|(path, text)| (path.as_str(), text));
        for (path, text) in std::iter::once(("", &self.text)).chain(texts) {
            let name = if path.is_empty() { self.name.clone() } else { file_name(path) };
            let compact = engine.compact_script(text).map_err(|error| ScriptError::of_parser(&error, &name))?;
            whole.extend([path, "\0", &compact.len().to_string(), "\0", &compact]);
        }
        Ok(Digest::of(whole.as_bytes()))
    }
}
