//! What a script may take. Not part of any key: a script that ends within them gives the same whatever they are.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ScriptLimits {
    /// Seconds for one call: a graph, a hook.
    pub(crate) deadline_seconds: u32,
    /// Address space of the child, in MiB.
    pub(crate) memory_mib: u32,
    /// Operations as Rhai counts them, for one call.
    pub(crate) operations: u64,
}

impl Default for ScriptLimits {
    fn default() -> Self {
        Self { deadline_seconds: 5, memory_mib: 1024, operations: 200_000_000 }
    }
}
