//! `cuesmith jobs`: how the jobs of watched folders stand, and wishes for the watch that runs or the next one.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::{
    status::when,
    trouble::{trouble, usage},
};
use crate::{
    error::Exit,
    report::terminal,
    store::Reader,
    watch::{Job, JobId, State, Wish, leave, log_path},
};

#[derive(Args)]
pub(super) struct JobsArgs {
    /// What to do with a job; without it, jobs are listed
    #[arg(value_name = "DO", requires = "job")]
    wish: Option<Do>,
    /// The job: its sixteen digits, or the first of them
    #[arg(value_name = "JOB")]
    job: Option<String>,
    /// Only jobs that stand so
    #[arg(long, value_name = "STATE", value_parser = state)]
    state: Option<State>,
    /// How many of the newest to show
    #[arg(long, default_value_t = 50, value_name = "N")]
    last: usize,
    /// Folder of cache, weights and ledger
    #[arg(long, default_value = "store", value_name = "DIR")]
    store: PathBuf,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Do {
    /// Do it again
    Retry,
    /// Bring the file back from quarantine and do it again
    Release,
    /// Stop it
    Cancel,
    /// Print its log
    Log,
}

pub(super) fn run(args: &JobsArgs) -> Exit {
    let reader = Reader::new(&args.store);
    let mut jobs = all(&reader);
    jobs.sort_by_key(|job| std::cmp::Reverse(job.ended_ms.or(job.started_ms).unwrap_or(job.seen_ms)));
    match (args.wish, &args.job) {
        (Some(wish), Some(name)) => match find(&jobs, name) {
            Ok(job) => grant(wish, job, &reader),
            Err(error) => usage(error),
        },
        _ => list(args, &jobs),
    }
}

fn list(args: &JobsArgs, jobs: &[Job]) -> Exit {
    let shown = jobs.iter().filter(|job| args.state.is_none_or(|state| job.state == state));
    for job in shown.take(args.last) {
        if args.json {
            terminal::line(json!(job));
        } else {
            terminal::line(line(job));
        }
    }
    if !args.json {
        terminal::line(counts(jobs).unwrap_or_else(|| "no jobs".to_owned()));
    }
    Exit::Done
}

pub(super) fn all(reader: &Reader) -> Vec<Job> {
    reader.jobs().iter().filter_map(|bytes| serde_json::from_slice(bytes).ok()).collect()
}

/// `2 waiting, 140 done`; none without any.
pub(super) fn counts(jobs: &[Job]) -> Option<String> {
    let count = |state: &State| jobs.iter().filter(|job| job.state == *state).count();
    let counts = State::ALL.iter().map(|state| (state.name(), count(state))).filter(|(_, count)| *count > 0);
    let counts: Vec<_> = counts.map(|(name, count)| format!("{count} {name}")).collect();
    (!counts.is_empty()).then(|| counts.join(", "))
}

fn line(job: &Job) -> String {
    let reason = job.reason.as_ref().map(|reason| format!(": {}", reason.message)).unwrap_or_default();
    let result = job.result.as_ref().filter(|_| job.state == State::Done);
    let result = result.map(|result| format!(" in {}", result.folder.0.display())).unwrap_or_default();
    let time = when(job.ended_ms.or(job.started_ms).unwrap_or(job.seen_ms));
    let version = if job.version > 1 { format!(" (version {})", job.version) } else { String::new() };
    let input = job.input.0.display();
    format!("{}  {time}  {:11} {input}{version}{result}{reason}", job.id, job.state.name())
}

fn find<'a>(jobs: &'a [Job], name: &str) -> Result<&'a Job, String> {
    let is_name = name.len() >= 4 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let found: Vec<_> = jobs.iter().filter(|job| is_name && job.id.to_string().starts_with(name)).collect();
    match found.as_slice() {
        [job] => Ok(job),
        [] => Err(format!("there is no job `{name}`; `cuesmith jobs` lists them, the digits come first")),
        several => Err(format!("{} jobs begin with {name}; write more of its digits", several.len())),
    }
}

fn grant(what: Do, job: &Job, reader: &Reader) -> Exit {
    let id: JobId = job.id.clone();
    let wish = match what {
        Do::Log => return print_log(job, reader),
        Do::Retry => Wish::Retry(id),
        Do::Release => Wish::Release(id),
        Do::Cancel => Wish::Cancel(id),
    };
    if what == Do::Release && job.state != State::Quarantined {
        return usage(format!("{} is {}, not in quarantine", job.name(), job.state.name()));
    }
    match leave(&reader.wishes(), &wish) {
        Ok(()) => {
            let then = match reader.holder() {
                Some(holder) => format!("{holder} is told"),
                None => "the next watch does it".to_owned(),
            };
            terminal::line(format_args!("asked for {wish}; {then}"));
            Exit::Done
        }
        Err(error) => trouble(Exit::Internal, format!("leaving a wish in {}: {error}", reader.wishes().display())),
    }
}

fn print_log(job: &Job, reader: &Reader) -> Exit {
    let path = log_path(&reader.job_logs(), &job.id);
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            terminal::line(text.trim_end());
            Exit::Done
        }
        Err(error) => usage(format!("{} has no log: {}: {error}", job.name(), path.display())),
    }
}

fn state(text: &str) -> Result<State, String> {
    let found = State::ALL.into_iter().find(|state| state.name() == text);
    found.ok_or_else(|| format!("write one of {}", State::ALL.map(State::name).join(", ")))
}
