//! A board to look at in a browser: `CUESMITH_SHOW=FOLDER cargo test --lib serve::tests::show -- --ignored`, where FOLDER
//! holds folders of results.

use std::{env, fs, net::SocketAddr, path::Path, thread, time::Duration};

use super::bed::{Bed, job, options};
use crate::{
    error::FailureClass,
    run::protocol::FilePath,
    serve::{Limits, ServeOptions},
    watch::{FolderView, Job, JobId, JobResult, Live, LiveStage, NewsLine, Reason, Standing, State, Totals},
};

const MINUTES: u64 = 30;
const JOBS: i64 = 10_000;
/// Some day; the page counts from its own clock.
const START_MS: i64 = 1_764_000_000_000;

#[test]
#[ignore = "serves a page for people to look at"]
fn a_board_to_look_at() {
    let Some(shown) = env::var_os("CUESMITH_SHOW") else { return };
    let address = SocketAddr::from(([127, 0, 0, 1], 8765));
    let max_upload_bytes = 1 << 30;
    let bed = Bed::with(&ServeOptions { address, max_upload_bytes, limits: Limits::default(), ..options() });
    history(&bed, Path::new(&shown));
    let running = trouble(&bed);
    status(&bed);
    for tick in 0..MINUTES * 60 {
        thread::sleep(Duration::from_secs(1));
        step(&bed, &running, tick);
    }
}

fn history(bed: &Bed, shown: &Path) {
    for number in 0..JOBS {
        let mut old = job(&bed.path("in"), &format!("Clip {number:03}.mp4"), State::Done, START_MS + number * 600);
        old.ended_ms = Some(old.seen_ms + 30_000);
        old.result =
            Some(JobResult { folder: FilePath(bed.path("gone")), seconds: 30.0, hits: 4, made: 21, notes: vec![] });
        bed.put(&old);
    }
    let mut entries: Vec<_> = fs::read_dir(shown).unwrap().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for (number, folder) in (0..).zip(entries) {
        let mut done = job(&bed.path("in"), "Nature shots.mp4", State::Done, START_MS + 9_000_000 + number);
        done.version = number as u32 + 1;
        done.id = JobId::new("in", &done.input.0, done.version);
        if number > 0 {
            done.set = vec!["knobs.density=14".to_owned(), "knobs.style=\"lofi\"".to_owned()];
        }
        done.started_ms = Some(done.seen_ms + 5000);
        done.ended_ms = Some(done.seen_ms + 12_000);
        let notes = vec!["the tempo moves between 89.7 and 90.3 beats a minute to meet the picture".to_owned()];
        done.result = Some(JobResult { folder: FilePath(folder), seconds: 6.5, hits: 3, made: 22, notes });
        bed.put(&done);
        let log = (0..300).map(|line| format!("07:0{}:00 stage {line} made in 0.3 s\n", line % 10));
        fs::write(bed.path("logs").join(format!("{}.log", done.id)), log.collect::<String>()).unwrap();
    }
}

fn trouble(bed: &Bed) -> Job {
    let put = |name: &str, state, reason: Option<(FailureClass, &str)>| {
        let mut job = job(&bed.path("in"), name, state, START_MS + 10_000_000);
        job.reason = reason.map(|(class, message)| Reason { class, message: message.to_owned() });
        job.ended_ms = (!job.state.is_open()).then_some(START_MS + 10_005_000);
        job.attempts = u32::from(job.reason.is_some());
        bed.put(&job);
        job
    };
    let broken = "the file has no pictures: its index is missing; record it again, or repair it with ffmpeg";
    put("broken recording.mp4", State::Quarantined, Some((FailureClass::Media, broken)));
    put("with a very long name of a holiday film that somebody gave it.mp4", State::Failed, {
        Some((FailureClass::Check, "check sync refused the result: the last bar ends 400 ms after the picture's end"))
    });
    put("waiting one.mov", State::Waiting, Some((FailureClass::Temporary, "the disk is full; it is tried again")));
    put("waiting two.mov", State::Waiting, None);
    put("still being copied.mp4", State::Seen, None);
    put("short.mp4", State::Ignored, None);
    let mut running = put("City at night.mp4", State::Running, None);
    running.started_ms = Some(START_MS + 10_000_000);
    bed.put(&running);
    running
}

fn status(bed: &Bed) {
    let folder = |name: &str, mode: &str, away: Option<&str>| FolderView {
        name: name.to_owned(),
        path: format!("/videos/{name}"),
        out: format!("/music/{name}"),
        recipe: "vlog".to_owned(),
        mode: mode.to_owned(),
        away: away.map(str::to_owned),
    };
    bed.board.change(|view| {
        view.folders = vec![
            folder("in", "events", None),
            folder("camera", "polling every 5 s: a network drive", Some("the drive is not mounted")),
        ];
        view.totals =
            Totals { done: 122, failed: 1, quarantined: 1, stages_hit: 489, stages_made: 2586, ..Totals::default() };
    });
}

const STAGES: [(&str, &str); 9] = [
    ("source", "source.video"),
    ("motion", "feature.motion"),
    ("cue", "plan.cue"),
    ("chords", "generate.chords"),
    ("accompaniment", "generate.accompaniment"),
    ("score", "arrange.style"),
    ("stems", "render.audio"),
    ("bed", "mix.bed"),
    ("video", "mux.video"),
];

fn step(bed: &Bed, running: &Job, tick: u64) {
    let at = tick as f32 / 4.0 % STAGES.len() as f32;
    let stage = |(number, (name, node)): (usize, &(&str, &str))| {
        let standing = match number.cmp(&(at as usize)) {
            std::cmp::Ordering::Less if number < 2 => Standing::Hit,
            std::cmp::Ordering::Less => Standing::Made,
            std::cmp::Ordering::Equal => Standing::Running,
            std::cmp::Ordering::Greater => Standing::Waiting,
        };
        let fraction = if standing == Standing::Running { at.fract() } else { 0.0 };
        let (name, node) = ((*name).to_owned(), (*node).to_owned());
        LiveStage { name, node, standing, fraction, seconds: 1.5, note: String::new() }
    };
    let live = Live {
        stages: STAGES.iter().enumerate().map(stage).collect(),
        fraction: at / STAGES.len() as f32,
        seconds_left: Some(f64::from(STAGES.len() as f32 - at) * 4.0),
    };
    bed.board.change(|view| {
        view.live.insert(running.id.clone(), live);
        if tick.is_multiple_of(20) {
            let text = format!("City at night.mp4: stage {} began", STAGES[at as usize].0);
            view.tell(NewsLine { ms: START_MS + 10_000_000, job: Some(running.id.clone()), text });
        }
    });
}
