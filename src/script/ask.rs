//! What the asking process and the child say to each other: one question in, one answer out, both JSON.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Bundle, ClipFacts, Draft, HookCall, HookReply, ScriptError, ScriptLimits, Survey};

/// A question, with all that the child may know.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ask {
    /// What is this script?
    Survey(Manuscript),
    /// What graph does this script build?
    Graph {
        script: Manuscript,
        /// The video, where one is given.
        clip: Option<ClipFacts>,
    },
    /// Call a hook.
    Hook { bundle: Bundle, call: Box<HookCall> },
}

/// A script whose modules are not read yet.
#[derive(Serialize, Deserialize)]
pub(crate) struct Manuscript {
    /// As people know it.
    pub(crate) name: String,
    pub(crate) text: String,
    /// Its folder, where there is one.
    pub(crate) home: Option<PathBuf>,
    /// Folders in which a folder `scripts` may lie.
    pub(crate) roots: Vec<PathBuf>,
    pub(crate) limits: ScriptLimits,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    Survey(Box<Survey>),
    Graph { draft: Draft, bundle: Bundle, printed: Vec<String> },
    Hook { reply: Box<HookReply>, printed: Vec<String> },
}

/// A question with what concerns the child itself.
#[derive(Serialize, Deserialize)]
pub(super) struct Letter {
    pub(super) ask: Ask,
    /// Gets the number of operations on the way.
    pub(super) trace: Option<PathBuf>,
    /// Stop there: it is where an earlier child died.
    pub(super) stop_at: Option<u64>,
}

pub(super) type Reply = Result<Answer, ScriptError>;

impl Ask {
    pub(super) fn limits(&self) -> ScriptLimits {
        match self {
            Self::Survey(script) | Self::Graph { script, .. } => script.limits,
            Self::Hook { bundle, .. } => bundle.limits,
        }
    }

    /// For messages: the script, and the hook that is called.
    pub(super) fn what(&self) -> (&str, Option<&'static str>) {
        match self {
            Self::Survey(script) | Self::Graph { script, .. } => (&script.name, None),
            Self::Hook { bundle, call } => (&bundle.name, Some(call.name())),
        }
    }
}
