//! The office: the loop that hears of everything, asks the desk what to do, and has it done.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, select, unbounded};

use super::{
    Board, Folder, FolderView, Hooks, Job, JobId, Logs, NewsLine, Order, Reason, Rules, State, Wish,
    desk::{Action, Desk, End, News, Ticket},
    eye::{Ask, Eye},
    folder,
    lane::Lane,
    opening,
    progress::{Pace, Progress},
    quarantine, space, wishes,
};
use crate::{
    digest::Digest,
    error::{Exit, FailureClass},
    run::{Device, Interrupt, Options},
    store::Store,
};

/// The longest pause between two looks at signals, disks and wishes.
const TICK: Duration = Duration::from_millis(500);
const SPACE_LOOK: Duration = Duration::from_secs(3);

/// How the office works, beside the rules of the desk.
#[derive(Clone, Debug)]
pub(crate) struct OfficeSettings {
    pub(crate) rules: Rules,
    pub(crate) device: Device,
    /// Stages of one job that run at once.
    pub(crate) stages_at_once: usize,
    pub(crate) keep_free_bytes: u64,
    /// Ends when nothing is left to do.
    pub(crate) is_once: bool,
}

pub(crate) struct Office {
    settings: OfficeSettings,
    desk: Desk,
    folders: BTreeMap<String, Arc<Folder>>,
    eyes: BTreeMap<String, Sender<Ask>>,
    store: Arc<Store>,
    board: Board,
    logs: Logs,
    hooks: Hooks,
    pace: Pace,
    news_in: Sender<News>,
    news: Receiver<News>,
    orders: Receiver<Order>,
    interrupt: Interrupt,
    lanes: BTreeMap<Ticket, Interrupt>,
    /// Jobs whose record could not be written yet.
    unsaved: BTreeSet<JobId>,
    /// Folders that were looked at once.
    looked: BTreeSet<String>,
    spaced: Option<Instant>,
    /// What the first job failed of.
    failed: Option<FailureClass>,
    /// When the desk has something to do by itself.
    next_ms: Option<i64>,
}

impl Office {
    pub(crate) fn new(
        settings: OfficeSettings,
        folders: Vec<Folder>,
        store: Arc<Store>,
        board: Board,
        (logs, hooks): (Logs, Hooks),
        (orders, interrupt): (Receiver<Order>, Interrupt),
    ) -> Self {
        let jobs = match store.open_jobs() {
            Ok(jobs) => jobs,
            Err(error) => {
                tracing::warn!("{error}; the jobs are read from their files");
                store.jobs()
            }
        };
        let jobs = jobs.iter().filter_map(|bytes| serde_json::from_slice::<Job>(bytes).ok());
        let (news_in, news) = unbounded();
        Self {
            desk: Desk::new(settings.rules, jobs),
            settings,
            folders: folders.into_iter().map(|folder| (folder.name.clone(), Arc::new(folder))).collect(),
            eyes: BTreeMap::new(),
            store,
            board,
            logs,
            hooks,
            pace: Pace::default(),
            news_in,
            news,
            orders,
            interrupt,
            lanes: BTreeMap::new(),
            unsaved: BTreeSet::new(),
            looked: BTreeSet::new(),
            spaced: None,
            failed: None,
            next_ms: None,
        }
    }

    /// Done jobs that were made with another recipe than `recipe`, or all, are done again. Gives how many.
    pub(crate) fn redo(&mut self, folder: &str, recipe: Option<Digest>) -> usize {
        self.desk.redo(folder, recipe, now_ms())
    }

    /// How many done jobs were made with another recipe than `recipe`.
    pub(crate) fn done_otherwise(&self, folder: &str, recipe: Option<Digest>) -> usize {
        self.desk.done_otherwise(folder, recipe).len()
    }

    pub(crate) fn folders(&self) -> impl Iterator<Item = &Arc<Folder>> {
        self.folders.values()
    }

