//! Tells other programs that a job is done or failed: a command, or a webhook. Slow ones hold nobody up.

use std::{
    io::Write,
    os::unix::process::CommandExt,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};

use super::{Job, State};
use crate::run::Interrupt;

/// Tellings that wait; what comes when so many wait is dropped, with a line in the log.
const WAITING: usize = 1000;
const COMMAND_PATIENCE: Duration = Duration::from_secs(60);
const HTTP_PATIENCE: Duration = Duration::from_secs(10);
/// A webhook that is not there may come back.
const HTTP_PAUSES: [Duration; 3] = [Duration::ZERO, Duration::from_secs(2), Duration::from_secs(10)];

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct HookSettings {
    /// Program and arguments; it gets the job as JSON on its standard input and in `CUESMITH_…` variables.
    pub(crate) command: Vec<String>,
    /// Gets the job as JSON.
    pub(crate) webhook: Option<String>,
}

pub(crate) struct Hooks {
    tellings: Option<Sender<Value>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Hooks {
    /// A second press of `interrupt` ends what it waits for.
    pub(crate) fn start(settings: HookSettings, interrupt: Interrupt) -> Self {
        if settings == HookSettings::default() {
            return Self { tellings: None, thread: None };
        }
        let (tellings, told) = bounded(WAITING);
        let thread = thread::Builder::new().name("hooks".to_owned()).spawn(move || work(&settings, &told, &interrupt));
        Self { tellings: Some(tellings), thread: thread.ok() }
    }

    pub(crate) fn tell(&self, job: &Job) {
        let Some(tellings) = &self.tellings else { return };
        if let Err(TrySendError::Full(_)) = tellings.try_send(telling(job)) {
            tracing::warn!("{WAITING} notifications wait: that of {} is dropped", job.name());
        }
    }
}

impl Drop for Hooks {
    /// What is waiting is told before the program ends.
    fn drop(&mut self) {
        self.tellings = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What a hook is told.
fn telling(job: &Job) -> Value {
    let result = job.result.as_ref().filter(|_| job.state == State::Done);
    json!({
        "event": job.state.name(),
        "job": job.id,
        "input": job.input.0.to_string_lossy(),
        "folder": job.folder,
        "version": job.version,
        "results": result.map(|result| result.folder.0.to_string_lossy()),
        "seconds": result.map(|result| result.seconds),
        "reason": job.reason.as_ref().map(|reason| &reason.message),
        "quarantined": job.quarantined.as_ref().map(|path| path.0.to_string_lossy()),
    })
}

fn work(settings: &HookSettings, told: &Receiver<Value>, interrupt: &Interrupt) {
    for telling in told {
        if interrupt.is_killing() {
            return;
        }
        if let [program, arguments @ ..] = settings.command.as_slice()
            && let Err(error) = run(program, arguments, &telling, interrupt)
        {
            tracing::warn!("notification by {program}: {error}");
        }
        if let Some(url) = &settings.webhook
            && let Err(error) = post(url, &telling)
        {
            tracing::warn!("notification to {url}: {error}");
        }
    }
}

fn run(program: &str, arguments: &[String], telling: &Value, interrupt: &Interrupt) -> Result<(), String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // What it starts ends with it.
    command.process_group(0);
    for (name, value) in telling.as_object().into_iter().flatten() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        command.env(format!("CUESMITH_{}", name.to_uppercase()), if value.is_null() { String::new() } else { text });
    }
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    if let Some(mut stdin) = child.stdin.take() {
        // Who does not read it is not asked to; it is short enough for the pipe.
        let _ = stdin.write_all(telling.to_string().as_bytes());
    }
    let since = Instant::now();
    loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(format!("it ended with {status}")),
            None if since.elapsed() > COMMAND_PATIENCE || interrupt.is_killing() => {
                let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
                let _ = child.wait();
                return Err(format!("it was stopped after {} s", since.elapsed().as_secs()));
            }
            None => thread::sleep(Duration::from_millis(20)),
        }
    }
}

fn post(url: &str, telling: &Value) -> Result<(), String> {
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(HTTP_PATIENCE)).build().into();
    let mut last = String::new();
    for pause in HTTP_PAUSES {
        thread::sleep(pause);
        let sent = agent.post(url).header("content-type", "application/json").send(telling.to_string());
        match sent {
            Ok(_) => return Ok(()),
            Err(error) => last = error.to_string(),
        }
    }
    Err(format!("{last}, after {} tries", HTTP_PAUSES.len()))
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{BufRead, BufReader, Read},
        net::TcpListener,
        path::Path,
    };

    use super::*;
    use crate::watch::Stamp;

    fn job() -> Job {
        let mut job = Job::seen("in", Path::new("/in/a.mp4"), Stamp { bytes: 1, modified_ns: 1, inode: 1 }, 0);
        job.state = State::Done;
        job
    }

    #[test]
    fn a_command_gets_the_job() {
        let folder = tempfile::tempdir().unwrap();
        let told = folder.path().join("told");
        let script = format!("cat > {0}; echo \" $CUESMITH_EVENT $CUESMITH_INPUT\" >> {0}", told.display());
        let command = ["sh", "-c", &script].map(str::to_owned).to_vec();
        let hooks = Hooks::start(HookSettings { command, webhook: None }, Interrupt::default());
        hooks.tell(&job());
        drop(hooks);
        let text = fs::read_to_string(told).unwrap();
        assert!(text.starts_with("{\"event\":\"done\"") && text.trim_end().ends_with("} done /in/a.mp4"), "{text}");
    }

    #[test]
    fn a_command_that_fails_or_is_not_there_is_only_told() {
        let interrupt = Interrupt::default();
        let run = |words: &[&str]| {
            let arguments: Vec<_> = words[1..].iter().map(|word| (*word).to_owned()).collect();
            run(words[0], &arguments, &json!({}), &interrupt)
        };
        assert_eq!(run(&["false"]), Err("it ended with exit status: 1".to_owned()));
        assert!(run(&["/nowhere/at/all"]).unwrap_err().contains("No such file"));
        // Whoever wants to stop at once waits for nobody.
        interrupt.press();
        interrupt.press();
        assert_eq!(run(&["sleep", "50"]), Err("it was stopped after 0 s".to_owned()));
    }

    #[test]
    fn a_webhook_gets_the_job() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut length = 0;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(bytes) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = bytes.trim().parse().unwrap();
                }
                if line == "\r\n" {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
            serde_json::from_slice::<Value>(&body).unwrap()
        });
        post(&url, &telling(&job())).unwrap();
        assert_eq!(server.join().unwrap()["event"], "done");
    }
}
