//! Nodes of the family `render`.

use super::NodeSpec;

pub(super) const NODES: &[NodeSpec] = &[];
