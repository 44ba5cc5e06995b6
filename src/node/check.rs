//! Nodes of the family `check`.

use super::NodeSpec;

pub(super) const NODES: &[NodeSpec] = &[];
