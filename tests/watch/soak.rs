//! Many clips through one watch: memory stays flat and no handle is lost. Ten thousand files cost an idle watch nothing.

use std::{fs, thread, time::Duration};

use super::{Mode, Watching};

struct Sample {
    done: usize,
    resident_mib: u64,
    handles: usize,
}

fn sample(watching: &Watching, done: usize) -> Sample {
    let pid = watching.pid();
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kib: u64 = resident.trim().trim_end_matches(" kB").parse().unwrap();
    Sample { done, resident_mib: kib / 1024, handles: fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count() }
}

fn soak(clips: u32) {
    let watching = Watching::new(Mode::Events).with(&["--workers", "2"]).start();
    for number in 0..clips {
        watching.clip(&format!("in/clip-{number}.mp4"), number);
    }
    let mut samples: Vec<Sample> = Vec::new();
    let done = || watching.jobs().iter().filter(|job| job["state"] == "done").count();
    loop {
        let now = done();
        if samples.last().is_none_or(|last| now >= last.done + (clips as usize).div_ceil(10)) || now == clips as usize {
            samples.push(sample(&watching, now));
        }
        if now == clips as usize {
            break;
        }
        thread::sleep(Duration::from_millis(500));
    }
    for Sample { done, resident_mib, handles } in &samples {
        eprintln!("soak: {done} done, {resident_mib} MiB resident, {handles} handles");
    }
    assert_eq!(watching.agrees(), clips as usize);
    thread::sleep(Duration::from_secs(2));
    let (early, late) = (&samples[samples.len() / 4], sample(&watching, clips as usize));
    assert!(late.resident_mib <= early.resident_mib + 24, "{} then {}", early.resident_mib, late.resident_mib);
    assert!(late.handles <= early.handles + 2, "{} then {}", early.handles, late.handles);
}

#[test]
#[ignore = "takes minutes: make test-long"]
fn two_hundred_clips() {
    soak(200);
}

/// Processor time in hundredths of a second.
fn ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<_> = stat.rsplit(") ").next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

fn idle_share(mode: Mode, seconds: u64) -> f64 {
    let mut watching = Watching::new(mode).with(&["--config", "watch.toml"]);
    // Ten thousand files that were seen and are not taken again: too short for the folder.
    fs::write(watching.path("watch.toml"), "queue = 20000\n").unwrap();
    for number in 0..10_000 {
        let path = watching.path(format!("in/{}/clip-{number}.mp4", number % 20));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("no film {number}")).unwrap();
    }
    // They wait for the end of a long settling time, so that only looking costs.
    watching = watching.with(&["--settle", "100000"]).start();
    thread::sleep(Duration::from_secs(6));
    let before = ticks(watching.pid());
    thread::sleep(Duration::from_secs(seconds));
    (ticks(watching.pid()) - before) as f64 / 100.0 / seconds as f64
}

#[test]
fn ten_thousand_files_cost_an_idle_watch_nothing() {
    let share = idle_share(Mode::Events, 10);
    eprintln!("idle over 10,000 files, events: {:.2} % of a core", share * 100.0);
    assert!(share < 0.01, "{share}");
}

#[test]
#[ignore = "a figure for the docs: make test-long"]
fn ten_thousand_files_polled() {
    let share = idle_share(Mode::Polling, 30);
    eprintln!("idle over 10,000 files, polled every 0.5 s: {:.2} % of a core", share * 100.0);
    assert!(share < 0.5, "{share}");
}
