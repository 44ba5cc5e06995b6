//! Nodes of the family `arrange`.

use super::NodeSpec;

pub(super) const NODES: &[NodeSpec] = &[];
