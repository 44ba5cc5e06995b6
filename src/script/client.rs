//! Who asks: starts the child, waits no longer than its deadline, tells its death by the line it died at.

use std::{
    env,
    fs::File,
    io::{self, Read, Write},
    os::unix::{fs::FileExt, process::ExitStatusExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{
    ScriptError,
    ask::{Answer, Ask, Letter, Reply},
};

const PAUSE: Duration = Duration::from_millis(1);
/// For a child to start and to say that time is up.
const GRACE: Duration = Duration::from_millis(300);
/// For learning the line at which a child died: the second child does the same again and stops there.
const FOR_THE_LINE: Duration = Duration::from_secs(1);
/// A second child stops where the first one died; where it dies of what it holds, too, one stops earlier on the way.
const SHARES_OF_THE_WAY: [u64; 2] = [1, 8];
/// A first child that took longer is not followed to its end.
const FOR_THE_WHOLE_WAY: Duration = Duration::from_secs(1);
/// Bytes of what a dying child says.
const MOST_WORDS: u64 = 4096;
/// No answer is larger: a score of an hour has some ten megabytes.
const LARGEST_ANSWER: u64 = 256 << 20;

/// Asks a child of its own. Errors are the script's; `error.spot` says where as far as that is known.
pub(crate) fn ask(ask: Ask) -> Result<Answer, ScriptError> {
    let trace = tempfile::NamedTempFile::new().map_err(|error| failed(&error))?;
    let begun = Instant::now();
    let limits = ask.limits();
    let patience = Duration::from_secs(u64::from(limits.deadline_seconds)) + GRACE;
    let mut letter = Letter { ask, trace: Some(trace.path().to_owned()), stop_at: None };
    let end = match deliver(&letter, patience).map_err(|error| failed(&error))? {
        End::Reply(reply) => return reply,
        end => end,
    };
    let (name, hook) = letter.ask.what();
    let mut error = end.error(limits.deadline_seconds, limits.memory_mib, name);
    if let Some(hook) = hook {
        error = error.in_hook(hook);
    }
    let reached = operations(trace.as_file());
    letter.trace = None;
    let shares = if begun.elapsed() < FOR_THE_WHOLE_WAY { &SHARES_OF_THE_WAY[..] } else { &SHARES_OF_THE_WAY[1..] };
    for share in shares {
        letter.stop_at = reached.map(|reached| reached / share);
        if letter.stop_at.is_none() {
            break;
        }
        if let Ok(End::Reply(Err(told))) = deliver(&letter, begun.elapsed().min(FOR_THE_LINE) + GRACE) {
            error.spot = told.spot;
            error.bar = told.bar;
            break;
        }
    }
    Err(error)
}

enum End {
    Reply(Reply),
    /// It ended without an answer; its last words.
    Died(ExitStatus, String),
    Late,
}

impl End {
    fn error(&self, seconds: u32, memory_mib: u32, script: &str) -> ScriptError {
        match self {
            Self::Late => ScriptError::new(format!("{script} did not end within {seconds} s and was stopped"))
                .help("let it do less, or raise `scripts.deadline_seconds`"),
            Self::Died(status, words) => {
                let signal = status.signal().and_then(signal_hook::low_level::signal_name);
                let (cause, help) = match signal {
                    Some("SIGABRT") if words.contains("overflowed its stack") => (
                        format!("the process of {script} ran out of stack: values or functions are nested too deeply"),
                        "keep values flat",
                    ),
                    Some("SIGABRT") => (
                        format!("the process of {script} needed more than {memory_mib} MiB and died of SIGABRT"),
                        "let it keep less, or raise `scripts.memory_mib`",
                    ),
                    Some(signal @ ("SIGSEGV" | "SIGBUS")) => (
                        format!("the process of {script} died of {signal}: values or functions are nested too deeply"),
                        "keep values flat",
                    ),
                    _ => (format!("the process of {script} died ({status})"), "see `cuesmith doctor`"),
                };
                ScriptError::new(cause).help(help)
            }
            Self::Reply(_) => ScriptError::new("there was an answer"),
        }
    }
}

fn deliver(letter: &Letter, patience: Duration) -> io::Result<End> {
    let text = serde_json::to_vec(letter)?;
    let mut command = Command::new(program()?);
    command.arg("script-host").arg(std::process::id().to_string());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).env_clear();
    let mut child = Held(command.spawn()?);
    let missing = || io::Error::other("a pipe is missing");
    let (mut questions, answers) =
        (child.0.stdin.take().ok_or_else(missing)?, child.0.stdout.take().ok_or_else(missing)?);
    // A child that dies while it is written to is told by its end.
    let writing = thread::spawn(move || _ = questions.write_all(&text));
    let reading = thread::spawn(move || {
        let mut text = Vec::new();
        answers.take(LARGEST_ANSWER).read_to_end(&mut text).map(|_| text)
    });
    let words = child.0.stderr.take().ok_or_else(missing)?;
    let listening = thread::spawn(move || {
        let mut text = Vec::new();
        let _ = words.take(MOST_WORDS).read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    });
    let since = Instant::now();
    while !reading.is_finished() {
        if since.elapsed() > patience {
            return Ok(End::Late);
        }
        thread::sleep(PAUSE);
    }
    let _ = writing.join();
    let text = reading.join().map_err(|_| io::Error::other("reading an answer"))??;
    let status = child.0.wait()?;
    let words = listening.join().unwrap_or_default();
    Ok(serde_json::from_slice(&text).map_or(End::Died(status, words), End::Reply))
}

/// Gone when nobody waits for it.
struct Held(Child);

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The front program: this one, or the one beside the worker.
fn program() -> io::Result<PathBuf> {
    let own = env::current_exe()?;
    let beside = own.with_file_name("cuesmith");
    match own.parent().and_then(Path::parent) {
        Some(above) if cfg!(test) && !beside.exists() => Ok(above.join("cuesmith")),
        _ => Ok(beside),
    }
}

/// How far a child came.
fn operations(trace: &File) -> Option<u64> {
    let mut count = [0; 8];
    trace.read_exact_at(&mut count, 0).ok()?;
    Some(u64::from_le_bytes(count))
}

fn failed(error: &io::Error) -> ScriptError {
    ScriptError::new(format!("the process for scripts can't be used: {error}")).help("see `cuesmith doctor`")
}
