//! Executors of the family `check`.

use super::Execute;

pub(super) fn executor(_node: &str) -> Option<Execute> {
    None
}
