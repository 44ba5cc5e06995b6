//! Executors of the family `arrange`.

use super::Execute;

pub(super) fn executor(_node: &str) -> Option<Execute> {
    None
}
