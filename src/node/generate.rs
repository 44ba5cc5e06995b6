//! Nodes of the family `generate`.

use super::NodeSpec;

pub(super) const NODES: &[NodeSpec] = &[];
