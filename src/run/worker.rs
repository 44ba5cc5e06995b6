//! A worker process as the front holds it: jobs in, replies out, its memory, its end and its last words.

use std::{
    fs,
    io::{self, BufRead, BufReader, Write},
    os::unix::process::{CommandExt, ExitStatusExt},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};

use super::{
    Device,
    protocol::{Job, Reply},
};
use crate::child::LastWords;

/// How long a worker that went silent may take to be gone.
const GRACE: Duration = Duration::from_millis(500);
const PAUSE: Duration = Duration::from_millis(10);

pub(super) struct Worker {
    child: Child,
    jobs: ChildStdin,
    replies: Receiver<Reply>,
    words: LastWords,
    /// Closed when the last word was heard.
    silent: Receiver<()>,
}

/// What came from a worker within a moment.
pub(super) enum Heard {
    Reply(Reply),
    Nothing,
    /// It will say no more: it is dead, or what it says is no reply.
    End,
}

impl Worker {
    /// Starts one in a process group of its own, so that Ctrl-C at the terminal reaches the front only. It dies with
    /// the thread that calls this.
    pub(super) fn start(program: &Path, device: Device) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.args(["--device", &device.to_string(), "--parent", &std::process::id().to_string()]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn()?;
        let missing = || io::Error::other("a pipe is missing");
        let jobs = child.stdin.take().ok_or_else(missing)?;
        let (stdout, stderr) = (child.stdout.take().ok_or_else(missing)?, child.stderr.take().ok_or_else(missing)?);
        let (sender, replies) = unbounded();
        thread::spawn(move || read_replies(stdout, &sender));
        let (words, (speaking, silent)) = (LastWords::default(), unbounded::<()>());
        let listening = words.clone();
        thread::spawn(move || {
            listening.listen(stderr);
            drop(speaking);
        });
        Ok(Self { child, jobs, replies, words, silent })
    }

    pub(super) fn send(&mut self, job: &Job) -> io::Result<()> {
        self.words.forget();
        let mut line = serde_json::to_vec(job)?;
        line.push(b'\n');
        self.jobs.write_all(&line)
    }

    pub(super) fn hear(&self, patience: Duration) -> Heard {
        match self.replies.recv_timeout(patience) {
            Ok(reply) => Heard::Reply(reply),
            Err(RecvTimeoutError::Timeout) => Heard::Nothing,
            Err(RecvTimeoutError::Disconnected) => Heard::End,
        }
    }

    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Memory that the process holds now.
    pub(super) fn resident_mib(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(line.split_whitespace().next()?.parse::<u64>().ok()? >> 10)
    }

    /// Ends it, gently if it is about to end anyway. Gives how it ended and its last words, in one line.
    pub(super) fn end(mut self) -> String {
        let start = Instant::now();
        while self.is_alive() && start.elapsed() < GRACE {
            thread::sleep(PAUSE);
        }
        let _ = self.child.kill();
        let ended = self.child.wait().map_or_else(|error| format!("vanished ({error})"), describe);
        let _ = self.silent.recv_timeout(GRACE);
        match self.words.text() {
            Some(words) => format!("{ended}; its last words: {words}"),
            None => format!("{ended} without a word"),
        }
    }
}

impl Drop for Worker {
    /// Whatever it does is wanted no more; blobs and checkpoints are written so that a kill leaves no half of one.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_replies(stdout: ChildStdout, replies: &Sender<Reply>) {
    for line in BufReader::new(stdout).lines() {
        let Some(reply) = line.ok().and_then(|line| serde_json::from_str(&line).ok()) else { return };
        if replies.send(reply).is_err() {
            return;
        }
    }
}

fn describe(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => {
            let name = signal_hook::low_level::signal_name(signal);
            name.map_or_else(|| format!("died of signal {signal}"), |name| format!("died of {name}"))
        }
        (None, code) => format!("ended with exit code {}", code.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_told_by_name() {
        let statuses = [11, 9, 6, 0x7f00, 0].map(|raw| describe(ExitStatus::from_raw(raw)));
        let expected = [
            "died of SIGSEGV",
            "died of SIGKILL",
            "died of SIGABRT",
            "ended with exit code 127",
            "ended with exit code 0",
        ];
        assert_eq!(statuses, expected);
    }
}
