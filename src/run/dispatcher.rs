//! The dispatcher: opens inputs, looks stages up, gives the rest to the crew, and tells what happens.
//!
//! It owns all state and does all writing to the store's records; hands only write blobs. A key that two stages want
//! is computed once: the second waits and then finds it in the store.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::{
    Attempts, Event, InputOutcome, Options, Request, StageOutcome, Status,
    course::{Course, Standing},
    crew::{Crew, Message},
    hand::{Notice, Task},
    key::Blobs,
    outside::Outside,
    verdict::{Verdict, verdict},
};
use crate::{
    digest::Digest,
    error::{FailureClass, StageError},
    graph::PlannedStage,
    node::{Arity, Lane},
    recipe::OnFail,
    store::{Record, Store},
};

/// How soon a wish to stop is noticed when nothing else happens.
const PATIENCE: Duration = Duration::from_millis(50);

/// One stage of one input. Earlier inputs and earlier stages go first, so that inputs get done one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    input: usize,
    stage: usize,
}

struct Running {
    place: Place,
    since: Instant,
}

pub(super) struct Dispatcher<'a, 'scope, 'env> {
    store: &'a Store,
    requests: &'a [Request],
    options: &'a Options,
    on_event: &'a mut dyn FnMut(Event),
    crew: Crew<'scope, 'env>,
    messages: Receiver<Message>,
    /// To the thread that hashes the files of an input.
    to_open: Sender<usize>,
    begun: Vec<Instant>,
    opening: usize,
    courses: BTreeMap<usize, Course<'a>>,
    outcomes: Vec<Option<InputOutcome>>,
    /// Stages that became ready and were not looked up yet.
    fresh: VecDeque<Place>,
    queue: BTreeSet<Place>,
    /// Who waits for a key that is being made, the maker left out.
    making: HashMap<Digest, Vec<Place>>,
    /// Keys made in this run: `force` asks for no more than one making.
    made: HashSet<Digest>,
    running: HashMap<u64, Running>,
    jobs: u64,
    stopping: bool,
    up: BTreeMap<String, usize>,
}

impl<'a, 'scope, 'env> Dispatcher<'a, 'scope, 'env> {
    pub(super) fn new(
        store: &'a Store,
        requests: &'a [Request],
        options: &'a Options,
        on_event: &'a mut dyn FnMut(Event),
        (crew, messages, to_open): (Crew<'scope, 'env>, Receiver<Message>, Sender<usize>),
    ) -> Self {
        Self {
            store,
            requests,
            options,
            on_event,
            crew,
            messages,
            to_open,
            begun: Vec::new(),
            opening: 0,
            courses: BTreeMap::new(),
            outcomes: requests.iter().map(|_| None).collect(),
            fresh: VecDeque::new(),
            queue: BTreeSet::new(),
            making: HashMap::new(),
            made: HashSet::new(),
            running: HashMap::new(),
            jobs: 0,
            stopping: false,
            up: BTreeMap::new(),
        }
    }

    pub(super) fn run(mut self) -> Vec<InputOutcome> {
        loop {
            self.notice_stop();
            if !self.stopping {
                self.open_inputs();
                self.look_up_fresh();
                self.start_queued();
            }
            if self.is_over() {
                break;
            }
            self.hear();
        }
        self.close_rest();
        self.outcomes.into_iter().map(|outcome| outcome.expect("every input was closed")).collect()
    }

    fn is_over(&self) -> bool {
        let all_done = self.begun.len() == self.requests.len() && self.opening == 0 && self.courses.is_empty();
        all_done || (self.stopping && self.running.is_empty())
    }

    fn tell(&mut self, event: Event) {
        (self.on_event)(event);
    }

    fn notice_stop(&mut self) {
        if !self.stopping && self.options.interrupt.is_stopping() {
            self.stopping = true;
            self.tell(Event::Stopping);
        }
    }

    /// Keeps one input more open than there are hands: the next one's files are hashed meanwhile.
    fn open_inputs(&mut self) {
        let window = self.options.jobs.max(1) + 1;
        while self.begun.len() < self.requests.len() && self.courses.len() + self.opening < window {
            let input = self.begun.len();
            self.begun.push(Instant::now());
            self.opening += 1;
            self.tell(Event::InputStarted { input, stages: self.requests[input].plan.stages.len() });
            self.to_open.send(input).expect("the opener lives as long as its sender");
        }
    }

