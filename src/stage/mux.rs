//! Executors of the family `mux`.

use super::Execute;

pub(super) fn executor(_node: &str) -> Option<Execute> {
    None
}
