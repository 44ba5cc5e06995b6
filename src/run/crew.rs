//! The hands of a run, a thread each, hired when there is work for them and kept until the run ends.

use std::thread::Scope;

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::{
    Device, Options,
    hand::{Hand, Notice, Task},
    key::Blobs,
    outside::Outside,
};
use crate::{error::StageError, node::Lane};

/// What reaches the dispatcher from other threads.
pub(super) enum Message {
    /// An input's files are hashed.
    Opened {
        input: usize,
        outside: Outside,
    },
    Noticed {
        job: u64,
        lane: Lane,
        notice: Notice,
    },
    Finished {
        job: u64,
        lane: Lane,
        result: Result<Blobs, StageError>,
    },
}

/// Makes a hand for a lane, in the thread in which the hand then works.
pub(super) type Hire<'a> = &'a (dyn Fn(Lane) -> Box<dyn Hand> + Sync);

pub(super) struct Crew<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    hire: Hire<'scope>,
    messages: Sender<Message>,
    device: Device,
    cpu: Group,
    gpu: Group,
}

/// The hands of one lane.
struct Group {
    most: usize,
    hired: usize,
    busy: usize,
    tasks: Sender<Task>,
    waiting: Receiver<Task>,
}

impl Group {
    fn new(most: usize) -> Self {
        let (tasks, waiting) = unbounded();
        Self { most, hired: 0, busy: 0, tasks, waiting }
    }
}

impl<'scope, 'env> Crew<'scope, 'env> {
    /// One hand for the GPU if there is one: two models at once would fight over its memory.
    pub(super) fn new(
        scope: &'scope Scope<'scope, 'env>,
        hire: Hire<'scope>,
        messages: Sender<Message>,
        options: &Options,
    ) -> Self {
        let (cpu, gpu) = (Group::new(options.jobs.max(1)), Group::new(1));
        Self { scope, hire, messages, device: options.device, cpu, gpu }
    }

    fn group(&mut self, lane: Lane) -> &mut Group {
        match self.lane(lane) {
            Lane::Device => &mut self.gpu,
            Lane::Cpu => &mut self.cpu,
        }
    }

    /// Where a stage really runs: without a GPU there is one lane only.
    fn lane(&self, lane: Lane) -> Lane {
        if self.device == Device::Cpu { Lane::Cpu } else { lane }
    }

    pub(super) fn is_free(&mut self, lane: Lane) -> bool {
        let group = self.group(lane);
        group.busy < group.most
    }

    /// Gives a task to a hand of a free lane.
    pub(super) fn give(&mut self, lane: Lane, task: Task) {
        let lane = self.lane(lane);
        let group = self.group(lane);
        group.busy += 1;
        let all_busy = group.busy > group.hired;
        group.hired += usize::from(all_busy);
        group.tasks.send(task).expect("the group holds a receiver itself");
        if all_busy {
            self.start_hand(lane);
        }
    }

    /// A hand of this lane has finished its task.
    pub(super) fn release(&mut self, lane: Lane) {
        self.group(lane).busy -= 1;
    }

    fn start_hand(&mut self, lane: Lane) {
        let waiting = self.group(lane).waiting.clone();
        let (messages, hire) = (self.messages.clone(), self.hire);
        self.scope.spawn(move || work(hire(lane), lane, &waiting, &messages));
    }
}

/// One hand's life: task after task until the crew is gone. A dispatcher that listens no more needs no answer.
fn work(mut hand: Box<dyn Hand>, lane: Lane, waiting: &Receiver<Task>, messages: &Sender<Message>) {
    for task in waiting {
        let job = task.job.id;
        let mut tell = |notice| {
            let _ = messages.send(Message::Noticed { job, lane, notice });
        };
        let result = hand.execute(&task, &mut tell);
        let _ = messages.send(Message::Finished { job, lane, result });
    }
}
