//! Executors of the family `mix`.

use super::Execute;

pub(super) fn executor(_node: &str) -> Option<Execute> {
    None
}
