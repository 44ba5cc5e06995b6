//! Executors of the family `train`.

use super::Execute;

pub(super) fn executor(_node: &str) -> Option<Execute> {
    None
}
