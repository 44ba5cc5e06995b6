//! Running a plan: the dispatcher, its workers, and the events that terminal, JSON lines and reports consume.

mod event;
mod finding;
mod outcome;
pub(crate) mod protocol;

pub(crate) use self::{
    event::Event,
    finding::{Finding, State},
    outcome::{InputOutcome, OutsideFile, StageOutcome, Status},
};