    /// Works until it is told to stop, or until nothing is left to do when that was asked for. Gives how that went: the first
    /// failure, an interruption, a folder that was not there. A service that is told to stop did well.
    pub(crate) fn run(mut self) -> Exit {
        self.open_eyes();
        // Before anything that waits is started.
        self.look_at_space();
        self.hear(News::Tick);
        let mut is_stopping = false;
        let mut is_killing = false;
        while !(self.is_done() || is_stopping && self.desk.running() == 0) {
            self.hear_something();
            self.grant_left_wishes();
            self.look_at_space();
            self.save_again();
            if self.interrupt.is_stopping() && !std::mem::replace(&mut is_stopping, true) {
                tracing::info!("stopping: running stages finish first; once more stops at once");
                self.board.change(|view| view.is_stopping = true);
                self.hear(News::Stop);
            }
            if self.interrupt.is_killing() && !std::mem::replace(&mut is_killing, true) {
                self.lanes.values().for_each(kill);
            }
        }
        // Else the next start reads the jobs from their files.
        if self.unsaved.is_empty()
            && let Err(error) = self.store.close_jobs()
        {
            tracing::warn!("{error}; the next start reads the jobs from their files");
        }
        let is_away = self.folders.keys().any(|name| self.desk.away(name).is_some());
        match self.failed {
            _ if !self.settings.is_once => Exit::Done,
            _ if is_stopping => Exit::Interrupted,
            Some(class) => class.into(),
            None if is_away => Exit::Temporary,
            None => Exit::Done,
        }
    }

    /// Only where it was asked to end by itself: every folder was looked at, and nothing moves.
    fn is_done(&self) -> bool {
        let all_looked = self.folders.keys().all(|name| self.looked.contains(name) || self.desk.away(name).is_some());
        let waits_for_files = self.folders.keys().any(|name| self.desk.away(name).is_some());
        self.settings.is_once && all_looked && (self.desk.is_idle() || waits_for_files && self.desk.running() == 0)
    }

    fn open_eyes(&mut self) {
        for (name, folder) in &self.folders {
            let (board, shown) = (self.board.clone(), name.clone());
            let tell_mode = move |mode: &super::Mode| {
                tracing::info!("watching {shown}: {mode}");
                let text = mode.to_string();
                board.change(|view| {
                    for folder in view.folders.iter_mut().filter(|folder| folder.name == shown) {
                        folder.mode.clone_from(&text);
                    }
                });
            };
            let view = FolderView {
                name: name.clone(),
                path: folder.path.path.display().to_string(),
                out: folder.out.path.display().to_string(),
                recipe: folder.recipe.display().to_string(),
                mode: "starting".to_owned(),
                away: None,
            };
            self.board.change(|board| board.folders.push(view));
            let eye = Eye::open(Arc::clone(folder), Arc::clone(&self.store), self.news_in.clone(), Box::new(tell_mode));
            match eye {
                Ok(asks) => drop(self.eyes.insert(name.clone(), asks)),
                Err(error) => tracing::error!("{name} can't be watched: {error}"),
            }
        }
    }

    fn hear_something(&mut self) {
        let left_ms = |next_ms: i64| Duration::from_millis((next_ms - now_ms()).max(0) as u64);
        let pause = self.next_ms.map_or(TICK, left_ms);
        select! {
            recv(self.news) -> news => {
                if let Ok(news) = news {
                    self.hear(news);
                }
                // A burst is taken in as a whole before anything else.
                while let Ok(news) = self.news.try_recv() {
                    self.hear(news);
                }
            }
            recv(self.orders) -> order => {
                if let Ok(Order { wish, answer }) = order {
                    let _ = answer.send(self.grant(wish));
                }
            }
            default(pause.min(TICK)) => {
                if self.next_ms.is_some_and(|next_ms| next_ms <= now_ms()) {
                    self.hear(News::Tick);
                }
            }
        }
    }

    fn hear(&mut self, news: News) {
        match &news {
            News::Looked { folder, .. } => {
                self.looked.insert(folder.clone());
                if self.desk.away(folder).is_some() {
                    self.say(None, format!("{folder} is there again"));
                }
            }
            News::Away { folder, reason } => self.say(None, format!("{folder} is away: {reason}")),
            News::Ended { ticket, .. } => drop(self.lanes.remove(ticket)),
            News::Held(Some(reason)) => self.say(None, format!("nothing starts: {reason}")),
            News::Held(None) => self.say(None, "there is space again".to_owned()),
            _ => {}
        }
        let actions = self.desk.hear(now_ms(), news);
        self.act(actions);
    }

    fn grant(&mut self, wish: Wish) -> Result<JobId, String> {
        self.check_input(&wish)?;
        let said = format!("asked for: {wish}");
        let (id, actions) = self.desk.grant(now_ms(), wish)?;
        self.say(Some(id.clone()), said);
        self.act(actions);
        Ok(id)
    }

