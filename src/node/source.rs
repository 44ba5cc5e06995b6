//! Nodes of the family `source`.

use super::NodeSpec;

pub(super) const NODES: &[NodeSpec] = &[];
