//! Executors of the family `report`.

use super::Execute;

pub(super) fn executor(_node: &str) -> Option<Execute> {
    None
}
