//! Lists of jobs and single ones.

use std::{
    collections::BTreeSet,
    fs,
    time::{Duration, Instant},
};

use super::bed::{Bed, job};
use crate::watch::{Live, State};

/// In the development build, on a busy machine; a release build takes a tenth.
const PAGE_TIME: Duration = Duration::from_millis(100);

#[test]
fn ten_thousand_jobs_are_paged_newest_first_and_fast() {
    let bed = Bed::new();
    let folder = bed.path("in");
    bed.board.change(|view| {
        for number in 0..10_000_i64 {
            let state = if number % 10 == 0 { State::Failed } else { State::Done };
            // Many have come at once.
            let job = job(&folder, &format!("clip {number}.mp4"), state, number / 7);
            view.jobs.insert(job.id.clone(), job.into());
        }
    });
    let (mut seen, mut times, mut before) = (BTreeSet::new(), Vec::new(), String::new());
    let mut last = i64::MAX;
    loop {
        let start = Instant::now();
        let page = bed.get(&format!("/api/jobs?limit=500&before={before}")).json();
        times.push(start.elapsed());
        assert_eq!(page["matched"], 10_000);
        for job in page["jobs"].as_array().unwrap() {
            let ms = job["seen_ms"].as_i64().unwrap();
            assert!(ms <= last && seen.insert(job["id"].as_str().unwrap().to_owned()));
            last = ms;
        }
        match page["next"].as_str() {
            Some(next) => before = next.to_owned(),
            None => break,
        }
    }
    times.sort();
    assert_eq!((seen.len(), times.len()), (10_000, 50));
    assert!(times[times.len() / 2] < PAGE_TIME, "{times:?}");
    let found = bed.get("/api/jobs?state=failed&q=CLIP%20999").json();
    assert_eq!((&found["matched"], &found["jobs"][0]["name"]), (&1.into(), &"clip 9990.mp4".into()));
}

#[test]
fn jobs_are_found_by_state_name_folder_and_id() {
    let bed = Bed::new();
    let done = bed.done("See", 1);
    bed.put(&job(&bed.path("in"), "berg.mp4", State::Failed, 2));
    bed.put(&job(&bed.path("in"), "tal.mp4", State::Waiting, 3));
    let names = |query: &str| {
        let page = bed.get(&format!("/api/jobs?{query}")).json();
        let names = page["jobs"].as_array().unwrap().iter().map(|job| job["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(""), "tal.mp4 berg.mp4 See.mp4");
    assert_eq!(names("state=done,failed"), "berg.mp4 See.mp4");
    assert_eq!(names("q=see"), "See.mp4");
    assert_eq!(names(&format!("q={}", &done.id.to_string()[..8])), "See.mp4");
    assert_eq!(names("q=none"), "");
    for (query, part) in
        [("state=odd", "none of seen"), ("before=x", "no place"), ("limit=x", "limit"), ("other=1", "other")]
    {
        let answer = bed.get(&format!("/api/jobs?{query}"));
        assert!(answer.status == 400 && answer.text().contains(part), "{query}: {}", answer.text());
    }
}

#[test]
fn one_job_comes_with_all_that_belongs_to_it() {
    let bed = Bed::new();
    let first = bed.done("a", 1);
    let mut second = job(&bed.path("in"), "a.mp4", State::Running, 2);
    second.version = 2;
    second.id = "00000000000000aa".parse().unwrap();
    second.set = vec!["knobs.density=8".to_owned()];
    bed.put(&second);
    bed.board.change(|view| {
        view.live.insert(second.id.clone(), Live { fraction: 0.5, ..Live::default() });
    });
    let answer = bed.get(&format!("/api/jobs/{}", first.id)).json();
    assert_eq!(answer["job"]["state"], "done");
    assert_eq!(answer["job"]["notes"][0], "the mix is 0.4 LU under the target");
    assert_eq!(answer["results"]["knobs"]["loudness"], -16.0);
    assert_eq!(answer["results"]["checks"]["music"]["summary"], "all well");
    assert_eq!(answer["results"]["stages"][0]["status"], "hit");
    let files: Vec<_> = answer["results"]["files"].as_array().unwrap().iter().map(|file| &file["name"]).collect();
    assert_eq!(files, ["a.mp4", "piano-roll.png", "report.html", "score.mid", "stems/bass line.wav", "run.json"]);
    let versions = answer["versions"].as_array().unwrap();
    assert_eq!((versions.len(), &versions[1]["set"][0]), (2, &"knobs.density=8".into()));
    let running = bed.get("/api/jobs/00000000000000aa").json();
    assert_eq!((&running["live"]["fraction"], &running["results"]), (&0.5.into(), &serde_json::Value::Null));
    assert_eq!((bed.get("/api/jobs/ffffffffffffffff").status, bed.get("/api/jobs/..").status), (404, 400));
}

#[test]
fn logs_are_text_and_knobs_are_listed() {
    let bed = Bed::new();
    let job = bed.done("a", 1);
    assert_eq!(bed.get(&format!("/api/jobs/{}/log", job.id)).status, 404);
    fs::write(bed.path("logs").join(format!("{}.log", job.id)), "one\n<b>two</b>\n").unwrap();
    let log = bed.get(&format!("/api/jobs/{}/log", job.id));
    assert_eq!((log.text().as_str(), log.header("content-type")), ("one\n<b>two</b>\n", "text/plain; charset=utf-8"));
    let knobs = bed.get("/api/knobs").json();
    let density = knobs.as_array().unwrap().iter().find(|knob| knob["name"] == "density").unwrap();
    assert_eq!((&density["domain"]["kind"], &density["domain"]["max"]), (&"auto_float".into(), &32.0.into()));
}
