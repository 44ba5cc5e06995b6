//! The worker's main loop: one job after another from standard input, replies on standard output.
//!
//! Native libraries may print, panic or crash as they like: replies go to a copy of the first standard output, and
//! standard output itself leads to standard error from then on. A panic fails its job; the next job gets its turn.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead, Write},
    panic::{self, AssertUnwindSafe},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use rustix::process::{Resource, Rlimit, setrlimit};

use super::{StageContext, executor};
use crate::{
    artifact::BlobRef,
    child,
    error::{FailureClass, StageError},
    report::terminal,
    run::{
        Device, numeric,
        protocol::{Job, Reply},
    },
};

/// People see no more than ten changes a second, and pipes should stay empty.
const BETWEEN_PROGRESS: Duration = Duration::from_millis(100);

/// What the first panic of the running job said.
static PANIC_WORDS: Mutex<Option<String>> = Mutex::new(None);

/// Serves jobs until the input ends or nobody reads the replies.
pub(super) fn serve(device: Device, parent: Option<i32>) -> io::Result<()> {
    if let Some(parent) = parent {
        child::die_with(parent)?;
    }
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    die_of_faults();
    let mut replies = Replies::claim()?;
    panic::set_hook(Box::new(remember_panic));
    let numeric = start_libtorch(device)?;
    replies.send(&Reply::Ready { version: env!("CARGO_PKG_VERSION").to_owned(), numeric })?;
    for line in io::stdin().lock().lines() {
        let reply = answer(&line?, &mut replies);
        replies.send(&reply)?;
    }
    Ok(())
}

/// Rust's own handler takes a SIGSEGV that another process sent for none of its business and lets it pass once. The
/// front wants to see every one.
#[expect(unsafe_code, reason = "std has no call for it; the default action runs no code of ours")]
fn die_of_faults() {
    for fault in [libc::SIGSEGV, libc::SIGBUS] {
        unsafe { libc::signal(fault, libc::SIG_DFL) };
    }
}

/// Sets what the numeric mode promises and says what is true.
fn start_libtorch(device: Device) -> io::Result<numeric::Mode> {
    tch::set_num_threads(numeric::threads() as i32);
    if let Device::Cuda(number) = device {
        load_cuda()?;
        let found = tch::Cuda::device_count();
        if number as i64 >= found {
            let message =
                format!("{device} was asked for, but libtorch finds {found} CUDA devices; see `cuesmith doctor`");
            return Err(io::Error::other(message));
        }
    }
    Ok(numeric::mode_with(device, tch::get_num_threads() as usize))
}

/// Linkers drop the CUDA half of libtorch because nothing refers to it by name (tch-rs issues 907, 980).
#[expect(unsafe_code, reason = "loading a library runs its initialisers; this one is part of libtorch itself")]
fn load_cuda() -> io::Result<()> {
    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
    let loaded = unsafe { Library::open(Some("libtorch_cuda.so"), RTLD_NOW | RTLD_GLOBAL) };
    let library = loaded.map_err(|error| io::Error::other(format!("loading the CUDA half of libtorch: {error}")))?;
    // Never unloaded: libtorch keeps pointers into it.
    let _ = library.into_raw();
    Ok(())
}

fn remember_panic(info: &panic::PanicHookInfo<'_>) {
    let words = info.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    terminal::note(&words);
    if let Ok(mut first) = PANIC_WORDS.lock() {
        first.get_or_insert(words);
    }
}

fn answer(line: &str, replies: &mut Replies) -> Reply {
    let job: Job = match serde_json::from_str(line) {
        Ok(job) => job,
        Err(error) => return Reply::Failed { id: 0, error: StageError::internal(format!("this is no job: {error}")) },
    };
    let id = job.id;
    let mut last = Instant::now();
    let on_progress = |fraction: f32, note: &str| {
        if last.elapsed() >= BETWEEN_PROGRESS {
            last = Instant::now();
            // Who does not listen any more closes the input too.
            let _ = replies.send(&Reply::Progress { id, fraction, note: note.to_owned() });
        }
    };
    match execute(&job, Box::new(on_progress)) {
        Ok(outputs) => Reply::Done { id, outputs },
        Err(error) => Reply::Failed { id, error },
    }
}

fn execute(job: &Job, on_progress: super::OnProgress) -> Result<BTreeMap<String, Vec<BlobRef>>, StageError> {
    let unknown = || StageError::internal(format!("stage {}: this worker has no executor for {}", job.stage, job.node));
    let run = executor(&job.node).ok_or_else(unknown)?;
    let mut context = StageContext::new(job, on_progress);
    caught(&job.stage, || run(&mut context))?;
    Ok(context.into_outputs())
}

/// A panic as the failure of its stage, with the panic's words.
fn caught(stage: &str, run: impl FnOnce() -> Result<(), StageError>) -> Result<(), StageError> {
    take_panic_words();
    let ended = panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|payload| {
        let message = payload.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("panicked");
        let words = take_panic_words().unwrap_or_else(|| message.to_owned());
        Err(StageError::internal(format!("stage {stage}: {words}")))
    });
    ended.map_err(|error| {
        if is_short_of_memory(&error) { StageError { class: FailureClass::Temporary, ..error } } else { error }
    })
}

/// libtorch tells in words alone that it got no memory, of the GPU or of the machine: later there may be some.
fn is_short_of_memory(error: &StageError) -> bool {
    const WORDS: [&str; 4] =
        ["out of memory", "can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED"];
    error.class == FailureClass::Internal && WORDS.iter().any(|words| error.message.contains(words))
}

fn take_panic_words() -> Option<String> {
    PANIC_WORDS.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// The replies' own file: the standard output that the worker was started with.
struct Replies(File);

impl Replies {
    fn claim() -> io::Result<Self> {
        let own = rustix::io::fcntl_dupfd_cloexec(io::stdout(), 3)?;
        rustix::stdio::dup2_stdout(io::stderr())?;
        Ok(Self(File::from(own)))
    }

    /// One line in one write, so that a kill leaves no half of it.
    fn send(&mut self, reply: &Reply) -> io::Result<()> {
        let mut line = serde_json::to_vec(reply)?;
        line.push(b'\n');
        self.0.write_all(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lack_of_memory_is_worth_another_try() {
        let error = caught("chords", || panic!("CUDA out of memory. Tried to allocate 2.00 GiB")).unwrap_err();
        assert_eq!(error.class, FailureClass::Temporary);
        let error =
            caught("chords", || Err(StageError::internal("DefaultCPUAllocator: can't allocate memory"))).unwrap_err();
        assert_eq!(error.class, FailureClass::Temporary);
        let error = caught("chords", || Err(StageError::media("out of memory"))).unwrap_err();
        assert_eq!(error.class, FailureClass::Media);
    }

    #[test]
    fn a_panic_fails_its_stage_with_its_words() {
        let error = caught("chords", || panic!("bar {} is empty", 7)).unwrap_err();
        assert_eq!(error, StageError::internal("stage chords: bar 7 is empty"));
        assert_eq!(caught("chords", || Ok(())), Ok(()));
        let refusal = StageError::usage("too slow");
        assert_eq!(caught("chords", || Err(refusal.clone())), Err(refusal));
    }

    #[test]
    fn a_line_that_is_no_job_is_answered() {
        let mut replies = Replies(tempfile::tempfile().unwrap());
        let Reply::Failed { id: 0, error } = answer("{\"id\": 4}", &mut replies) else { panic!("not refused") };
        assert_eq!(error.class, FailureClass::Internal);
    }
}
