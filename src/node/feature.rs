//! Nodes of the family `feature`.

use super::NodeSpec;

pub(super) const NODES: &[NodeSpec] = &[];
