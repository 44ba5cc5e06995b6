//! Executors of the family `feature`.

use super::Execute;

pub(super) fn executor(_node: &str) -> Option<Execute> {
    None
}
