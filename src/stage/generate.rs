//! Executors of the family `generate`.

use super::Execute;

pub(super) fn executor(_node: &str) -> Option<Execute> {
    None
}
