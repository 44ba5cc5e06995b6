//! Running a plan: the dispatcher, its workers, and the events that terminal, JSON lines and reports consume.

mod device;
mod event;
mod finding;
pub(crate) mod numeric;
mod outcome;
pub(crate) mod protocol;

pub(crate) use self::{
    device::{Device, DeviceError},
    event::Event,
    finding::{Finding, State},
    outcome::{InputOutcome, OutsideFile, StageOutcome, Status},
};
