//! Clients that take too much or too long.

use std::{
    io::{Read, Write},
    thread,
    time::{Duration, Instant},
};

use super::{
    bed::{Bed, options},
    client::{connect, read_to_end},
};
use crate::serve::{Limits, ServeOptions};

/// Well over every limit of the bed, well under what a client would wait.
const SOON: Duration = Duration::from_secs(5);

#[test]
fn a_client_that_says_nothing_or_only_half_is_dropped() {
    let bed = Bed::new();
    for start in ["", "GET / HTT", "GET / HTTP/1.1\r\nhost: localhost\r\n"] {
        let (mut stream, begin) = (connect(bed.address()), Instant::now());
        stream.write_all(start.as_bytes()).unwrap();
        read_to_end(&mut stream);
        let took = begin.elapsed();
        assert!(took > Duration::from_millis(300) && took < SOON, "{start:?}: {took:?}");
    }
}

#[test]
fn a_client_that_drips_its_head_is_dropped() {
    let bed = Bed::new();
    let mut stream = connect(bed.address());
    let begin = Instant::now();
    stream.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    while stream.write_all(b"x-a: 1\r\n").is_ok() {
        assert!(begin.elapsed() < SOON, "it still listens");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_connection_that_is_kept_open_for_nothing_is_closed() {
    let bed = Bed::new();
    let (mut stream, begin) = (connect(bed.address()), Instant::now());
    let request = format!("GET /health HTTP/1.1\r\nhost: {}\r\n\r\n", bed.host());
    stream.write_all(request.as_bytes()).unwrap();
    assert!(String::from_utf8_lossy(&read_to_end(&mut stream)).contains("200 OK"));
    assert!(begin.elapsed() < SOON);
}

#[test]
fn a_body_that_is_large_or_slow_is_refused() {
    let bed = Bed::new();
    let path = format!("/api/jobs/{}/outlook", bed.done("a", 1).id);
    let large = format!("{{\"set\":[\"{}\"]}}", "x".repeat(70_000));
    assert_eq!(bed.post(&path, &large).status, 413);
    let (mut stream, begin) = (connect(bed.address()), Instant::now());
    let head = format!("POST {path} HTTP/1.1\r\nhost: {}\r\nx-cuesmith: 1\r\ncontent-length: 50\r\n\r\n{{", bed.host());
    stream.write_all(head.as_bytes()).unwrap();
    let answer = String::from_utf8_lossy(&read_to_end(&mut stream)).into_owned();
    assert!(answer.starts_with("HTTP/1.1 408") && begin.elapsed() < SOON, "{answer}");
}

#[test]
fn a_reader_that_stands_still_is_dropped() {
    let bed = Bed::new();
    let job = bed.done("a", 1);
    std::fs::write(bed.path("out/a/a.mp4"), vec![7; 64 << 20]).unwrap();
    let mut stream = connect(bed.address());
    let request = format!("GET /jobs/{}/files/a.mp4 HTTP/1.1\r\nhost: {}\r\n\r\n", job.id, bed.host());
    stream.write_all(request.as_bytes()).unwrap();
    thread::sleep(Duration::from_secs(2));
    let mut sum = 0;
    let mut piece = vec![0; 1 << 20];
    while let Ok(count @ 1..) = stream.read(&mut piece) {
        sum += count;
    }
    assert!(sum < 64 << 20, "all came: {sum}");
}

#[test]
fn connections_have_seats_and_the_next_one_waits() {
    let limits = Limits { connections: 2, ..options().limits };
    let bed = Bed::with(&ServeOptions { limits, ..options() });
    let silent = [connect(bed.address()), connect(bed.address())];
    let begin = Instant::now();
    assert_eq!(bed.get("/health").status, 200);
    let took = begin.elapsed();
    assert!(took > Duration::from_millis(200) && took < SOON, "{took:?}");
    drop(silent);
}

#[test]
fn stopping_ends_open_streams_and_closes_the_port() {
    let bed = Bed::new();
    let address = bed.address();
    let mut stream = connect(address);
    let request = format!("GET /api/events HTTP/1.1\r\nhost: {}\r\n\r\n", bed.host());
    stream.write_all(request.as_bytes()).unwrap();
    let mut first = [0; 4096];
    assert!(stream.read(&mut first).unwrap() > 0);
    let begin = Instant::now();
    drop(bed.served);
    read_to_end(&mut stream);
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    assert!(std::net::TcpStream::connect(address).is_err());
}
