//! Executors of the family `source`.

use super::Execute;

pub(super) fn executor(_node: &str) -> Option<Execute> {
    None
}
