//! Executors of the family `render`.

use super::Execute;

pub(super) fn executor(_node: &str) -> Option<Execute> {
    None
}
