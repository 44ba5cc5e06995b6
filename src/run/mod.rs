//! Running a plan: the dispatcher, its workers, and the events that terminal, JSON lines and reports consume.

mod finding;
pub(crate) mod protocol;

pub(crate) use self::finding::{Finding, State};
