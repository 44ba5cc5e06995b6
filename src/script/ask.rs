//! What the asking process and the child say to each other: one question in, one answer out, both JSON.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Bundle, ClipFacts, Draft, HookCall, HookReply, ScriptError, ScriptLimits, Survey};

/// A question, with all that the child may know.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ask {
    /// What is this script?
    Survey {
        name: String,
        text: String,
        /// The script's folder, where there is one.
        home: Option<PathBuf>,
        /// Folders in which a folder `scripts` may lie.
        roots: Vec<PathBuf>,
        limits: ScriptLimits,
    },
    /// What graph does this script build?
    Graph {
        name: String,
        text: String,
        home: Option<PathBuf>,
        roots: Vec<PathBuf>,
        limits: ScriptLimits,
        /// The video, where one is given.
        clip: Option<ClipFacts>,
    },
    /// Call a hook.
    Hook { bundle: Bundle, call: Box<HookCall> },
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
            Self::Survey { limits, .. } | Self::Graph { limits, .. } => *limits,
            Self::Hook { bundle, .. } => bundle.limits,
        }
    }

    /// For messages: the script, and the hook that is called.
    pub(super) fn what(&self) -> (&str, Option<&'static str>) {
        match self {
            Self::Survey { name, .. } | Self::Graph { name, .. } => (name, None),
            Self::Hook { bundle, call } => (&bundle.name, Some(call.name())),
        }
    }
}
