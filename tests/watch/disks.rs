//! Disks that are full, and shares that go away and come back. These need the right to mount; without it they are
//! skipped, and say so.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use super::{Mode, Watching, watching::both_ways};

both_ways!(a_share_goes_and_comes_back, a_full_disk_holds, a_disk_that_fills_while_running);

/// A file system in memory, gone when it is dropped.
struct Mounted(PathBuf);

impl Mounted {
    fn new(path: PathBuf, options: &str) -> Option<Self> {
        fs::create_dir_all(&path).unwrap();
        let mounted = mount(&["-t", "tmpfs", "-o", options, "tmpfs", path.to_str().unwrap()]);
        if !mounted {
            eprintln!("skipped: nothing can be mounted here");
        }
        mounted.then_some(Self(path))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        unmount(&self.0);
    }
}

fn mount(arguments: &[&str]) -> bool {
    Command::new("mount").args(arguments).output().is_ok_and(|output| output.status.success())
}

fn unmount(path: &Path) {
    // Lazily: what is open there goes on.
    let _ = Command::new("umount").arg("-l").arg(path).output();
}

fn a_share_goes_and_comes_back(mode: Mode) {
    let watching = Watching::new(mode);
    let disk = watching.path("disk");
    let Some(_disk) = Mounted::new(disk.clone(), "size=64m") else { return };
    let folder = watching.path("in");
    let bind = || assert!(mount(&["--bind", disk.to_str().unwrap(), folder.to_str().unwrap()]));
    bind();
    let mut watching = watching.with(&["--set", "knobs.candidates=8"]).start();
    watching.clip("in/a.mp4", 1);
    watching.wait_for("a.mp4", "done");
    watching.clip("in/b.mp4", 2);
    watching.wait_for("b.mp4", "running");
    unmount(&watching.path("in"));
    watching.wait("b.mp4 to wait", || watching.state("b.mp4") != "running");
    thread::sleep(Duration::from_secs(3));
    assert_eq!((watching.state("a.mp4").as_str(), watching.state("b.mp4").as_str()), ("done", "waiting"));
    assert!(watching.log().contains("nothing is mounted at"), "{}", watching.log());
    // A file in the empty place is none of the share's.
    bind();
    watching.clip("in/c.mp4", 3);
    let job = watching.wait_for("b.mp4", "done");
    assert_eq!(job["attempts"], 0);
    watching.wait_for("c.mp4", "done");
    assert_eq!(watching.agrees(), 3);
    watching.stop();
    unmount(&watching.path("in"));
}

fn a_full_disk_holds(mode: Mode) {
    let watching = Watching::new(mode);
    let Some(_disk) = Mounted::new(watching.path("out"), "size=24m") else { return };
    fs::write(watching.path("out/filler"), vec![0; 20 << 20]).unwrap();
    let watching = watching.with(&["--keep-free", "16MB"]);
    let watching = Watching::start(watching);
    watching.clip("in/a.mp4", 1);
    watching.wait_for("a.mp4", "waiting");
    thread::sleep(Duration::from_secs(3));
    assert_eq!(watching.state("a.mp4"), "waiting");
    assert!(watching.log().contains("are kept free"), "{}", watching.log());
    fs::remove_file(watching.path("out/filler")).unwrap();
    let job = watching.wait_for("a.mp4", "done");
    assert_eq!(job["attempts"], 0);
}

/// Store and results on a disk that is too small: the job waits and is tried again; nothing half is to be seen.
fn a_disk_that_fills_while_running(mode: Mode) {
    let watching = Watching::new(mode).with(&["--config", "watch.toml", "--keep-free", "0"]);
    fs::write(watching.path("watch.toml"), "pause = 1\nlongest_pause = 2\nretries = 60\n").unwrap();
    let Some(_disk) = Mounted::new(watching.path("store"), "size=8m") else { return };
    fs::write(watching.path("store/filler"), vec![0; (8 << 20) - (40 << 10)]).unwrap();
    let mut watching = Watching::start(watching);
    watching.clip("in/a.mp4", 1);
    watching.wait("the disk to be full", || watching.log().contains("No space left on device"));
    thread::sleep(Duration::from_secs(2));
    assert!(!watching.path("out/a").exists());
    fs::remove_file(watching.path("store/filler")).unwrap();
    watching.wait_for("a.mp4", "done");
    assert_eq!(watching.agrees(), 1);
    watching.stop();
}
