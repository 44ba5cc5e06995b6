//! Broken files, files that may not be read, recipes that can't be used.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
    thread,
    time::Duration,
};

use super::{Mode, Watching, watching::both_ways};
use crate::{journey::BAD_MEDIA, support::data};

both_ways!(all_bad_media, a_broken_file_goes_and_comes_back, an_unreadable_file);

/// Broken files are moved with their reason; the others are scored. Nobody is tried for ever.
fn all_bad_media(mode: Mode) {
    let Some(data) = data() else { return };
    let watching = Watching::new(mode).with(&["--config", "watch.toml", "--workers", "2"]);
    fs::write(watching.path("watch.toml"), "quarantine_after = 1\n").unwrap();
    for (name, _) in BAD_MEDIA {
        fs::copy(data.join("bad_media").join(name), watching.path("in").join(name)).unwrap();
    }
    // A GIF has not the ending of a video: nobody takes it.
    let expected = |name: &str, code: i32| match code {
        _ if Path::new(name).extension().is_some_and(|ending| ending == "gif") => "unknown",
        0 => "done",
        _ => "quarantined",
    };
    watching.run_once(3);
    for (name, code) in BAD_MEDIA {
        assert_eq!(watching.state(name), expected(name, code), "{name}: {:?}", watching.job(name));
        let is_away = watching.path("in/quarantine").join(name).exists();
        let has_reason = watching.path("in/quarantine").join(format!("{name}.reason.txt")).exists();
        assert_eq!((is_away, has_reason), (code != 0, code != 0), "{name}");
        assert_eq!(watching.path("in").join(name).exists(), code == 0, "{name}");
    }
    let done = BAD_MEDIA.iter().filter(|(name, code)| expected(name, *code) == "done").count();
    assert_eq!(watching.agrees(), done);
    let attempts: Vec<_> = watching.jobs().iter().map(|job| job["attempts"].as_u64().unwrap()).collect();
    assert!(attempts.iter().all(|attempts| *attempts <= 1), "{attempts:?}");
}

fn a_broken_file_goes_and_comes_back(mode: Mode) {
    let watching = Watching::new(mode).with(&["--config", "watch.toml"]);
    fs::write(watching.path("watch.toml"), "quarantine_after = 1\n").unwrap();
    let watching = watching.start();
    fs::write(watching.path("in/a.mp4"), "no film at all").unwrap();
    let job = watching.wait_for("a.mp4", "quarantined");
    assert!(job["reason"]["message"].as_str().unwrap().contains("no video"), "{job}");
    // Put right where it lies, and asked for by hand.
    let good = fs::read(watching.clip("elsewhere/a.mp4", 1)).unwrap();
    fs::write(watching.path("in/quarantine/a.mp4"), good).unwrap();
    let id = job["id"].as_str().unwrap();
    watching.project.run(&["jobs", "release", &id[..6]]).code(0);
    watching.wait_for("a.mp4", "done");
    assert!(watching.path("in/a.mp4").exists() && !watching.path("in/quarantine/a.mp4").exists());
    assert!(!watching.path("in/quarantine/a.mp4.reason.txt").exists());
    assert_eq!(watching.agrees(), 1);
    watching.project.run(&["jobs", "release", &id[..6]]).code(2).stderr_has("is done, not in quarantine");
}

/// It is tried again until it may be read. Who may read everything hands the watch to somebody who may not.
fn an_unreadable_file(mode: Mode) {
    let watching = Watching::new(mode).with(&["--config", "watch.toml"]);
    fs::write(watching.path("watch.toml"), "pause = 1\n").unwrap();
    let path = watching.clip("in/a.mp4", 1);
    fs::set_permissions(&path, Permissions::from_mode(0o0)).unwrap();
    let mut command = watching.command(&[]);
    if rustix::process::geteuid().is_root() {
        for folder in [watching.path(""), watching.path("in")] {
            fs::set_permissions(folder, Permissions::from_mode(0o777)).unwrap();
        }
        let mut other = Command::new("setpriv");
        other.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(command.get_program());
        other.args(command.get_args()).current_dir(watching.path(""));
        command = other;
    }
    let mut child = command.stderr(fs::File::create(watching.path("watch.log")).unwrap()).spawn().unwrap();
    watching.wait("a try to fail", || watching.job("a.mp4").is_some_and(|job| job["attempts"].as_u64() > Some(0)));
    let job = watching.job("a.mp4").unwrap();
    assert!(job["reason"]["message"].as_str().unwrap().contains("Permission denied"), "{job}");
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    watching.wait_for("a.mp4", "done");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(watching.agrees(), 1);
}

/// The recipe is looked at before anything is watched; when it breaks later, the files are not to blame.
#[test]
fn a_recipe_that_breaks_fails_jobs_and_moves_nothing() {
    let watching = Watching::new(Mode::Events).start();
    watching.clip("in/a.mp4", 1);
    watching.wait_for("a.mp4", "done");
    fs::write(watching.path("compose.toml"), "[recipe]\nname = \"x\"\nsede = 4\n").unwrap();
    watching.clip("in/b.mp4", 2);
    let job = watching.wait_for("b.mp4", "failed");
    let message = job["reason"]["message"].as_str().unwrap();
    assert!(message.contains("sede") && message.contains("compose.toml:3:1"), "{message}");
    thread::sleep(Duration::from_secs(2));
    assert!(watching.path("in/b.mp4").exists());
    drop(watching);
    let project = crate::support::Project::new().file("bad.toml", "[recipe]\nnam = 1\n").file("in/x", "");
    let outcome = project.run(&["watch", "in", "--recipe", "bad.toml"]).code(2);
    assert!(outcome.stderr.contains("bad.toml:2:1"), "{outcome:?}");
}

#[test]
fn what_cannot_be_watched_is_told_at_once() {
    let project = crate::support::Project::new().file("file", "x").file("watch.toml", "setle = 3\n").file("in/x", "");
    project.run(&["watch"]).code(2).stderr_has("nothing is watched; name a folder");
    project.run(&["watch", "nowhere"]).code(2).stderr_has("can't be read: No such file");
    project.run(&["watch", "file"]).code(2).stderr_has("file is no folder");
    project.run(&["watch", "in", "--out", "in"]).code(2).stderr_has("is its own out folder");
    project.run(&["watch", "in", "--config", "watch.toml"]).code(2).stderr_has("did you mean `settle`?");
    project.run(&["watch", "in", "--recipe", "nosuch"]).code(2).stderr_has("nosuch");
}
