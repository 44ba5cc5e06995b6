//! The desk: what is known of every file, and what has to be done next. It reads no clock and no disk: time and news
//! come in, actions go out, so that everything it decides can be tested from a list of events.

mod news;
#[cfg(test)]
mod tests;
mod wishes;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

pub(crate) use self::news::{Action, End, News, Opened, Ticket};
use super::{Job, JobId, Reason, Rules, Stamp, State};
use crate::{digest::Digest, error::FailureClass, run::protocol::FilePath};

/// A job that noticed first that its folder went away: the eye says so soon.
const AWAY_PAUSE_MS: i64 = 5_000;

struct Lane {
    id: JobId,
    /// Its end changes nothing: the job went on without it.
    is_dropped: bool,
}

#[derive(Default)]
pub(crate) struct Desk {
    rules: Rules,
    jobs: BTreeMap<JobId, Job>,
    /// Jobs that something still happens to by itself.
    open: BTreeSet<JobId>,
    /// Files that are being opened or moved.
    asked: BTreeSet<JobId>,
    lanes: BTreeMap<Ticket, Lane>,
    tickets: u64,
    away: BTreeMap<String, String>,
    held: Option<String>,
    is_stopping: bool,
    /// Files were left for later because the queue was full.
    has_overflowed: bool,
    actions: Vec<Action>,
    /// Jobs that look otherwise than they did, or are gone.
    touched: BTreeSet<JobId>,
}

impl Desk {
    /// `jobs` are those of an earlier program: what ran then waits now.
    pub(crate) fn new(rules: Rules, jobs: impl IntoIterator<Item = Job>) -> Self {
        let mut desk = Self { rules, ..Self::default() };
        for mut job in jobs {
            if job.state == State::Running {
                job.state = State::Waiting;
            }
            desk.mark(&job);
            desk.touched.insert(job.id.clone());
            desk.jobs.insert(job.id.clone(), job);
        }
        desk
    }

