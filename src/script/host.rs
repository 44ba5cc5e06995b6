//! The child: reads one question, answers it, ends. It holds neither files nor network nor clock for scripts.

use std::{
    fs::File,
    io::{self, Read, Write},
    panic::{self, AssertUnwindSafe},
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Resource, Rlimit, setrlimit};

use super::{
    Bundle, HookCall, ScriptError,
    ask::{Answer, Ask, Letter, Reply},
    engine, graph,
    guard::{self, Trace},
    modules::Modules,
    music, survey, working,
};
use crate::{child, error::Exit, report::terminal};

/// How long before an error a variable may have been read that tells its line.
const OPERATIONS_BEFORE: [u64; 3] = [4, 16, 100];
const TIME_FOR_THE_LINE: Duration = Duration::from_secs(1);
/// Deep values are dropped by recursion; this is enough for what fits into the memory that scripts have.
const STACK_BYTES: usize = 256 << 20;

/// The whole life of a child whose parent is `parent`.
pub(crate) fn main(parent: i32) -> ExitCode {
    match live(parent) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::note(format_args!("script host: {error}"));
            ExitCode::from(Exit::Internal as u8)
        }
    }
}

fn live(parent: i32) -> io::Result<()> {
    child::die_with(parent)?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    let mut text = Vec::new();
    io::stdin().lock().read_to_end(&mut text)?;
    let letter: Letter = serde_json::from_slice(&text)?;
    drop(text);
    let bytes = Some(u64::from(letter.ask.limits().memory_mib) << 20);
    setrlimit(Resource::As, Rlimit { current: bytes, maximum: bytes })?;
    panic::set_hook(Box::new(|_| {}));
    let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn(move || answer(letter))?;
    let reply: Reply = thread.join().unwrap_or_else(|_| Err(ScriptError::new("the script's host gave up")));
    let mut stdout = io::stdout().lock();
    serde_json::to_writer(&mut stdout, &reply)?;
    stdout.flush()
}

fn answer(letter: Letter) -> Reply {
    let hook = letter.ask.what().1;
    guarded(hook, || dispatch(letter))
}

/// A panic in a function of ours is no reason to die without a word.
fn guarded(hook: Option<&'static str>, work: impl FnOnce() -> Reply) -> Reply {
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let error = ScriptError::new(format!("a function of cuesmith failed: {}", words.unwrap_or_default()));
        Err(hook.map_or(error.clone(), |hook| error.in_hook(hook)))
    })
}

fn dispatch(letter: Letter) -> Reply {
    let trace = Trace {
        file: letter.trace.as_deref().and_then(|path| File::options().write(true).open(path).ok()),
        stop_at: letter.stop_at,
    };
    match letter.ask {
        Ask::Survey(script) => Ok(Answer::Survey(Box::new(survey::survey(&script)?))),
        Ask::Graph { script, clip } => {
            let bundle = survey::of_graph(&script)?;
            let run = |trace| graph::run(&bundle, clip.clone(), trace);
            let (draft, printed) =
                with_line(run, trace).map_err(|error| error.quote(|source| bundle.source(source)))?;
            Ok(Answer::Graph { draft, bundle, printed })
        }
        Ask::Hook { bundle, call } => {
            let name = call.name();
            let told = with_line(|trace| hook(&bundle, (*call).clone(), trace), trace);
            told.map_err(|error| error.quote(|source| bundle.source(source)).in_hook(name))
        }
    }
}

/// Rhai forgets the line of some errors on their way out of functions (a value that is too large, too many operations):
/// the same again, stopped shortly before, tells it.
fn with_line<T>(run: impl Fn(Trace) -> Result<T, ScriptError>, trace: Trace) -> Result<T, ScriptError> {
    let begun = Instant::now();
    let mut told = match run(trace) {
        Err(error) if error.spot.is_none() => error,
        told => return told,
    };
    let (reached, took) = (guard::operations(), begun.elapsed());
    for before in OPERATIONS_BEFORE {
        if told.spot.is_some() || took > TIME_FOR_THE_LINE {
            break;
        }
        let stop_at = Some(reached.saturating_sub(before));
        told.spot = run(Trace { file: None, stop_at }).err().and_then(|error| error.spot);
    }
    Err(told)
}

/// Runs a hook in this process.
pub(super) fn hook(bundle: &Bundle, call: HookCall, trace: Trace) -> Reply {
    let (engine, printed) = engine::engine(&bundle.limits, Modules::new(&bundle.modules), trace);
    let tree = survey::compile(&engine, &bundle.text, &bundle.name)?;
    working::on_no_bar();
    let reply = music::call(&engine, &tree, &bundle.name, call)?;
    Ok(Answer::Hook { reply: Box::new(reply), printed: printed.take() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_of_its_hook() {
        let told = guarded(Some("arrange"), || panic!("there are {} strings", 7)).err().unwrap();
        assert_eq!(told.to_string(), "in hook arrange: a function of cuesmith failed: there are 7 strings");
    }
}
