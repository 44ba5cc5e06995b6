//! What is run and how: the caller's side of the dispatcher.

use std::path::PathBuf;

use super::{Attempts, Device, Interrupt};
use crate::graph::Plan;

/// One input and the plan for it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The video; none for plans that read none. The plan has it in place already (`Plan::for_input`).
    pub(crate) input: Option<PathBuf>,
    pub(crate) plan: Plan,
    /// Those of an earlier run, whose kept one is made again; none tries from the first on.
    pub(crate) attempts: Option<Attempts>,
}

#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) device: Device,
    /// Stages that run at once, at least one. `Options::cores` is a good number.
    pub(crate) jobs: usize,
    /// Names of stages that run though the store has their results.
    pub(crate) force: Vec<String>,
    pub(crate) interrupt: Interrupt,
}

impl Options {
    pub(crate) fn new(device: Device) -> Self {
        Self { device, jobs: Self::cores(), force: Vec::new(), interrupt: Interrupt::default() }
    }

    pub(crate) fn cores() -> usize {
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
    }
}
