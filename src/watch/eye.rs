//! The eye on one folder: a thread that hears of changes or looks again and again, and tells the office what it sees.
//!
//! Events are hints: what counts is what a look at the file says. All of a folder is looked at once in a while even
//! where events come, because they get lost.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{CreateKind, ModifyKind, RemoveKind, RenameMode},
};

use super::{Folder, JobId, Mode, Stamp, desk::News, opening};
use crate::store::Store;

/// Between two looks at everything where events come.
const SAFETY_LOOK: Duration = Duration::from_secs(300);
/// How often it is asked whether the folder is still there. One call to the kernel.
const ROOT_LOOK: Duration = Duration::from_secs(2);
/// Events of a moment are answered with one look.
const GATHER: Duration = Duration::from_millis(200);
/// A burst of more events than this is answered by a look at everything.
const BURST: usize = 500;

/// What is asked of an eye.
#[derive(Debug)]
pub(crate) enum Ask {
    /// Look at all of it.
    Look,
    /// Something may have happened to this path.
    Hint(PathBuf),
    Open(JobId, PathBuf),
}

pub(crate) struct Eye {
    folder: Arc<Folder>,
    store: Arc<Store>,
    news: Sender<News>,
    /// To itself, from the kernel's events.
    asks: Sender<Ask>,
    asked: Receiver<Ask>,
    watcher: Option<RecommendedWatcher>,
    mode: Mode,
    is_away: bool,
    looked: Option<Instant>,
    /// What was told last: what is the same is not told again.
    told: Option<BTreeMap<PathBuf, Stamp>>,
    checked: Option<Instant>,
    tell_mode: Box<dyn Fn(&Mode) + Send>,
}

impl Eye {
    /// Starts the thread. It ends with the sender of `news`: when the office is gone. `tell_mode` hears how it looks.
    pub(crate) fn open(
        folder: Arc<Folder>,
        store: Arc<Store>,
        news: Sender<News>,
        tell_mode: Box<dyn Fn(&Mode) + Send>,
    ) -> std::io::Result<Sender<Ask>> {
        let (asks, asked) = unbounded();
        let mode = Mode::of(&folder.path.path, folder.poll_seconds);
        let eye = Self {
            folder,
            store,
            news,
            asks: asks.clone(),
            asked,
            watcher: None,
            mode,
            is_away: false,
            looked: None,
            told: None,
            checked: None,
            tell_mode,
        };
        thread::Builder::new().name("eye".to_owned()).spawn(move || eye.watch())?;
        Ok(asks)
    }

