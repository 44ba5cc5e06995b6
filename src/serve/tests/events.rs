//! Streams of events.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    bed::{Bed, job},
    client::connect,
};
use crate::watch::{Live, NewsLine, State};

struct Stream {
    lines: BufReader<TcpStream>,
}

impl Stream {
    fn open(bed: &Bed, more: &str) -> Self {
        let mut stream = connect(bed.address());
        let request = format!("GET /api/events HTTP/1.1\r\nhost: {}\r\n{more}\r\n", bed.host());
        stream.write_all(request.as_bytes()).unwrap();
        Self { lines: BufReader::new(stream) }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line
    }

    fn until(&mut self, begin: &str) -> String {
        loop {
            let line = self.line();
            assert!(!line.is_empty(), "the stream ended");
            if let Some(rest) = line.strip_prefix(begin) {
                return rest.trim_end().to_owned();
            }
        }
    }

    fn event(&mut self) -> Value {
        serde_json::from_str(&self.until("data: ")).unwrap()
    }
}

fn tell(bed: &Bed, text: &str) {
    bed.board.change(|view| view.tell(NewsLine { ms: 5, job: None, text: text.to_owned() }));
}

#[test]
fn a_stream_tells_how_it_stands_and_then_every_change() {
    let bed = Bed::new();
    let mut stream = Stream::open(&bed, "");
    let first = stream.event();
    assert_eq!((&first["status"]["jobs"], &first["status"]["held"]), (&0.into(), &Value::Null));
    let running = job(&bed.path("in"), "a.mp4", State::Running, 1);
    bed.board.change(|view| {
        view.live.insert(running.id.clone(), Live { fraction: 0.25, ..Live::default() });
        view.jobs.insert(running.id.clone(), running.clone().into());
        view.held = Some("the disk is full".to_owned());
    });
    let event = stream.event();
    assert_eq!(event["status"]["counts"]["running"], 1);
    assert_eq!(event["status"]["held"], "the disk is full");
    assert_eq!(
        (&event["running"][0]["job"]["name"], &event["running"][0]["live"]["fraction"]),
        (&"a.mp4".into(), &0.25.into())
    );
    assert_ne!(event["status"]["mark"], first["status"]["mark"]);
}

#[test]
fn quick_changes_become_one_event_and_silence_a_sign_of_life() {
    let bed = Bed::new();
    let mut stream = Stream::open(&bed, "");
    stream.event();
    let begin = Instant::now();
    for number in 0..200 {
        tell(&bed, &number.to_string());
    }
    let mut events = 0;
    loop {
        let event = stream.event();
        events += 1;
        if event["news"].as_array().unwrap().last().is_some_and(|line| line["text"] == "199") {
            break;
        }
    }
    assert!(events <= 2 + begin.elapsed().as_millis() / 50, "{events}");
    stream.until(": here");
}

#[test]
fn a_page_that_was_away_gets_the_news_it_missed() {
    let bed = Bed::new();
    tell(&bed, "one");
    tell(&bed, "two");
    tell(&bed, "three");
    let mut stream = Stream::open(&bed, "last-event-id: 2\r\n");
    let event = stream.event();
    assert_eq!((event["news"].as_array().unwrap().len(), &event["news"][0]["text"]), (1, &"three".into()));
}

#[test]
fn only_so_many_streams_are_open_at_once() {
    let bed = Bed::new();
    let mut open = [Stream::open(&bed, ""), Stream::open(&bed, "")];
    for stream in &mut open {
        stream.event();
    }
    let refused = bed.get("/api/events");
    assert_eq!(refused.status, 503, "{}", refused.text());
    drop(open);
    // A seat is free when the server sees that the page is gone.
    let begin = Instant::now();
    loop {
        let mut stream = Stream::open(&bed, "");
        if stream.line().contains("200") {
            break;
        }
        assert!(begin.elapsed() < Duration::from_secs(5));
        std::thread::sleep(Duration::from_millis(50));
    }
}
