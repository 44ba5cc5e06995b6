//! Running a plan: the dispatcher, its workers, and the events that terminal, JSON lines and reports consume.
//!
//! `execute` runs requests: the `dispatcher` keeps a `course` for each open input, makes a `key` for each stage that is
//! ready, and gives what the store does not have to the `crew`, whose hands hold a `worker` each. `explain` says from
//! records alone what that would do.

mod attempts;
mod clip_facts;
mod course;
mod crew;
mod device;
mod dispatcher;
mod event;
mod execute;
mod explain;
mod finding;
mod hand;
mod interrupt;
mod job;
mod key;
pub(crate) mod numeric;
mod options;
mod outcome;
mod outside;
pub(crate) mod protocol;
#[cfg(test)]
mod tests;
mod verdict;
mod worker;
mod worker_hand;

pub(crate) use self::{
    attempts::Attempts,
    clip_facts::{cached_clip, probe_clip},
    device::{Device, DeviceError},
    event::Event,
    execute::execute,
    explain::{Explained, Explanation, explain},
    finding::{Finding, State},
    interrupt::Interrupt,
    options::{Options, Request},
    outcome::{InputOutcome, OutsideFile, StageOutcome, Status},
};
