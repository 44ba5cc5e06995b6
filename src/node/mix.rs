//! Nodes of the family `mix`.

use super::NodeSpec;

pub(super) const NODES: &[NodeSpec] = &[];