    /// What can't be read can't be done again.
    fn check_input(&self, wish: &Wish) -> Result<(), String> {
        let (Wish::Retry(id) | Wish::Version { of: id, .. }) = wish else { return Ok(()) };
        let Some(job) = self.desk.job(id) else { return Ok(()) };
        let is_there = job.state == State::Quarantined || opening::stamp(&job.input.0).is_some();
        is_there.then_some(()).ok_or_else(|| format!("{} is not there any more", job.input.0.display()))
    }

    /// What `cuesmith jobs` left for a running watch.
    fn grant_left_wishes(&mut self) {
        for wish in wishes::take(&self.store.wishes()) {
            if let Err(refusal) = self.grant(wish) {
                tracing::warn!("a wish can't be granted: {refusal}");
            }
        }
    }

    fn look_at_space(&mut self) {
        if self.spaced.is_some_and(|spaced| spaced.elapsed() < SPACE_LOOK) {
            return;
        }
        self.spaced = Some(Instant::now());
        let store = self.store.jobs_folder();
        let places = self.folders.values().map(|folder| folder.out.path.as_path()).chain([store.as_path()]);
        let held = space::shortage(places, self.settings.keep_free_bytes);
        if held.is_some() != self.desk.held().is_some() {
            self.hear(News::Held(held));
        }
    }