    fn hear(&mut self) {
        match self.messages.recv_timeout(PATIENCE) {
            Ok(message) => self.handle(message),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => unreachable!("the crew holds a sender"),
        }
    }

    fn handle(&mut self, message: Message) {
        match message {
            Message::Opened { input, outside } => self.opened(input, outside),
            Message::Noticed { job, lane, notice } => self.noticed(job, lane, notice),
            Message::Finished { job, lane, result } => self.finished(job, lane, result),
        }
    }

    fn opened(&mut self, input: usize, outside: Outside) {
        self.opening -= 1;
        let course = Course::new(&self.requests[input], outside, self.begun[input]);
        self.courses.insert(input, course);
        self.refresh(input);
    }

    /// Finds what can go on in an input, or closes it.
    fn refresh(&mut self, input: usize) {
        if self.course(input).is_to_be_judged() {
            self.judge(input);
        }
        let course = self.course(input);
        if course.is_over() {
            let course = self.courses.remove(&input).expect("it was just there");
            self.close(input, course.into_outcome());
        } else {
            let places = course.ready().into_iter().map(|stage| Place { input, stage });
            let places: Vec<_> = places.filter(|place| !self.fresh.contains(place)).collect();
            self.fresh.extend(places);
        }
    }

    /// Keeps an attempt, or begins another.
    fn judge(&mut self, input: usize) {
        let course = self.course(input);
        let before = course.attempts().refused.len();
        let stages = course.judge();
        let attempts = course.attempts();
        let Some(refused) = attempts.refused.get(before) else { return };
        let (attempt, reason) = (attempts.kept, refused.reason());
        let is_refused = attempts.refused.iter().any(|refused| refused.attempt == attempt);
        if let Some(stages) = stages {
            self.tell(Event::Rerolled { input, attempt, stages, reason });
        }
        if is_refused {
            self.warn_of_refused(input);
        }
    }

    /// What is kept though no attempt passed.
    fn warn_of_refused(&mut self, input: usize) {
        let Attempts { kept, refused } = self.course(input).attempts().clone();
        let made = refused.len();
        let checks = refused.into_iter().filter(|refused| refused.attempt == kept).flat_map(|refused| refused.checks);
        for (stage, message) in checks {
            let message = format!("attempt {kept} of {made} is kept though none passed: {message}");
            self.tell(Event::Warning { input, stage, message });
        }
    }

