//! Looks at time and memory every few operations of a script, where the line is still known.

use std::{
    cell::{Cell, RefCell},
    fs::File,
    os::unix::fs::FileExt,
    rc::Rc,
    time::{Duration, Instant},
};

use rhai::{Dynamic, Engine};
use rustix::param::page_size;

use super::ScriptLimits;

/// Operations between two looks: a look takes a microsecond, and in between a script can take no more than so many
/// of the largest values.
const BETWEEN_LOOKS: u64 = 128;
/// Operations that a script may go on for until it reads a variable.
const FOR_A_VARIABLE: u64 = 1000;
/// Of the address space, as resident memory: what a single operation may take on top of it stays below the wall, and
/// values that are nested as deeply as fits into it are dropped without using up the stack.
const SHARE_OF_MEMORY: f64 = 0.25;
/// Of the deadline: so that the child says the line before it is killed.
const SHARE_OF_DEADLINE: f64 = 0.9;

thread_local! {
    static OPERATIONS: Cell<u64> = const { Cell::new(0) };
}

/// How far the last script on this thread came.
pub(super) fn operations() -> u64 {
    OPERATIONS.get()
}

/// What a run leaves behind for when it dies without a word.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// Gets the operations at each look, 8 bytes, little end first.
    pub(super) file: Option<File>,
    /// Stop at so many operations, to learn the line of a run that died there.
    pub(super) stop_at: Option<u64>,
}

pub(super) struct Guard {
    begun: Instant,
    deadline: Duration,
    seconds: u32,
    most_operations: u64,
    memory_bytes: u64,
    /// `/proc/self/statm`; none where there is no such file, then the address space alone holds.
    memory: Option<File>,
    trace: Trace,
}

impl Guard {
    pub(super) fn new(limits: &ScriptLimits, trace: Trace) -> Self {
        Self {
            begun: Instant::now(),
            deadline: Duration::from_secs_f64(f64::from(limits.deadline_seconds) * SHARE_OF_DEADLINE),
            seconds: limits.deadline_seconds,
            most_operations: limits.operations,
            memory_bytes: ((u64::from(limits.memory_mib) << 20) as f64 * SHARE_OF_MEMORY) as u64,
            memory: File::open("/proc/self/statm").ok(),
            trace,
        }
    }

    /// Ends scripts that take too much. Rhai forgets in which line of a function it stopped a script, but not where a
    /// variable could not be had: so the next variable that is read is the one that ends it, and the engine's own stop
    /// comes only where none is read, or where the script catches the error.
    #[expect(
        deprecated,
        reason = "Rhai's word for volatile; the version is fixed by Cargo.lock and a test looks at lines"
    )]
    pub(super) fn watch(self, engine: &mut Engine) {
        let verdict: Rc<RefCell<Option<(u64, String)>>> = Rc::default();
        let told = Rc::clone(&verdict);
        engine.on_progress(move |operations| {
            OPERATIONS.set(operations);
            let mut verdict = verdict.borrow_mut();
            match &*verdict {
                Some((since, message)) if operations > since + FOR_A_VARIABLE => Some(Dynamic::from(message.clone())),
                None if self.trace.stop_at.is_some_and(|end| operations >= end) => {
                    *verdict = Some((operations, "stopped where it died before".to_owned()));
                    None
                }
                None if operations.is_multiple_of(BETWEEN_LOOKS) => {
                    *verdict = self.look(operations).map(|message| (operations, message));
                    None
                }
                _ => None,
            }
        });
        engine.on_var(move |_, _, _| match &*told.borrow() {
            Some((_, message)) => Err(message.clone().into()),
            None => Ok(None),
        });
    }

    fn look(&self, operations: u64) -> Option<String> {
        if let Some(file) = &self.trace.file {
            // A trace that can't be written costs the line of an error, no more.
            let _ = file.write_at(&operations.to_le_bytes(), 0);
        }
        if operations >= self.most_operations {
            return Some(
                "the script takes too many operations; let it do less, or raise `scripts.operations`".to_owned(),
            );
        }
        self.complaint()
    }

    fn complaint(&self) -> Option<String> {
        if self.begun.elapsed() > self.deadline {
            let seconds = self.seconds;
            return Some(format!(
                "the script takes longer than {seconds} s; let it do less, or raise `scripts.deadline_seconds`"
            ));
        }
        let resident = self.resident_bytes()?;
        (resident > self.memory_bytes).then(|| {
            let (taken, allowed) = (resident >> 20, self.memory_bytes >> 20);
            format!(
                "the script holds {taken} MiB, {allowed} are allowed; let it keep less, or raise `scripts.memory_mib`"
            )
        })
    }

    fn resident_bytes(&self) -> Option<u64> {
        let mut text = [0; 64];
        let read = self.memory.as_ref()?.read_at(&mut text, 0).ok()?;
        let pages: u64 = std::str::from_utf8(&text[..read]).ok()?.split(' ').nth(1)?.parse().ok()?;
        Some(pages * page_size() as u64)
    }
}
