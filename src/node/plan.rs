//! Nodes of the family `plan`.

use super::NodeSpec;

pub(super) const NODES: &[NodeSpec] = &[];
