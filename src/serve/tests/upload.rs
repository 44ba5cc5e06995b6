//! Files that come over the page.

use std::{
    fs,
    io::Write,
    time::{Duration, Instant},
};

use super::{bed::Bed, client::connect};

const MARK: &str = "x-cuesmith: 1\r\n";

fn inbox(bed: &Bed) -> Vec<String> {
    let entries = fs::read_dir(bed.path("in")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn wait_for_nothing(bed: &Bed) {
    let begin = Instant::now();
    while !inbox(bed).is_empty() {
        assert!(begin.elapsed() < Duration::from_secs(5), "left behind: {:?}", inbox(bed));
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_upload_gets_a_free_name_and_replaces_nothing() {
    let bed = Bed::new();
    let put = |body: &[u8]| bed.ask("PUT", "/api/upload/My%20clip.mp4", MARK, body);
    let first = put(b"one");
    assert_eq!((first.status, first.json()["name"].as_str().unwrap()), (201, "My clip.mp4"));
    assert_eq!(put(b"two").json()["name"], "My clip-2.mp4");
    assert_eq!(inbox(&bed), ["My clip-2.mp4", "My clip.mp4"]);
    assert_eq!(fs::read(bed.path("in/My clip.mp4")).unwrap(), b"one");
}

#[test]
fn a_large_upload_leaves_nothing() {
    let bed = Bed::new();
    assert_eq!(bed.ask("PUT", "/api/upload/a.mp4", MARK, &vec![0; 100_001]).status, 413);
    // The same without a length that tells it before.
    let chunk = format!("{:x}\r\n{}\r\n", 60_000, "x".repeat(60_000));
    let chunked = format!("{MARK}transfer-encoding: chunked\r\n");
    let head = format!("PUT /api/upload/a.mp4 HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{chunked}\r\n", bed.host());
    let request = format!("{head}{chunk}{chunk}0\r\n\r\n");
    assert_eq!(super::client::send(bed.address(), request.as_bytes()).status, 413);
    wait_for_nothing(&bed);
    assert_eq!(bed.ask("PUT", "/api/upload/a.mp4", MARK, &vec![0; 100_000]).status, 201);
}

#[test]
fn an_upload_that_ends_early_or_stands_still_leaves_nothing() {
    let bed = Bed::new();
    let head =
        format!("PUT /api/upload/a.mp4 HTTP/1.1\r\nhost: {}\r\n{MARK}content-length: 9000\r\n\r\nabc", bed.host());
    let mut stream = connect(bed.address());
    stream.write_all(head.as_bytes()).unwrap();
    while inbox(&bed).is_empty() {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(inbox(&bed)[0].starts_with(".a.mp4.partial-"));
    assert_eq!(bed.ask("PUT", "/api/upload/b.mp4", MARK, b"x").status, 503);
    drop(stream);
    wait_for_nothing(&bed);
    let mut still = connect(bed.address());
    still.write_all(head.as_bytes()).unwrap();
    let answer = String::from_utf8_lossy(&super::client::read_to_end(&mut still)).into_owned();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    wait_for_nothing(&bed);
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let bed = Bed::new();
    for name in ["..%2fa.mp4", ".a.mp4", "a.txt", "a%00.mp4", "a%0a.mp4", "%2fetc%2fa.mp4", "..%5ca.mp4", "%ff.mp4"] {
        assert_eq!(bed.ask("PUT", &format!("/api/upload/{name}"), MARK, b"x").status, 400, "{name}");
    }
    assert_eq!(bed.ask("PUT", "/api/upload/a/b.mp4", MARK, b"x").status, 404);
    assert_eq!(bed.ask("PUT", "/api/upload/a.mp4", MARK, b"").status, 400);
    assert!(inbox(&bed).is_empty() && fs::read_dir(bed.folder.path()).unwrap().count() == 3);
}
