//! The cache key of a stage: everything that can change its outputs, and nothing else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{artifact::BlobRef, digest::Digest, seed::Seed};

/// Two jobs with equal keys give equal outputs. Paths, names of stages and limits are not part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) node: String,
    pub(crate) version: u32,
    /// Resolved parameters and knobs; a file or folder is the digest of its content.
    pub(crate) params: Map<String, Value>,
    pub(crate) inputs: BTreeMap<String, Vec<KeyInput>>,
    /// Only for nodes that draw from it, so that another seed does not measure the picture again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seed: Option<Seed>,
    /// Only for nodes whose arithmetic depends on device, instruction set and threads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) numeric: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeyInput {
    pub(crate) digest: Digest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
}

impl From<&BlobRef> for KeyInput {
    fn from(blob: &BlobRef) -> Self {
        Self { digest: blob.digest, name: blob.name.clone() }
    }
}

/// A field of a key that differs from an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Change {
    /// `node version`, `loudness`, `input stems`, `seed`, `numeric threads`.
    pub(crate) field: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

impl Key {
    /// BLAKE3 of the canonical form. Going through `Value` sorts the names of every table.
    pub(crate) fn digest(&self) -> Digest {
        let value = serde_json::to_value(self).expect("keys hold no maps with keys other than strings");
        Digest::of(value.to_string().as_bytes())
    }

    /// How `self` differs from `earlier`, in the order node, inputs, parameters, seed, numeric mode.
    pub(crate) fn changes_since(&self, earlier: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        push(&mut changes, "node", &earlier.node, &self.node);
        push(&mut changes, "node version", &earlier.version.to_string(), &self.version.to_string());
        push_all(&mut changes, "input ", &inputs_as_text(earlier), &inputs_as_text(self));
        push_all(&mut changes, "", &params_as_text(earlier), &params_as_text(self));
        push(&mut changes, "seed", &seed_as_text(earlier), &seed_as_text(self));
        let empty = BTreeMap::new();
        let (was, is) = (earlier.numeric.as_ref().unwrap_or(&empty), self.numeric.as_ref().unwrap_or(&empty));
        push_all(&mut changes, "numeric ", was, is);
        changes
    }
}

fn push(changes: &mut Vec<Change>, field: &str, from: &str, to: &str) {
    if from != to {
        changes.push(Change { field: field.to_owned(), from: from.to_owned(), to: to.to_owned() });
    }
}

fn push_all(changes: &mut Vec<Change>, prefix: &str, from: &BTreeMap<String, String>, to: &BTreeMap<String, String>) {
    let absent = String::from("none");
    let mut names: Vec<&String> = from.keys().chain(to.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let (was, is) = (from.get(name).unwrap_or(&absent), to.get(name).unwrap_or(&absent));
        push(changes, &format!("{prefix}{name}"), was, is);
    }
}

fn params_as_text(key: &Key) -> BTreeMap<String, String> {
    key.params.iter().map(|(name, value)| (name.clone(), value_as_text(value))).collect()
}

/// Digests are shortened: people compare their beginnings.
fn value_as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.parse::<Digest>().map_or_else(|_| text.clone(), |digest| digest.short()),
        other => other.to_string(),
    }
}

fn inputs_as_text(key: &Key) -> BTreeMap<String, String> {
    let join = |inputs: &[KeyInput]| inputs.iter().map(KeyInput::to_string).collect::<Vec<_>>().join(" ");
    key.inputs.iter().map(|(port, inputs)| (port.clone(), join(inputs))).collect()
}

fn seed_as_text(key: &Key) -> String {
    key.seed.map_or_else(|| "none".to_owned(), Seed::short)
}

impl std::fmt::Display for KeyInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name}:{}", self.digest.short()),
            None => f.write_str(&self.digest.short()),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    pub(in crate::store) fn key(loudness: f64) -> Key {
        let Value::Object(params) = json!({ "loudness": loudness, "original_sound": "keep" }) else { unreachable!() };
        let stem = KeyInput { digest: Digest::of(b"stem"), name: Some("piano".into()) };
        let inputs = BTreeMap::from([("stems".to_owned(), vec![stem])]);
        Key { node: "mix.bed".into(), version: 1, params, inputs, seed: None, numeric: None }
    }

    #[test]
    fn order_of_parameters_does_not_matter() {
        let mut turned = key(-16.0);
        turned.params = key(-16.0).params.into_iter().rev().collect();
        assert_eq!(turned.digest(), key(-16.0).digest());
    }

    #[test]
    fn every_field_changes_the_digest() {
        let base = key(-16.0);
        let others = [
            Key { node: "mix.other".into(), ..base.clone() },
            Key { version: 2, ..base.clone() },
            key(-14.0),
            Key { inputs: BTreeMap::new(), ..base.clone() },
            Key { seed: Some(Seed::master(1)), ..base.clone() },
            Key { numeric: Some(BTreeMap::from([("threads".into(), "2".into())])), ..base.clone() },
        ];
        for other in others {
            assert_ne!(other.digest(), base.digest(), "{other:?}");
            assert!(!other.changes_since(&base).is_empty(), "{other:?}");
        }
    }

    #[test]
    fn a_renamed_stem_is_another_input() {
        let mut renamed = key(-16.0);
        renamed.inputs.get_mut("stems").unwrap()[0].name = Some("bass".into());
        assert_ne!(renamed.digest(), key(-16.0).digest());
    }

    #[test]
    fn changes_name_the_field_and_both_values() {
        let change = key(-14.0).changes_since(&key(-16.0));
        assert_eq!(change, [Change { field: "loudness".into(), from: "-16.0".into(), to: "-14.0".into() }]);
    }

    #[test]
    fn keys_survive_json() {
        let text = serde_json::to_string(&key(-16.0)).unwrap();
        assert_eq!(serde_json::from_str::<Key>(&text).unwrap().digest(), key(-16.0).digest());
    }
}
