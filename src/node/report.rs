//! Nodes of the family `report`.

use super::NodeSpec;

pub(super) const NODES: &[NodeSpec] = &[];
