//! Executors of the family `plan`.

use super::Execute;

pub(super) fn executor(_node: &str) -> Option<Execute> {
    None
}
