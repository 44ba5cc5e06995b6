//! Watched folders with the real program: files come as they come in life, and every good one gets exactly one result.
//!
//! Each story is told twice: with events of the file system, and by polling.

mod arrivals;
mod changes;
mod disks;
mod kills;
mod page;
mod soak;
mod trouble;
mod watching;

pub(crate) use self::watching::{Mode, Watching};
