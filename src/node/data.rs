//! Nodes of the family `data`.

use super::NodeSpec;

pub(super) const NODES: &[NodeSpec] = &[];
