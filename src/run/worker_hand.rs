//! The hand of the program: keeps one worker process warm, holds it to its limits, replaces it when it is lost.
//!
//! Classes of what it reports: a worker that dies of a signal is our own fault (`Internal`); one that was stopped at its
//! deadline or its memory limit is worth another try with more of either (`Temporary`).

use std::time::{Duration, Instant};

use super::{
    Device, Interrupt, Options,
    hand::{Hand, Notice, Task},
    key::Blobs,
    numeric,
    protocol::Reply,
    worker::{Heard, Worker},
};
use crate::{
    child,
    error::{FailureClass, StageError},
    node::Lane,
};

/// How often limits and the wish to stop are looked at.
const TICK: Duration = Duration::from_millis(100);
/// libtorch takes a fraction of a second; a cold disk or a GPU takes more.
const START: Duration = Duration::from_secs(120);

pub(super) struct WorkerHand {
    device: Device,
    interrupt: Interrupt,
    worker: Option<Worker>,
}

/// Why a worker is no more.
enum Loss {
    /// By itself.
    Died,
    /// By our hand, because the stage took too much.
    OverLimit(StageError),
    /// By our hand, because the run was stopped.
    Stopped,
}

impl WorkerHand {
    pub(super) fn new(lane: Lane, options: &Options) -> Self {
        let device = if lane == Lane::Device { options.device } else { Device::Cpu };
        Self { device, interrupt: options.interrupt.clone(), worker: None }
    }

    /// The warm worker if it can take the task, else a new one.
    fn take_worker(&mut self, task: &Task, tell: &mut dyn FnMut(Notice)) -> Result<Worker, StageError> {
        if let Some(mut worker) = self.worker.take() {
            if !worker.is_alive() {
                tell(Notice::Down);
                let message = format!("a worker {} between two stages; a new one takes its place", worker.end());
                tell(Notice::Replaced(StageError::internal(message)));
            } else if worker.resident_mib() <= Some(u64::from(task.limits.memory_mib / 2)) {
                return Ok(worker);
            } else {
                // What an earlier stage left behind must not count against this one.
                tell(Notice::Down);
            }
        }
        let worker = self.start()?;
        tell(Notice::Up);
        Ok(worker)
    }

    fn start(&self) -> Result<Worker, StageError> {
        let program = child::program("cuesmith-worker")
            .map_err(|error| StageError::internal(format!("finding cuesmith-worker: {error}")))?;
        let worker = Worker::start(&program, self.device).map_err(|error| {
            StageError::internal(format!("{} does not start ({error}); run `make build`", program.display()))
        })?;
        let since = Instant::now();
        loop {
            match worker.hear(TICK) {
                Heard::Reply(Reply::Ready { version, numeric }) => {
                    return self.compare(&version, &numeric).map(|()| worker);
                }
                Heard::Reply(_) | Heard::End => {
                    return Err(StageError::internal(format!("{} {}", program.display(), worker.end())));
                }
                Heard::Nothing if self.interrupt.is_killing() => return Err(stopped()),
                Heard::Nothing if since.elapsed() > START => {
                    let message = format!("{} was not ready after {} s", program.display(), START.as_secs());
                    return Err(StageError::new(FailureClass::Temporary, message));
                }
                Heard::Nothing => {}
            }
        }
    }

    /// Keys were made from what the front believes: a worker of which that is not true must not fill them.
    fn compare(&self, version: &str, found: &numeric::Mode) -> Result<(), StageError> {
        let expected = numeric::mode(self.device);
        let differs = expected.iter().find(|(field, value)| found.get(*field) != Some(value));
        let (field, is, should) = match differs {
            _ if version != env!("CARGO_PKG_VERSION") => ("version", version, env!("CARGO_PKG_VERSION")),
            Some((field, value)) => (field.as_str(), found.get(field).map_or("none", String::as_str), value.as_str()),
            None => return Ok(()),
        };
        let message = format!("cuesmith-worker has {field} {is}, cuesmith expects {should}; run `make build` for both");
        Err(StageError::internal(message))
    }

    /// Waits for the end of the job: its own, or that of the worker.
    fn supervise(
        &self,
        worker: &mut Worker,
        task: &Task,
        tell: &mut dyn FnMut(Notice),
    ) -> Result<Result<Blobs, StageError>, Loss> {
        let since = Instant::now();
        let mut last_look = Instant::now();
        loop {
            match worker.hear(TICK) {
                Heard::Reply(Reply::Done { id, outputs }) if id == task.job.id => return Ok(Ok(outputs)),
                Heard::Reply(Reply::Failed { error, .. }) => return Ok(Err(error)),
                Heard::Reply(Reply::Progress { fraction, note, .. }) => tell(Notice::Progress { fraction, note }),
                Heard::Reply(Reply::Ready { .. } | Reply::Done { .. }) | Heard::Nothing => {}
                Heard::End => return Err(Loss::Died),
            }
            if last_look.elapsed() >= TICK {
                last_look = Instant::now();
                self.hold_to_limits(worker, task, since)?;
            }
        }
    }

    fn hold_to_limits(&self, worker: &Worker, task: &Task, since: Instant) -> Result<(), Loss> {
        let (stage, limits) = (&task.job.stage, task.limits);
        if self.interrupt.is_killing() {
            return Err(Loss::Stopped);
        }
        let resident = worker.resident_mib().unwrap_or(0);
        let message = if since.elapsed().as_secs_f64() > f64::from(limits.deadline_seconds) {
            format!(
                "stage {stage} was stopped at its deadline of {} s; raise `deadline_seconds` of {stage} in the recipe",
                limits.deadline_seconds
            )
        } else if resident > u64::from(limits.memory_mib) {
            format!(
                "stage {stage} was stopped with {resident} MiB of memory, over its limit of {} MiB; raise `memory_mib` \
                 of {stage} in the recipe",
                limits.memory_mib
            )
        } else {
            return Ok(());
        };
        Err(Loss::OverLimit(StageError::new(FailureClass::Temporary, message)))
    }
}

impl Hand for WorkerHand {
    fn execute(&mut self, task: &Task, tell: &mut dyn FnMut(Notice)) -> Result<Blobs, StageError> {
        let mut worker = self.take_worker(task, tell)?;
        let sent = worker.send(&task.job).map_err(|_| Loss::Died);
        let loss = match sent.and_then(|()| self.supervise(&mut worker, task, tell)) {
            Ok(result) => {
                self.worker = Some(worker);
                return result;
            }
            Err(loss) => loss,
        };
        tell(Notice::Down);
        let error = match loss {
            Loss::Stopped => return Err(stopped()),
            Loss::Died => death(task, worker),
            Loss::OverLimit(error) => error,
        };
        tell(Notice::Replaced(error.clone()));
        Err(error)
    }
}

fn death(task: &Task, worker: Worker) -> StageError {
    StageError::internal(format!("stage {}: its worker {}", task.job.stage, worker.end()))
}

fn stopped() -> StageError {
    StageError::new(FailureClass::Temporary, "stopped by Ctrl-C")
}