    fn course(&mut self, input: usize) -> &mut Course<'a> {
        self.courses.get_mut(&input).expect("inputs stay open until their last stage ended")
    }

    fn planned(&mut self, place: Place) -> &'a PlannedStage {
        self.course(place.input).stage(place.stage)
    }

    fn look_up_fresh(&mut self) {
        while let Some(place) = self.fresh.pop_front() {
            self.look_up(place);
        }
    }

    /// Ends a stage whose result is there; lets the others wait for a hand or for who makes the same.
    fn look_up(&mut self, place: Place) {
        let device = self.options.device;
        let key = match self.course(place.input).make_key(place.stage, device) {
            Ok(key) => key,
            Err(error) => return self.fail(place, 0.0, error),
        };
        if let Some(waiting) = self.making.get_mut(&key) {
            waiting.push(place);
        } else if let Some(record) = self.hit(place, key) {
            return self.give(place, Status::Hit, 0.0, record.outputs);
        } else {
            self.making.insert(key, Vec::new());
            self.queue.insert(place);
        }
        self.course(place.input).step(place.stage).standing = Standing::Working;
    }

    fn hit(&mut self, place: Place, key: Digest) -> Option<Record> {
        let planned = self.planned(place);
        let forced =
            self.options.force.contains(&planned.name) || self.course(place.input).step(place.stage).must_run();
        if forced && !self.made.contains(&key) {
            return None;
        }
        let record = self.store.lookup(key)?;
        let readable = verdict(planned, &record.outputs, self.store.blobs()) != Verdict::Damaged;
        readable.then_some(record)
    }

    fn start_queued(&mut self) {
        loop {
            let queued: Vec<_> = self.queue.iter().copied().collect();
            let startable = queued.into_iter().find(|place| {
                let lane = self.planned(*place).node.lane;
                self.crew.is_free(lane)
            });
            let Some(place) = startable else { return };
            self.queue.remove(&place);
            self.start(place);
        }
    }

    fn start(&mut self, place: Place) {
        let planned = self.planned(place);
        let step = self.course(place.input).step(place.stage);
        if !std::mem::replace(&mut step.started, true) {
            let (stage, node) = (planned.name.clone(), planned.node.name);
            self.tell(Event::StageStarted { input: place.input, stage, node });
        }
        self.jobs += 1;
        self.running.insert(self.jobs, Running { place, since: Instant::now() });
        let (id, device, store) = (self.jobs, self.options.device, self.store);
        let task = Task { job: self.course(place.input).job(id, place.stage, device, store), limits: planned.limits };
        self.crew.give(planned.node.lane, task);
    }

    fn noticed(&mut self, job: u64, lane: Lane, notice: Notice) {
        match notice {
            Notice::Progress { fraction, note } => {
                let Some(Running { place, .. }) = self.running.get(&job) else { return };
                let place = *place;
                let stage = self.planned(place).name.clone();
                self.tell(Event::StageProgress { input: place.input, stage, fraction, note });
            }
            Notice::Up => self.count_workers(lane, 1),
            Notice::Down => self.count_workers(lane, -1),
            Notice::Replaced(reason) => self.tell(Event::WorkerReplaced { reason }),
        }
    }

    fn count_workers(&mut self, lane: Lane, more: isize) {
        let kind = if lane == Lane::Device { self.options.device.to_string() } else { "cpu".to_owned() };
        let count = self.up.entry(kind).or_default();
        *count = count.saturating_add_signed(more);
        let up = self.up.clone();
        self.tell(Event::Workers { up });
    }

    fn finished(&mut self, job: u64, lane: Lane, result: Result<Blobs, StageError>) {
        self.crew.release(lane);
        let Running { place, since } = self.running.remove(&job).expect("jobs finish once");
        let seconds = since.elapsed().as_secs_f64();
        let key = self.course(place.input).key_digest(place.stage).expect("a stage that ran was looked up");
        let waiting = self.making.remove(&key).unwrap_or_default();
        let kept = result.and_then(|outputs| self.keep(place, seconds, outputs));
        let shared = kept.as_ref().err().filter(|error| is_lasting(error)).cloned();
        match kept {
            Ok(outputs) => {
                self.made.insert(key);
                self.give(place, Status::Miss, seconds, outputs);
            }
            Err(_) if self.options.interrupt.is_killing() => self.skip(place),
            Err(error) => {
                if !self.heal(place, &error) {
                    self.fail(place, seconds, error);
                }
            }
        }
        for place in waiting {
            match &shared {
                Some(error) => self.fail(place, 0.0, error.clone()),
                None => self.wait_again(place),
            }
        }
    }

    fn wait_again(&mut self, place: Place) {
        self.course(place.input).step(place.stage).standing = Standing::Waiting;
        self.refresh(place.input);
    }

    /// Makes a result last: a record is written only for outputs that are whole and made from the files of the key.
    fn keep(&mut self, place: Place, seconds: f64, outputs: Blobs) -> Result<Blobs, StageError> {
        let store = self.store;
        let course = self.course(place.input);
        let planned = course.stage(place.stage);
        let complete = |port: &&crate::node::Port| port.arity == Arity::One && !outputs.contains_key(port.name);
        if let Some(port) = planned.node.outputs.iter().find(complete) {
            let message = format!("stage {}: {} gave nothing at port {}", planned.name, planned.node.name, port.name);
            return Err(StageError::internal(message));
        }
        let changed = course.outside.changed(planned, course.request.input.as_deref(), &|path| store.digest(path));
        if let Some(error) = changed {
            return Err(error);
        }
        let key = course.step(place.stage).key.clone().expect("a stage that ran was looked up");
        let record = Record {
            stage: planned.name.clone(),
            key,
            outputs: outputs.clone(),
            seconds,
            finished_ms: jiff::Timestamp::now().as_millisecond(),
            cuesmith: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let stored = store.insert(&record);
        stored.map(|()| outputs).map_err(|error| StageError::new(FailureClass::Temporary, error.to_string()))
    }

    /// Ends a stage that has its outputs, as its check wants it.
    fn give(&mut self, place: Place, status: Status, seconds: f64, outputs: Blobs) {
        let blobs = self.store.blobs().clone();
        let course = self.course(place.input);
        let planned = course.stage(place.stage);
        let (verdict, mut outcome) =
            (verdict(planned, &outputs, &blobs), course.given(place.stage, status, seconds, outputs));
        if let Verdict::Refused(refusal) = verdict {
            match planned.on_fail {
                Some(OnFail::Fail) => {
                    outcome.status = Status::Failed;
                    outcome.error = Some(StageError::new(FailureClass::Check, refusal.message));
                }
                Some(OnFail::Reroll { .. }) => course.refuse(place.stage, refusal),
                _ => {
                    let (stage, message) = (planned.name.clone(), refusal.message);
                    self.tell(Event::Warning { input: place.input, stage, message });
                }
            }
        }
        self.end(place, outcome);
    }

    fn fail(&mut self, place: Place, seconds: f64, error: StageError) {
        let outcome = self.course(place.input).failed(place.stage, seconds, error);
        self.end(place, outcome);
    }

    fn skip(&mut self, place: Place) {
        self.course(place.input).step(place.stage).standing = Standing::Waiting;
    }

    fn end(&mut self, place: Place, outcome: StageOutcome) {
        if self.course(place.input).end(place.stage, outcome.clone()) {
            self.tell(Event::StageEnded { input: place.input, outcome });
        }
        self.refresh(place.input);
    }

    /// A stage may fail because a stored input is damaged: forgets what made that input, and lets both run again. Gives
    /// whether the stage gets this second chance.
    fn heal(&mut self, place: Place, error: &StageError) -> bool {
        if is_lasting(error) || self.stopping {
            return false;
        }
        let store = self.store;
        let course = self.course(place.input);
        let damaged = damaged_producers(store, course, place.stage);
        let remade = course.producers(place.stage).into_iter().any(|producer| course.step(producer).remade);
        if (damaged.is_empty() && !remade) || std::mem::replace(&mut course.step(place.stage).healed, true) {
            return false;
        }
        course.step(place.stage).standing = Standing::Waiting;
        for producer in damaged {
            self.make_anew(Place { input: place.input, stage: producer });
        }
        self.refresh(place.input);
        true
    }

    fn make_anew(&mut self, place: Place) {
        let store = self.store;
        let course = self.course(place.input);
        let key = course.key_digest(place.stage);
        if !course.take_back(place.stage) {
            return;
        }
        let stage = course.stage(place.stage).name.clone();
        if let Some(key) = key {
            self.made.remove(&key);
            // A record that can't be removed is overwritten when the stage ends.
            let _ = store.forget(key);
        }
        let message = "its stored result is damaged and is made anew".to_owned();
        self.tell(Event::Warning { input: place.input, stage, message });
    }

    fn close(&mut self, input: usize, outcome: InputOutcome) {
        self.tell(Event::InputEnded { input, outcome: outcome.clone() });
        self.outcomes[input] = Some(outcome);
    }

    /// What a stop left over.
    fn close_rest(&mut self) {
        let requests = self.requests;
        for (input, request) in requests.iter().enumerate() {
            if self.outcomes[input].is_none() {
                let fresh = || Course::new(request, Outside::default(), Instant::now());
                let course = self.courses.remove(&input).unwrap_or_else(fresh);
                self.close(input, course.into_outcome());
            }
        }
    }
}

/// Whether the same job would fail in the same way again, wherever it runs.
fn is_lasting(error: &StageError) -> bool {
    matches!(error.class, FailureClass::Usage | FailureClass::Media | FailureClass::Check)
}

/// Stages whose stored outputs, as far as `stage` reads them, are lost or damaged. The damaged blobs are removed.
fn damaged_producers(store: &Store, course: &Course, stage: usize) -> Vec<usize> {
    let is_damaged = |producer: &usize| {
        let blobs = course.read_from(stage, *producer);
        let damaged: Vec<_> = blobs.iter().filter(|blob| !store.blobs().is_whole(blob)).collect();
        for blob in &damaged {
            let _ = store.blobs().remove(blob.digest);
        }
        !damaged.is_empty()
    };
    course.producers(stage).into_iter().filter(is_damaged).collect()
}
