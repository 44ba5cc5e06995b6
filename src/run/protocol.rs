//! What front and worker say to each other: one JSON object a line, job in, replies out.
//!
//! Artifacts never travel here; they pass through the blob store by digest, so that messages stay small.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::PathBuf,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{artifact::BlobRef, digest::Digest, error::StageError, script::Bundle, seed::Seed};

/// A stage to execute.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) id: u64,
    /// Name of the stage in the recipe, for messages.
    pub(crate) stage: String,
    pub(crate) node: String,
    /// Resolved parameters and the knobs that the node reads: all that its description lists, nothing else.
    pub(crate) params: serde_json::Map<String, serde_json::Value>,
    /// Input blobs by port, in order for `Many`.
    pub(crate) inputs: BTreeMap<String, Vec<BlobRef>>,
    /// Where content outside the blob store lies: the video, weights, folders of songs.
    /// `File` and `Folder` parameters hold the digest as text; this maps it to a path.
    pub(crate) files: BTreeMap<Digest, FilePath>,
    /// Scripts by the digest that stands in their parameter.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) scripts: BTreeMap<Digest, Bundle>,
    pub(crate) seed: Seed,
    /// `cpu` or `cuda:N`.
    pub(crate) device: String,
    /// Folder of blobs.
    pub(crate) blobs: FilePath,
    /// A folder that belongs to this key alone and survives a kill: checkpoints go here.
    pub(crate) scratch: FilePath,
}

/// What the worker answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reply")]
pub(crate) enum Reply {
    /// Sent once at start.
    Ready {
        version: String,
        numeric: BTreeMap<String, String>,
    },
    /// Any number while a job runs; `fraction` is 0..1.
    Progress {
        id: u64,
        fraction: f32,
        note: String,
    },
    /// The outputs by port; all blobs are on disk.
    Done {
        id: u64,
        outputs: BTreeMap<String, Vec<BlobRef>>,
    },
    Failed {
        id: u64,
        error: StageError,
    },
}

/// A path that survives JSON though it may not be UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FilePath(pub(crate) PathBuf);

impl Serialize for FilePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.to_str() {
            Some(text) => text.serialize(serializer),
            None => self.0.as_os_str().as_bytes().serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for FilePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Self(text.into())),
            bytes => serde_json::from_value::<Vec<u8>>(bytes)
                .map(|bytes| Self(OsString::from_vec(bytes).into()))
                .map_err(serde::de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_are_not_utf8_survive() {
        let path = FilePath(PathBuf::from(OsString::from_vec(vec![b'a', 0xff])));
        let text = serde_json::to_string(&path).unwrap();
        assert_eq!(serde_json::from_str::<FilePath>(&text).unwrap(), path);
    }
}
