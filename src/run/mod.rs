//! Running a plan: the dispatcher, its workers, and the events that terminal, JSON lines and reports consume.

pub(crate) mod protocol;