    fn act(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Save(id) => self.save(&id),
                Action::Open(id) => self.open(id),
                Action::Start { ticket, id } => self.start(ticket, &id),
                Action::Kill(ticket) => self.lanes.get(&ticket).into_iter().for_each(kill),
                Action::Finish(ticket) => self.lanes.get(&ticket).into_iter().for_each(Interrupt::press),
                Action::Quarantine(id) => self.shift(&id, quarantine::put_away),
                Action::Release(id) => self.shift(&id, |_, job| quarantine::bring_back(job)),
                Action::Look => self.eyes.values().for_each(|eye| drop(eye.send(Ask::Look))),
                Action::Tell(id) => self.tell(&id),
            }
        }
        self.next_ms = self.desk.next_ms(now_ms());
        self.publish();
    }

    fn save(&mut self, id: &JobId) {
        let Some(job) = self.desk.job(id) else { return };
        let bytes = serde_json::to_vec(job).expect("jobs are plain data");
        match self.store.keep_job(&id.to_string(), &bytes) {
            Ok(()) => drop(self.unsaved.remove(id)),
            Err(error) => {
                if self.unsaved.insert(id.clone()) {
                    tracing::warn!("{error}; it is written as soon as that is possible");
                }
            }
        }
    }

    fn save_again(&mut self) {
        for id in self.unsaved.clone() {
            self.save(&id);
        }
    }

    fn open(&mut self, id: JobId) {
        let job = self.desk.job(&id);
        let asked = job.and_then(|job| Some((self.eyes.get(&job.folder)?, job.input.0.clone())));
        match asked {
            Some((eye, path)) => drop(eye.send(Ask::Open(id, path))),
            // A folder that is not watched any more.
            None => drop(self.news_in.send(News::Unopened(id))),
        }
    }

    fn start(&mut self, ticket: Ticket, id: &JobId) {
        self.choose_place(id);
        self.save(id);
        let Some(job) = self.desk.job(id).cloned() else { return };
        let Some(folder) = self.folders.get(&job.folder).cloned() else {
            let message = format!("folder {} is not watched any more", job.folder);
            let end = End::Failed(Reason { class: FailureClass::Usage, message });
            return drop(self.news_in.send(News::Ended { ticket, stamp: Some(job.stamp), recipe: None, end }));
        };
        let interrupt = Interrupt::default();
        self.lanes.insert(ticket, interrupt.clone());
        let options = Options { jobs: self.settings.stages_at_once, interrupt, ..Options::new(self.settings.device) };
        let progress = Progress::new(id.clone(), self.board.clone(), self.pace.clone());
        let mut lane = Lane { store: Arc::clone(&self.store), folder, job, options, progress };
        let (news, log) = (self.news_in.clone(), self.logs.of_job(id));
        let name = format!("lane {}", ticket.0);
        let spawned = thread::Builder::new().name(name).spawn(move || {
            let input = lane.job.input.0.clone();
            let (id, file) = (lane.job.id.clone(), lane.job.name());
            let run = || {
                tracing::dispatcher::with_default(&log, || {
                    tracing::info_span!("job", %id, file).in_scope(|| lane.run())
                })
            };
            let run = AssertUnwindSafe(run);
            let (recipe, end) = panic::catch_unwind(run).unwrap_or_else(|_| (None, End::Failed(panicked())));
            let end = match (end, lane.folder.path.check()) {
                // What was not there to be read is not gone for that.
                (End::Failed(_), Err(reason)) => End::Away(reason),
                (end, _) => end,
            };
            drop(lane);
            let _ = news.send(News::Ended { ticket, stamp: opening::stamp(&input), recipe, end });
        });
        if let Err(error) = spawned {
            let reason = Reason { class: FailureClass::Temporary, message: format!("starting a thread: {error}") };
            let stamp = self.desk.job(id).map(|job| job.stamp);
            let _ = self.news_in.send(News::Ended { ticket, stamp, recipe: None, end: End::Failed(reason) });
        }
    }

    /// The same place as before, else one that no other job and nobody else has.
    fn choose_place(&mut self, id: &JobId) {
        let Some(job) = self.desk.job(id).filter(|job| job.place.is_none()) else { return };
        let Some(folder) = self.folders.get(&job.folder) else { return };
        let places = |other: &&Job| other.id != job.id && self.out_of(other) == Some(folder.out.path.as_path());
        let taken: BTreeSet<&Path> =
            self.desk.jobs().filter(places).filter_map(|job| Some(job.place.as_ref()?.0.as_path())).collect();
        let is_taken =
            |place: &Path| taken.contains(place) || folder::is_anothers(&folder.out.path.join(place), &job.input.0);
        let place = folder.place(job, is_taken);
        self.desk.set_place(id, &place);
    }

    fn out_of(&self, job: &Job) -> Option<&Path> {
        self.folders.get(&job.folder).map(|folder| folder.out.path.as_path())
    }

    /// A file may lie on a slow disk: moving it does not hold up the office.
    fn shift(&mut self, id: &JobId, shift: impl Fn(&Folder, &Job) -> Result<PathBuf, String> + Send + 'static) {
        let job = self.desk.job(id).cloned();
        let folder = job.as_ref().and_then(|job| self.folders.get(&job.folder).cloned());
        let (Some(job), Some(folder)) = (job, folder) else { return };
        let (news, id) = (self.news_in.clone(), id.clone());
        thread::spawn(move || {
            let to = shift(&folder, &job);
            let _ = news.send(News::Moved { id, to });
        });
    }

    fn tell(&mut self, id: &JobId) {
        let Some(job) = self.desk.job(id) else { return };
        self.hooks.tell(job);
        if job.state != State::Done {
            self.failed = self.failed.or(job.reason.as_ref().map(|reason| reason.class));
        }
        let text = job.ending();
        let job = job.clone();
        self.board.change(|view| {
            let totals = &mut view.totals;
            match job.state {
                State::Done => totals.done += 1,
                State::Quarantined => totals.quarantined += 1,
                _ => totals.failed += 1,
            }
            if let Some(result) = job.result.filter(|_| job.state == State::Done) {
                totals.stages_hit += result.hits as u64;
                totals.stages_made += result.made as u64;
                totals.seconds += result.seconds;
            }
        });
        self.say(Some(id.clone()), text);
    }

    fn say(&self, job: Option<JobId>, text: String) {
        tracing::info!("{text}");
        self.board.change(|view| view.tell(NewsLine { ms: now_ms(), job, text }));
    }

    /// Puts on the board what changed.
    fn publish(&mut self) {
        let touched = self.desk.take_touched();
        let desk = &self.desk;
        self.board.change(|view| {
            for id in touched {
                match desk.job(&id) {
                    Some(job) => {
                        let before = view.jobs.insert(id, Arc::new(job.clone()));
                        let was_open = before.as_ref().is_some_and(|before| before.state.is_open());
                        let was_tried = before.is_some_and(|before| before.attempts < job.attempts);
                        view.totals.retried += u64::from(was_tried && job.state == State::Waiting);
                        view.totals.cancelled += u64::from(was_open && job.state == State::Gone);
                    }
                    None => drop(view.jobs.remove(&id)),
                }
            }
            view.held = desk.held().map(str::to_owned);
            for folder in &mut view.folders {
                folder.away = desk.away(&folder.name).map(str::to_owned);
            }
        });
    }
}

fn panicked() -> Reason {
    Reason { class: FailureClass::Internal, message: "the lane fell over; its log has more".to_owned() }
}

fn kill(interrupt: &Interrupt) {
    interrupt.press();
    interrupt.press();
}

fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
