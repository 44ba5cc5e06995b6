//! Nodes of the family `mux`.

use super::NodeSpec;

pub(super) const NODES: &[NodeSpec] = &[];
