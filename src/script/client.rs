//! Who asks: starts the child, waits no longer than its deadline, tells its death by the line it died at.

use std::{
    fs::File,
    io::{self, Read, Write},
    os::unix::{fs::FileExt, process::ExitStatusExt},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{
    ScriptError, ScriptLimits,
    ask::{Answer, Ask, Letter, Reply},
};
use crate::child::{self, LastWords};

const PAUSE: Duration = Duration::from_millis(1);
/// For a child to start and to say that time is up.
const GRACE: Duration = Duration::from_millis(300);
/// For learning the line at which a child died: the second child does the same again and stops there.
const FOR_THE_LINE: Duration = Duration::from_secs(1);
/// A second child stops where the first one died; where it dies of what it holds, too, one stops earlier on the way.
const SHARES_OF_THE_WAY: [u64; 2] = [1, 8];
/// A first child that took longer is not followed to its end.
const FOR_THE_WHOLE_WAY: Duration = Duration::from_secs(1);
/// No answer is larger: a score of an hour has some ten megabytes.
const LARGEST_ANSWER: u64 = 256 << 20;

/// Asks a child of its own. Errors are the script's; `error.spot` says where as far as that is known.
pub(crate) fn ask(ask: Ask) -> Result<Answer, ScriptError> {
    let trace = tempfile::NamedTempFile::new().map_err(|error| failed(&error))?;
    let begun = Instant::now();
    let limits = ask.limits();
    let patience = Duration::from_secs(u64::from(limits.deadline_seconds)) + GRACE;
    let mut letter = Letter { ask, trace: Some(trace.path().to_owned()), stop_at: None };
    let loss = match deliver(&letter, patience).map_err(|error| failed(&error))? {
        Ok(reply) => return reply,
        Err(loss) => loss,
    };
    let (name, hook) = letter.ask.what();
    let mut error = loss.error(&limits, name);
    if let Some(hook) = hook {
        error = error.in_hook(hook);
    }
    let Some(reached) = operations(trace.as_file()) else { return Err(error) };
    letter.trace = None;
    let shares = if begun.elapsed() < FOR_THE_WHOLE_WAY { &SHARES_OF_THE_WAY[..] } else { &SHARES_OF_THE_WAY[1..] };
    for share in shares {
        letter.stop_at = Some(reached / share);
        if let Ok(Ok(Err(told))) = deliver(&letter, begun.elapsed().min(FOR_THE_LINE) + GRACE) {
            (error.spot, error.bar) = (told.spot, told.bar);
            break;
        }
    }
    Err(error)
}

/// How a child ended that gave no answer.
enum Loss {
    /// By itself; its last words.
    Died(ExitStatus, String),
    Late,
}

impl Loss {
    fn error(&self, limits: &ScriptLimits, script: &str) -> ScriptError {
        let Self::Died(status, words) = self else {
            let seconds = limits.deadline_seconds;
            return ScriptError::new(format!("{script} did not end within {seconds} s and was stopped"))
                .help("let it do less, or raise `scripts.deadline_seconds`");
        };
        let (cause, help) = match status.signal().and_then(signal_hook::low_level::signal_name) {
            Some("SIGABRT") if words.contains("overflowed its stack") => {
                ("ran out of stack: values or functions are nested too deeply".to_owned(), "keep values flat")
            }
            Some("SIGABRT") => (
                format!("needed more than {} MiB and died of SIGABRT", limits.memory_mib),
                "let it keep less, or raise `scripts.memory_mib`",
            ),
            Some(signal @ ("SIGSEGV" | "SIGBUS")) => {
                (format!("died of {signal}: values or functions are nested too deeply"), "keep values flat")
            }
            _ => (format!("died ({status})"), "see `cuesmith doctor`"),
        };
        ScriptError::new(format!("the process of {script} {cause}")).help(help)
    }
}

fn deliver(letter: &Letter, patience: Duration) -> io::Result<Result<Reply, Loss>> {
    let text = serde_json::to_vec(letter)?;
    let mut command = Command::new(child::program("cuesmith")?);
    command.arg("script-host").arg(std::process::id().to_string());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).env_clear();
    let mut child = Held(command.spawn()?);
    let missing = || io::Error::other("a pipe is missing");
    let mut questions = child.0.stdin.take().ok_or_else(missing)?;
    let (answers, errors) = (child.0.stdout.take().ok_or_else(missing)?, child.0.stderr.take().ok_or_else(missing)?);
    // A child that dies while it is written to is told by its end.
    let writing = thread::spawn(move || _ = questions.write_all(&text));
    let reading = thread::spawn(move || {
        let mut text = Vec::new();
        answers.take(LARGEST_ANSWER).read_to_end(&mut text).map(|_| text)
    });
    let words = LastWords::default();
    let heard = words.clone();
    let listening = thread::spawn(move || heard.listen(errors));
    let since = Instant::now();
    while !reading.is_finished() {
        if since.elapsed() > patience {
            return Ok(Err(Loss::Late));
        }
        thread::sleep(PAUSE);
    }
    let _ = writing.join();
    let text = reading.join().map_err(|_| io::Error::other("reading an answer"))??;
    let status = child.0.wait()?;
    let _ = listening.join();
    let died = || Loss::Died(status, words.text().unwrap_or_default());
    Ok(serde_json::from_slice(&text).map_err(|_| died()))
}

/// Gone when nobody waits for it.
struct Held(Child);

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
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
