//! Nodes of the family `train`.

use super::NodeSpec;

pub(super) const NODES: &[NodeSpec] = &[];