    fn watch(mut self) {
        if self.mode != Mode::Events {
            (self.tell_mode)(&self.mode);
        }
        loop {
            if is_due(self.checked, ROOT_LOOK) && !self.check() {
                return;
            }
            if !self.is_away && is_due(self.looked, self.period()) && !self.look() {
                return;
            }
            match self.asked.recv_timeout(self.pause()) {
                Ok(ask) => {
                    if !self.answer(ask) {
                        return;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn period(&self) -> Duration {
        match &self.mode {
            Mode::Events => SAFETY_LOOK,
            Mode::Polling { seconds, .. } => Duration::from_secs_f64(*seconds),
        }
    }

    fn pause(&self) -> Duration {
        let left = |since: Option<Instant>, period: Duration| {
            since.map_or(Duration::ZERO, |since| period.saturating_sub(since.elapsed()))
        };
        let look = if self.is_away { ROOT_LOOK } else { left(self.looked, self.period()) };
        left(self.checked, ROOT_LOOK).min(look)
    }

    /// Whether the folder is there. Gives whether the office still listens.
    fn check(&mut self) -> bool {
        self.checked = Some(Instant::now());
        match self.folder.path.check() {
            Ok(()) => {
                if std::mem::take(&mut self.is_away) || (self.watcher.is_none() && self.mode == Mode::Events) {
                    self.listen();
                    self.looked = None;
                }
                true
            }
            Err(reason) if !self.is_away => {
                (self.is_away, self.watcher, self.told) = (true, None, None);
                self.tell(News::Away { folder: self.folder.name.clone(), reason })
            }
            Err(_) => true,
        }
    }

    /// Asks the kernel for events, or falls back to polling and says why.
    fn listen(&mut self) {
        self.mode = Mode::of(&self.folder.path.path, self.folder.poll_seconds);
        self.watcher = None;
        if self.mode == Mode::Events {
            match self.watcher() {
                Ok(watcher) => self.watcher = Some(watcher),
                Err(error) => self.mode = Mode::polling(format!("no events ({error})")),
            }
        }
        (self.tell_mode)(&self.mode);
    }

    fn watcher(&self) -> notify::Result<RecommendedWatcher> {
        let asks = self.asks.clone();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            for ask in event.map_or_else(|_| vec![Ask::Look], hints) {
                let _ = asks.send(ask);
            }
        })?;
        let depth = if self.folder.is_recursive { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
        watcher.watch(&self.folder.path.path, depth)?;
        Ok(watcher)
    }

    fn look(&mut self) -> bool {
        self.looked = Some(Instant::now());
        let found = self.folder.scan();
        // The folder may have gone while it was read: then nothing of what was not found is gone.
        match self.folder.path.check() {
            Ok(()) if self.told.as_ref() == Some(&found) => true,
            Ok(()) => {
                self.told = Some(found.clone());
                self.tell(News::Looked { folder: self.folder.name.clone(), found })
            }
            Err(_) => self.check(),
        }
    }

    fn answer(&mut self, ask: Ask) -> bool {
        match ask {
            Ask::Look => {
                self.told = None;
                self.is_away || self.look()
            }
            Ask::Open(id, path) => self.open_file(id, path),
            Ask::Hint(path) => self.follow(path),
        }
    }

    fn open_file(&mut self, id: JobId, path: PathBuf) -> bool {
        match opening::open(&self.store, &path) {
            Some((stamp, opened)) => self.tell(News::Opened { id, stamp, opened }),
            None => self.see(path) && self.tell(News::Unopened(id)),
        }
    }

    /// Gathers what else happened in this moment, then looks at each path once.
    fn follow(&mut self, first: PathBuf) -> bool {
        let (until, mut paths, mut others) = (Instant::now() + GATHER, vec![first], Vec::new());
        while let Ok(ask) = self.asked.recv_deadline(until) {
            match ask {
                Ask::Hint(path) => paths.push(path),
                other => others.push(other),
            }
        }
        paths.sort_unstable();
        paths.dedup();
        let is_new_folder = |path: &PathBuf| path.is_dir() && self.folder.filter.enters(path);
        let is_everything = paths.len() > BURST || paths.iter().any(is_new_folder);
        let goes_on =
            if is_everything { self.is_away || self.look() } else { paths.into_iter().all(|path| self.see(path)) };
        goes_on && others.into_iter().all(|ask| self.answer(ask))
    }

    fn see(&mut self, input: PathBuf) -> bool {
        if !self.folder.filter.takes_name(&self.folder.path.path, &input) {
            return true;
        }
        let stamp = self.folder.stamp(&input);
        self.told = None;
        if stamp.is_none() && (self.is_away || self.folder.path.check().is_err()) {
            return self.check();
        }
        self.tell(News::Saw { folder: self.folder.name.clone(), input, stamp })
    }

    fn tell(&self, news: News) -> bool {
        self.news.send(news).is_ok()
    }
}

fn is_due(since: Option<Instant>, period: Duration) -> bool {
    since.is_none_or(|since| since.elapsed() >= period)
}

/// Paths that something happened to. Being read is nothing.
fn hints(event: Event) -> Vec<Ask> {
    if event.need_rescan() {
        return vec![Ask::Look];
    }
    match event.kind {
        EventKind::Access(_) => Vec::new(),
        // What lay in a folder that went or came with all that is in it.
        EventKind::Remove(RemoveKind::Folder) | EventKind::Create(CreateKind::Folder) => vec![Ask::Look],
        EventKind::Modify(ModifyKind::Name(RenameMode::From))
            if event.paths.iter().all(|path| path.extension().is_none()) =>
        {
            vec![Ask::Look]
        }
        _ => event.paths.into_iter().map(Ask::Hint).collect(),
    }
}