    pub(crate) fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.jobs.values()
    }

    pub(crate) fn job(&self, id: &JobId) -> Option<&Job> {
        self.jobs.get(id)
    }

    pub(crate) fn held(&self) -> Option<&str> {
        self.held.as_deref()
    }

    pub(crate) fn away(&self, folder: &str) -> Option<&str> {
        self.away.get(folder).map(String::as_str)
    }

    pub(crate) fn running(&self) -> usize {
        self.lanes.len()
    }

    /// Whether nothing is left that would happen by itself.
    pub(crate) fn is_idle(&self) -> bool {
        self.open.is_empty() && self.lanes.is_empty() && self.asked.is_empty()
    }

    /// Jobs that changed since the last call.
    pub(crate) fn take_touched(&mut self) -> BTreeSet<JobId> {
        std::mem::take(&mut self.touched)
    }

    /// Where the results of a job go; chosen once.
    pub(crate) fn set_place(&mut self, id: &JobId, place: &Path) {
        if let Some(job) = self.jobs.get_mut(id) {
            job.place = Some(FilePath(place.to_owned()));
        }
    }

    /// Takes in what happened and gives what has to be done, in this order.
    pub(crate) fn hear(&mut self, now_ms: i64, news: News) -> Vec<Action> {
        match news {
            News::Looked { folder, found } => self.looked(&folder, &found, now_ms),
            News::Saw { folder, input, stamp } => self.saw(&folder, &input, stamp, now_ms),
            News::Away { folder, reason } => self.went_away(folder, reason),
            News::Opened { id, stamp, opened } => self.opened(&id, stamp, opened, now_ms),
            News::Unopened(id) => drop(self.asked.remove(&id)),
            News::Ended { ticket, stamp, recipe, end } => self.ended(ticket, stamp, recipe, end, now_ms),
            News::Moved { id, to } => self.moved(&id, to, now_ms),
            News::Held(reason) => self.held = reason,
            News::Stop => self.stop(),
            News::Tick => {}
        }
        self.go_on(now_ms);
        std::mem::take(&mut self.actions)
    }

    /// Done jobs that were made with another recipe than `recipe`, or all, wait again. Gives how many.
    pub(crate) fn redo(&mut self, folder: &str, recipe: Option<Digest>, now_ms: i64) -> usize {
        let ids = self.done_otherwise(folder, recipe);
        for id in &ids {
            self.see_again(id, now_ms, 0);
        }
        ids.len()
    }

    /// Done jobs that were made with another recipe than `recipe`, or all.
    pub(crate) fn done_otherwise(&self, folder: &str, recipe: Option<Digest>) -> Vec<JobId> {
        let is_old = |job: &&Job| {
            let done = job.folder == folder && job.version == 1 && job.state == State::Done;
            done && recipe.is_none_or(|recipe| job.recipe != Some(recipe))
        };
        self.jobs.values().filter(is_old).map(|job| job.id.clone()).collect()
    }

    /// When something happens by itself next. What is due but waits for a lane or a disk waits for news.
    pub(crate) fn next_ms(&self, now_ms: i64) -> Option<i64> {
        let due = |id: &JobId| {
            let job = &self.jobs[id];
            match job.state {
                _ if self.asked.contains(id) => None,
                State::Seen => Some(self.settles_ms(job)),
                State::Failed => Some(self.moves_ms(job)),
                _ => Some(job.not_before_ms),
            }
        };
        self.open.iter().filter_map(due).filter(|due_ms| *due_ms > now_ms).min()
    }

    fn settles_ms(&self, job: &Job) -> i64 {
        (job.still_ms + self.rules.settle_ms).max(job.not_before_ms)
    }

    fn moves_ms(&self, job: &Job) -> i64 {
        (job.still_ms + self.rules.broken_after_ms).max(job.not_before_ms)
    }

    fn looked(&mut self, folder: &str, found: &BTreeMap<PathBuf, Stamp>, now_ms: i64) {
        self.came_back(folder);
        for (input, stamp) in found {
            self.saw(folder, input, Some(*stamp), now_ms);
        }
        let lost = |job: &&Job| job.folder == folder && !found.contains_key(&job.input.0);
        let lost: Vec<_> = self.jobs.values().filter(lost).map(|job| job.id.clone()).collect();
        for id in lost {
            self.lost(&id, now_ms);
        }
    }

    fn came_back(&mut self, folder: &str) {
        if self.away.remove(folder).is_some() {
            let waiting = |job: &&Job| job.folder == folder && job.state == State::Waiting && job.attempts == 0;
            let waiting: Vec<_> = self.jobs.values().filter(waiting).map(|job| job.id.clone()).collect();
            for id in waiting {
                self.quietly(&id, |job| job.reason = None);
            }
        }
    }

    fn went_away(&mut self, folder: String, reason: String) {
        let running = self.lanes.iter().filter(|(_, lane)| !lane.is_dropped && self.jobs[&lane.id].folder == folder);
        let running: Vec<_> = running.map(|(ticket, lane)| (*ticket, lane.id.clone())).collect();
        for (ticket, id) in running {
            self.drop_lane(ticket);
            let reason = Reason { class: FailureClass::Temporary, message: reason.clone() };
            self.change(&id, |job| {
                job.state = State::Waiting;
                job.reason = Some(reason);
            });
        }
        self.away.insert(folder, reason);
    }

    /// A file as it is now, at version 1 of its job.
    fn saw(&mut self, folder: &str, input: &Path, stamp: Option<Stamp>, now_ms: i64) {
        let id = JobId::new(folder, input, 1);
        match (self.jobs.get(&id).map(|job| (job.state, job.stamp)), stamp) {
            (Some(_), None) => self.lost(&id, now_ms),
            (None, Some(stamp)) => self.meet(folder, input, stamp, now_ms),
            (Some((state, known)), Some(stamp)) if known != stamp || state == State::Gone => {
                self.stop_lanes_of(&id);
                self.see_again(&id, now_ms, now_ms);
                self.quietly(&id, |job| job.stamp = stamp);
            }
            (None, None) | (Some(_), Some(_)) => {}
        }
    }

    fn meet(&mut self, folder: &str, input: &Path, stamp: Stamp, now_ms: i64) {
        if self.open.len() >= self.rules.queue {
            self.has_overflowed = true;
            return;
        }
        let job = Job::seen(folder, input, stamp, now_ms);
        self.open.insert(job.id.clone());
        self.touched.insert(job.id.clone());
        self.jobs.insert(job.id.clone(), job);
    }

    /// Its file is to be opened when it has stood still since `still_ms` for long enough.
    fn see_again(&mut self, id: &JobId, now_ms: i64, still_ms: i64) {
        self.quietly(id, |job| {
            job.state = State::Seen;
            (job.attempts, job.not_before_ms, job.still_ms) = (0, 0, still_ms);
            (job.reason, job.quarantined) = (None, None);
            if job.ended_ms.is_some() {
                job.seen_ms = now_ms;
            }
        });
    }

    /// The file is not there any more. What is done stays done: people tidy up.
    fn lost(&mut self, id: &JobId, now_ms: i64) {
        let Some(job) = self.jobs.get(id) else { return };
        match job.state {
            State::Done | State::Quarantined | State::Gone | State::Ignored => {}
            // Nothing of it was written down yet.
            State::Seen if job.ended_ms.is_none() && job.started_ms.is_none() => {
                self.open.remove(id);
                self.touched.insert(id.clone());
                self.jobs.remove(id);
            }
            // It was to be done again: what there is of it stays.
            State::Seen if job.result.is_some() => self.change(id, |job| job.state = State::Done),
            State::Failed if self.asked.contains(id) => {}
            State::Seen | State::Waiting | State::Running | State::Failed => {
                self.stop_lanes_of(id);
                self.change(id, |job| {
                    (job.state, job.ended_ms) = (State::Gone, Some(now_ms));
                    job.reason = None;
                });
            }
        }
    }

    fn opened(&mut self, id: &JobId, stamp: Stamp, opened: Opened, now_ms: i64) {
        self.asked.remove(id);
        let Some(job) = self.jobs.get(id).filter(|job| job.state == State::Seen) else { return };
        if job.stamp != stamp {
            return self.quietly(id, |job| (job.stamp, job.still_ms) = (stamp, now_ms));
        }
        match opened {
            Opened::Ready(content) => self.change(id, |job| {
                (job.state, job.content, job.reason) = (State::Waiting, Some(content), None);
                (job.attempts, job.not_before_ms) = (0, 0);
            }),
            Opened::Busy => self.quietly(id, |job| job.still_ms = now_ms),
            Opened::Trouble(reason) => self.trouble(id, reason, State::Seen, now_ms),
        }
    }

    fn ended(&mut self, ticket: Ticket, stamp: Option<Stamp>, recipe: Option<Digest>, end: End, now_ms: i64) {
        let Some(lane) = self.lanes.remove(&ticket).filter(|lane| !lane.is_dropped) else { return };
        let Some(job) = self.jobs.get(&lane.id) else { return };
        let (folder, input, is_first) = (job.folder.clone(), job.input.0.clone(), job.version == 1);
        let is_known = !matches!(end, End::Done(_) | End::Away(_)) && !self.away.contains_key(&folder);
        if is_first && is_known && stamp != Some(job.stamp) {
            // It failed because the file changed or went away under it.
            return self.saw(&folder, &input, stamp, now_ms);
        }
        self.quietly(&lane.id, |job| job.recipe = recipe.or(job.recipe));
        match end {
            End::Done(result) => {
                self.change(&lane.id, |job| {
                    (job.state, job.result, job.ended_ms) = (State::Done, Some(result), Some(now_ms));
                    job.reason = None;
                });
                self.actions.push(Action::Tell(lane.id));
            }
            End::Ignored(message) => self.change(&lane.id, |job| {
                (job.state, job.ended_ms) = (State::Ignored, Some(now_ms));
                job.reason = Some(Reason { class: FailureClass::Usage, message });
            }),
            End::Away(message) => self.change(&lane.id, |job| {
                (job.state, job.not_before_ms) = (State::Waiting, now_ms + AWAY_PAUSE_MS);
                job.reason = Some(Reason { class: FailureClass::Temporary, message });
            }),
            End::Interrupted => self.change(&lane.id, |job| job.state = State::Waiting),
            End::Failed(reason) => self.trouble(&lane.id, reason, State::Waiting, now_ms),
        }
    }

    /// Another try after a pause, in which the job is `until`; or the end of it.
    fn trouble(&mut self, id: &JobId, reason: Reason, until: State, now_ms: i64) {
        let attempts = self.jobs[id].attempts + 1;
        let pause_ms = self.rules.pause_ms(id, &reason, attempts);
        self.change(id, |job| {
            job.attempts = attempts;
            job.reason = Some(reason);
            if let Some(pause_ms) = pause_ms {
                (job.state, job.not_before_ms) = (until, now_ms + pause_ms);
            } else {
                (job.state, job.not_before_ms, job.ended_ms) = (State::Failed, 0, Some(now_ms));
            }
        });
        if pause_ms.is_none() && !is_to_be_moved(&self.jobs[id]) {
            self.actions.push(Action::Tell(id.clone()));
        }
    }

    fn moved(&mut self, id: &JobId, to: Result<PathBuf, String>, now_ms: i64) {
        self.asked.remove(id);
        let Some(job) = self.jobs.get(id) else { return };
        match (job.state, to) {
            (State::Failed, Ok(to)) => {
                self.change(id, |job| (job.state, job.quarantined) = (State::Quarantined, Some(FilePath(to))));
                self.actions.push(Action::Tell(id.clone()));
            }
            (State::Failed, Err(why)) => {
                self.change(id, |job| {
                    let said = job.reason.take().map(|reason| reason.message).unwrap_or_default();
                    let message = format!("{said}; it stays where it is: {why}");
                    job.reason = Some(Reason { class: FailureClass::Usage, message });
                });
                self.actions.push(Action::Tell(id.clone()));
            }
            (State::Quarantined, Ok(_)) => {
                self.see_again(id, now_ms, 0);
                self.actions.push(Action::Save(id.clone()));
            }
            (State::Quarantined, Err(why)) => self.change(id, |job| {
                job.reason =
                    Some(Reason { class: FailureClass::Media, message: format!("it can't be brought back: {why}") });
            }),
            _ => {}
        }
    }

    fn stop(&mut self) {
        self.is_stopping = true;
        self.actions.extend(self.lanes.keys().map(|ticket| Action::Finish(*ticket)));
    }

    /// What time brings about.
    fn go_on(&mut self, now_ms: i64) {
        self.open_settled(now_ms);
        self.move_broken(now_ms);
        self.start_waiting(now_ms);
        if self.has_overflowed && self.open.len() < self.rules.queue.div_ceil(2) {
            self.has_overflowed = false;
            self.actions.push(Action::Look);
        }
    }

    fn open_settled(&mut self, now_ms: i64) {
        let is_due = |id: &&JobId| {
            let job = &self.jobs[*id];
            let due = job.state == State::Seen && self.settles_ms(job) <= now_ms;
            due && !self.is_stopping && !self.asked.contains(*id) && !self.away.contains_key(&job.folder)
        };
        let due: Vec<_> = self.open.iter().filter(is_due).cloned().collect();
        for id in due {
            self.asked.insert(id.clone());
            self.actions.push(Action::Open(id));
        }
    }

    fn move_broken(&mut self, now_ms: i64) {
        let is_due = |id: &&JobId| {
            let job = &self.jobs[*id];
            let due = is_to_be_moved(job) && self.moves_ms(job) <= now_ms;
            due && !self.asked.contains(*id) && !self.away.contains_key(&job.folder)
        };
        let due: Vec<_> = self.open.iter().filter(is_due).cloned().collect();
        for id in due {
            self.asked.insert(id.clone());
            self.actions.push(Action::Quarantine(id));
        }
    }

    fn start_waiting(&mut self, now_ms: i64) {
        while let Some(id) = self.startable(now_ms) {
            self.tickets += 1;
            let ticket = Ticket(self.tickets);
            self.lanes.insert(ticket, Lane { id: id.clone(), is_dropped: false });
            self.change(&id, |job| {
                (job.state, job.started_ms, job.ended_ms) = (State::Running, Some(now_ms), None);
                job.reason = None;
            });
            self.actions.push(Action::Start { ticket, id });
        }
    }

    /// What people ordered goes first, then the oldest. The same content is not worked on twice at once: the second
    /// one finds all in the cache a little later.
    fn startable(&self, now_ms: i64) -> Option<JobId> {
        if self.is_stopping || self.held.is_some() || self.lanes.len() >= self.rules.lanes {
            return None;
        }
        let running = || self.lanes.values().map(|lane| &lane.id);
        let is_twin = |job: &Job| running().any(|id| self.jobs.get(id).is_some_and(|other| is_twin(job, other)));
        let is_free = |job: &&Job| {
            let due = job.state == State::Waiting && job.not_before_ms <= now_ms;
            due && !self.away.contains_key(&job.folder) && !running().any(|id| *id == job.id) && !is_twin(job)
        };
        let waiting = self.open.iter().map(|id| &self.jobs[id]).filter(is_free);
        let order = |job: &&Job| (job.version == 1, job.seen_ms, job.input.0.clone());
        waiting.min_by_key(order).map(|job| job.id.clone())
    }

    fn stop_lanes_of(&mut self, id: &JobId) {
        let lanes = self.lanes.iter().filter(|(_, lane)| lane.id == *id && !lane.is_dropped);
        let tickets: Vec<_> = lanes.map(|(ticket, _)| *ticket).collect();
        for ticket in tickets {
            self.drop_lane(ticket);
        }
    }

    fn drop_lane(&mut self, ticket: Ticket) {
        if let Some(lane) = self.lanes.get_mut(&ticket) {
            lane.is_dropped = true;
            self.actions.push(Action::Kill(ticket));
        }
    }

    /// Changes a job in a way that must not be forgotten.
    fn change(&mut self, id: &JobId, change: impl FnOnce(&mut Job)) {
        self.quietly(id, change);
        self.actions.push(Action::Save(id.clone()));
    }

    /// Changes a job in a way that the next look at its file brings about again.
    fn quietly(&mut self, id: &JobId, change: impl FnOnce(&mut Job)) {
        let Some(mut job) = self.jobs.remove(id) else { return };
        change(&mut job);
        self.mark(&job);
        self.touched.insert(id.clone());
        self.jobs.insert(id.clone(), job);
    }

    fn mark(&mut self, job: &Job) {
        if job.state.is_open() || is_to_be_moved(job) {
            self.open.insert(job.id.clone());
        } else {
            self.open.remove(&job.id);
        }
    }
}

/// Broken media, which nobody has moved or tried to move yet.
fn is_to_be_moved(job: &Job) -> bool {
    let broken = job.reason.as_ref().is_some_and(|reason| reason.class == FailureClass::Media);
    job.state == State::Failed && job.version == 1 && broken && job.quarantined.is_none()
}

fn is_twin(job: &Job, other: &Job) -> bool {
    job.content.is_some() && job.content == other.content
}
