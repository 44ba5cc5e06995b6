//! Executors of the family `data`.

use super::Execute;

pub(super) fn executor(_node: &str) -> Option<Execute> {
    None
}
