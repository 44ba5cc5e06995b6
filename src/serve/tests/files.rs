//! Which files are given out, and how.

use std::{fs, os::unix::fs::symlink};

use super::bed::Bed;

#[test]
fn files_of_the_results_come_by_name_and_in_parts() {
    let bed = Bed::new();
    let base = format!("/jobs/{}/files", bed.done("a", 1).id);
    let film = bed.get(&format!("{base}/a.mp4"));
    assert_eq!(
        (film.status, film.text().as_str(), film.header("content-type")),
        (200, "<a.mp4> 0123456789", "video/mp4")
    );
    assert!(film.header("content-security-policy").ends_with("sandbox") && film.header("accept-ranges") == "bytes");
    let part = bed.ask("GET", &format!("{base}/a.mp4"), "range: bytes=8-11\r\n", b"");
    assert_eq!((part.status, part.text().as_str(), part.header("content-range")), (206, "0123", "bytes 8-11/18"));
    assert_eq!(bed.ask("GET", &format!("{base}/a.mp4"), "range: bytes=99-\r\n", b"").status, 416);
    assert_eq!(bed.get(&format!("{base}/stems/bass%20line.wav")).status, 200);
    assert_eq!(bed.get(&format!("{base}/run.json")).header("content-type"), "application/json");
    let head = bed.ask("HEAD", &format!("{base}/a.mp4"), "", b"");
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "18", 0));
}

#[test]
fn a_report_runs_its_own_player_and_nothing_else() {
    let bed = Bed::new();
    let report = bed.get(&format!("/jobs/{}/files/report.html", bed.done("a", 1).id));
    let film = bed.get(&format!("/jobs/{}/files/files.mp4", bed.done("a", 1).id));
    assert_eq!(film.text(), "<a.mp4> 0123456789", "the report looks for it there");
    let policy = report.header("content-security-policy");
    assert!(policy.contains("script-src 'sha256-") && policy.contains("frame-ancestors 'self'"), "{policy}");
    assert!(policy.contains("sandbox allow-scripts") && !policy.contains("script-src 'unsafe-inline'"), "{policy}");
}

#[test]
fn nothing_else_is_reachable() {
    let bed = Bed::new();
    let job = bed.done("a", 1);
    let out = bed.path("out/a");
    fs::write(bed.path("secret"), "secret").unwrap();
    fs::write(out.join("unlisted.txt"), "secret").unwrap();
    // A run.json that was tampered with lists what does not belong to it.
    let record = fs::read_to_string(out.join("run.json")).unwrap();
    let listed = "\"outputs\":{\"../../secret\":\"0\",\"link\":\"0\",\"folder/secret\":\"0\",\"/etc/passwd\":\"0\",";
    fs::write(out.join("run.json"), record.replace("\"outputs\":{", listed)).unwrap();
    symlink(bed.path("secret"), out.join("link")).unwrap();
    symlink(bed.folder.path(), out.join("folder")).unwrap();
    let base = format!("/jobs/{}/files", job.id);
    let ways = [
        "../../secret",
        "..%2f..%2fsecret",
        "%2e%2e/%2e%2e/secret",
        "%2e%2e%2f%2e%2e%2fsecret",
        "..%5c..%5csecret",
        "....//....//secret",
        "stems/../../../secret",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "link",
        "folder/secret",
        "unlisted.txt",
        "stems",
        "",
        "a.mp4%00.txt",
        "%ff%fe",
        "..%252f..%252fsecret",
    ];
    for way in ways {
        let answer = bed.get(&format!("{base}/{way}"));
        assert!(matches!(answer.status, 400 | 404) && !answer.text().contains("root:"), "{way}: {}", answer.text());
        assert_ne!(answer.text(), "secret");
    }
    assert_eq!(bed.get(&format!("{base}/a.mp4")).status, 200);
    assert_eq!(bed.get("/jobs/../../secret/files/a.mp4").status, 404);
    assert_eq!(bed.get("/jobs/ffffffffffffffff/files/a.mp4").status, 404);
}

#[test]
fn results_that_went_away_are_told() {
    let bed = Bed::new();
    let job = bed.done("a", 1);
    fs::remove_dir_all(bed.path("out/a")).unwrap();
    assert_eq!(bed.get(&format!("/jobs/{}/files/a.mp4", job.id)).status, 404);
    let answer = bed.get(&format!("/api/jobs/{}", job.id)).json();
    assert!(answer["results"].is_null() && answer["trouble"].as_str().unwrap().contains("can't be read"), "{answer}");
}
