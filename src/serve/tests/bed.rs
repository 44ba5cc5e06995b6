//! A served board in a temp folder, with an office that writes down what it is asked.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use serde_json::json;
use tempfile::TempDir;

use super::client::{Answer, send};
use crate::{
    run::protocol::FilePath,
    serve::{Limits, ServeOptions, Served, serve},
    watch::{Board, Counter, Job, JobId, JobResult, Order, Outlook, StageOutlook, Stamp, State, Wish},
};

pub(super) struct Bed {
    pub(super) served: Served,
    pub(super) board: Board,
    pub(super) folder: TempDir,
    pub(super) wishes: Arc<Mutex<Vec<Wish>>>,
}

/// Short, so that tests of them are.
pub(super) fn options() -> ServeOptions {
    let limits = Limits {
        head: Duration::from_millis(400),
        body: Duration::from_millis(400),
        stall: Duration::from_millis(600),
        event_gap: Duration::from_millis(50),
        keep_alive: Duration::from_millis(200),
        streams: 2,
        uploads: 1,
        ..Limits::default()
    };
    ServeOptions {
        address: SocketAddr::from(([127, 0, 0, 1], 0)),
        max_upload_bytes: 100_000,
        limits,
        ..ServeOptions::default()
    }
}

impl Bed {
    pub(super) fn new() -> Self {
        Self::with(&options())
    }

    pub(super) fn with(options: &ServeOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["in", "out", "logs"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let (board, wishes) = (Board::default(), Arc::default());
        let counter = Counter {
            board: board.clone(),
            orders: office(Arc::clone(&wishes)),
            outlook: Arc::new(outlook),
            logs: folder.path().join("logs"),
            inbox: Some(folder.path().join("in")),
        };
        let served = serve(options, counter).unwrap();
        Self { served, board, folder, wishes }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.served.address().port())
    }

    pub(super) fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.served.address().port()))
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "", b"")
    }

    pub(super) fn post(&self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, "x-cuesmith: 1\r\n", body.as_bytes())
    }

    /// `more` is lines of the head.
    pub(super) fn ask(&self, method: &str, path: &str, more: &str, body: &[u8]) -> Answer {
        let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
        let host = self.host();
        let head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{length}{more}\r\n");
        send(self.address(), &[head.as_bytes(), body].concat())
    }

    /// A job with results on the disk: a report, a stem, a score, a film.
    pub(super) fn done(&self, name: &str, ms: i64) -> Job {
        let folder = self.path("out").join(name);
        results(&folder, name);
        let mut job = job(&self.path("in"), &format!("{name}.mp4"), State::Done, ms);
        job.result = Some(JobResult {
            folder: FilePath(folder),
            seconds: 12.5,
            hits: 3,
            made: 9,
            notes: vec!["the mix is 0.4 LU under the target".to_owned()],
        });
        self.put(&job);
        job
    }

    pub(super) fn put(&self, job: &Job) {
        self.board.change(|view| {
            view.jobs.insert(job.id.clone(), Arc::new(job.clone()));
        });
    }
}

pub(super) fn job(folder: &Path, name: &str, state: State, ms: i64) -> Job {
    let stamp = Stamp { bytes: 1000, modified_ns: 0, inode: 1 };
    let mut job = Job::seen("in", &folder.join(name), stamp, ms);
    job.state = state;
    job
}

fn results(folder: &Path, name: &str) {
    fs::create_dir_all(folder.join("stems")).unwrap();
    let film = format!("{name}.mp4");
    let files = ["report.html", "score.mid", "piano-roll.png", "stems/bass line.wav", &film];
    for file in files {
        fs::write(folder.join(file), format!("<{file}> 0123456789")).unwrap();
    }
    let outputs: serde_json::Map<_, _> = files.iter().map(|file| ((*file).to_owned(), json!("0".repeat(64)))).collect();
    let run = json!({
        "cuesmith": "0.1.0",
        "recipe": { "resolved": { "knobs": { "density": "auto", "loudness": -16.0, "tempo": { "min": 76, "max": 124 } } } },
        "stages": [{ "name": "shots", "node": "feature.shots", "status": "hit", "seconds": 0.5, "outputs": [] }],
        "checks": { "music": { "passed": true, "summary": "all well", "values": {} } },
        "outputs": outputs,
    });
    fs::write(folder.join("run.json"), run.to_string()).unwrap();
}

/// Grants everything but to cancel.
fn office(wishes: Arc<Mutex<Vec<Wish>>>) -> crossbeam_channel::Sender<Order> {
    let (orders, incoming) = crossbeam_channel::unbounded::<Order>();
    thread::spawn(move || {
        for Order { wish, answer } in incoming {
            let reply = match &wish {
                Wish::Retry(id) | Wish::Release(id) => Ok(id.clone()),
                Wish::Version { .. } => Ok(JobId::new("in", Path::new("/new"), 2)),
                Wish::Cancel(_) => Err("it has ended already".to_owned()),
            };
            wishes.lock().unwrap().push(wish);
            answer.send(reply).unwrap();
        }
    });
    orders
}

fn outlook(job: &Job, set: &[String]) -> Result<Outlook, String> {
    if set.iter().any(|value| value.contains("999")) {
        return Err("density = 999 is over the limit of 32".to_owned());
    }
    let stage = |name: &str, node: &str, runs: bool, because: String, seconds| StageOutlook {
        name: name.to_owned(),
        node: node.to_owned(),
        runs,
        because,
        seconds,
    };
    let because = format!("{} differs for {}", set.join(", "), job.name());
    let stages = vec![
        stage("shots", "feature.shots", false, String::new(), Some(0.5)),
        stage("notes", "generate.accompaniment", !set.is_empty(), because, Some(4.5)),
        stage("video", "mux.video", !set.is_empty(), "its input changed".to_owned(), None),
    ];
    Ok(Outlook { stages, knobs: json!({ "density": 8, "loudness": -16.0 }) })
}
