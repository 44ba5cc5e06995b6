//! Running a plan: the dispatcher, its workers, and the events that terminal, JSON lines and reports consume.

mod device;
mod event;
mod execute;
mod explain;
mod finding;
mod interrupt;
pub(crate) mod numeric;
mod options;
mod outcome;
pub(crate) mod protocol;

pub(crate) use self::{
    device::{Device, DeviceError},
    event::Event,
    execute::execute,
    explain::{Explained, Explanation, explain},
    finding::{Finding, State},
    interrupt::Interrupt,
    options::{Options, Request},
    outcome::{InputOutcome, OutsideFile, StageOutcome, Status},
};
