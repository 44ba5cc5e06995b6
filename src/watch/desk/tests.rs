//! Case files: what happens at which second, and below it what the desk does. `CUESMITH_WRITE_CASES=1` writes them anew.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::PathBuf};

use super::*;
use crate::watch::{JobResult, Wish};

const FOLDER: &str = "in";

struct Case {
    desk: Desk,
    text: String,
}

fn input(name: &str) -> PathBuf {
    PathBuf::from("/in").join(name)
}

/// `100` or `100@2`: bytes, and the second of its last change.
fn stamp(text: &str) -> Stamp {
    let (bytes, modified) = text.split_once('@').unwrap_or((text, "0"));
    Stamp { bytes: bytes.parse().unwrap(), modified_ns: modified.parse().unwrap(), inode: 1 }
}

/// `a.mp4` or `a.mp4/2` for its second version.
fn id(name: &str) -> JobId {
    let (name, version) = name.split_once('/').unwrap_or((name, "1"));
    JobId::new(FOLDER, &input(name), version.parse().unwrap())
}

fn reason(class: &str, message: &str) -> Reason {
    let class = serde_json::from_value(class.into()).unwrap();
    Reason { class, message: message.to_owned() }
}

fn rules(words: &str) -> Rules {
    let mut rules = Rules { lanes: 2, retries: 2, ..Rules::default() };
    for word in words.split_whitespace() {
        let (name, value) = word.split_once('=').unwrap();
        let value: i64 = value.parse().unwrap();
        match name {
            "lanes" => rules.lanes = value as usize,
            "retries" => rules.retries = value as u32,
            "queue" => rules.queue = value as usize,
            "settle" => rules.settle_ms = value * 1000,
            _ => panic!("no rule {name}"),
        }
    }
    rules
}

impl Case {
    fn name(&self, id: &JobId) -> String {
        let job = &self.desk.jobs[id];
        let name = job.input.0.file_name().unwrap().to_str().unwrap();
        if job.version > 1 { format!("{name}/{}", job.version) } else { name.to_owned() }
    }

    fn news(&self, line: &str) -> News {
        let mut words = line.split_whitespace();
        let (verb, folder) = (words.next().unwrap(), FOLDER.to_owned());
        let rest: Vec<_> = words.collect();
        let after = |count: usize| rest[count..].join(" ");
        match verb {
            "saw" => News::Saw { folder, input: input(rest[0]), stamp: Some(stamp(rest[1])) },
            "lost" => News::Saw { folder, input: input(rest[0]), stamp: None },
            "looked" => {
                let found = rest.iter().map(|word| word.split_once('=').unwrap());
                News::Looked { folder, found: found.map(|(name, text)| (input(name), stamp(text))).collect() }
            }
            "away" => News::Away { folder, reason: after(0) },
            "opened" => {
                let opened = match rest[1] {
                    "ready" => Opened::Ready(Digest::of(rest[2].as_bytes())),
                    "busy" => Opened::Busy,
                    class => Opened::Trouble(reason(class, &after(2))),
                };
                let id = id(rest[0]);
                News::Opened { stamp: self.desk.jobs[&id].stamp, id, opened }
            }
            "changed-when-opened" => News::Opened { id: id(rest[0]), stamp: stamp(rest[1]), opened: Opened::Busy },
            "ended" => self.end(rest[0].parse().unwrap(), rest[1], &after(2)),
            "moved" => {
                let to = if rest[1] == "ok" { Ok(input("quarantine").join(rest[0])) } else { Err(after(1)) };
                News::Moved { id: id(rest[0]), to }
            }
            "held" => News::Held(Some(after(0))),
            "free" => News::Held(None),
            "stop" => News::Stop,
            "tick" => News::Tick,
            _ => panic!("no event {verb}"),
        }
    }

    /// `done`, `gone` for a failure of a file that is not there any more, or a class and a message.
    fn end(&self, number: u64, how: &str, message: &str) -> News {
        let ticket = Ticket(number);
        let lane = self.desk.lanes.get(&ticket);
        let mut stamp = lane.and_then(|lane| self.desk.jobs.get(&lane.id)).map(|job| job.stamp);
        let end = match how {
            "done" => End::Done(JobResult {
                folder: FilePath(input("out")),
                seconds: 1.0,
                hits: 0,
                made: 3,
                notes: Vec::new(),
            }),
            "interrupted" => End::Interrupted,
            "away" => {
                stamp = None;
                End::Away(message.to_owned())
            }
            "ignored" => End::Ignored(message.to_owned()),
            "gone" => {
                stamp = None;
                End::Failed(reason("usage", "no such file"))
            }
            class => End::Failed(reason(class, message)),
        };
        News::Ended { ticket, stamp, recipe: None, end }
    }

    fn wish(line: &str) -> Option<Wish> {
        let words: Vec<_> = line.split_whitespace().collect();
        Some(match words[0] {
            "retry" => Wish::Retry(id(words[1])),
            "release" => Wish::Release(id(words[1])),
            "cancel" => Wish::Cancel(id(words[1])),
            "version" => Wish::Version { of: id(words[1]), set: vec![words[2].to_owned()] },
            _ => return None,
        })
    }

    fn event(&mut self, line: &str) {
        let (second, what) = line.split_once(' ').unwrap();
        let now_ms = (second.parse::<f64>().unwrap() * 1000.0) as i64;
        if what == "restart" {
            // What was never saved is forgotten; the case says so by `lost`.
            let jobs: Vec<_> = self.desk.jobs().cloned().collect();
            self.desk = Desk::new(self.desk.rules, jobs);
            return;
        }
        let before: BTreeMap<_, _> = self.desk.jobs.values().map(|job| (job.id.clone(), job.state)).collect();
        let names: BTreeMap<_, _> = before.keys().map(|id| (id.clone(), self.name(id))).collect();
        let actions = match Self::wish(what) {
            Some(wish) => match self.desk.grant(now_ms, wish) {
                Ok((_, actions)) => actions,
                Err(refusal) => return writeln!(self.text, "    refused: {refusal}").unwrap(),
            },
            None => self.desk.hear(now_ms, self.news(what)),
        };
        let name = |id: &JobId| names.get(id).cloned().unwrap_or_else(|| self.name(id));
        let mut lines: Vec<String> = Vec::new();
        for id in names.keys().chain(self.desk.jobs.keys().filter(|id| !names.contains_key(*id))) {
            let (was, is) = (before.get(id).copied(), self.desk.jobs.get(id).map(|job| job.state));
            if was != is {
                let reason = self.desk.jobs.get(id).and_then(|job| job.reason.as_ref());
                let reason = reason.map(|reason| format!(" ({})", reason.message)).unwrap_or_default();
                let word = |state: Option<State>| state.map_or("-", State::name);
                lines.push(format!("{}: {} -> {}{reason}", name(id), word(was), word(is)));
            }
        }
        lines.sort();
        for action in actions {
            lines.push(match action {
                // A change of state is saved; that is told where it changed.
                Action::Save(_) => continue,
                Action::Open(id) => format!("open {}", name(&id)),
                Action::Start { ticket, id } => format!("start {} as {}", name(&id), ticket.0),
                Action::Kill(ticket) => format!("kill {}", ticket.0),
                Action::Finish(ticket) => format!("finish {}", ticket.0),
                Action::Quarantine(id) => format!("quarantine {}", name(&id)),
                Action::Release(id) => format!("release {}", name(&id)),
                Action::Look => "look".to_owned(),
                Action::Tell(id) => format!("tell {}", name(&id)),
            });
        }
        for line in lines {
            writeln!(self.text, "    {line}").unwrap();
        }
    }
}

/// The case as it comes out when its events are told to a desk.
fn play(text: &str) -> String {
    let mut case = Case { desk: Desk { rules: rules(""), ..Desk::default() }, text: String::new() };
    for line in text.lines().filter(|line| !line.starts_with("    ")) {
        writeln!(case.text, "{line}").unwrap();
        if let Some(words) = line.strip_prefix("rules ") {
            case.desk.rules = rules(words);
        } else if !line.is_empty() && !line.starts_with('#') {
            case.event(line);
        }
    }
    case.text
}

#[test]
fn the_desk_does_what_the_cases_say() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/watch/desk/cases");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 5);
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let played = play(&text);
        if std::env::var_os("CUESMITH_WRITE_CASES").is_some() {
            fs::write(&path, &played).unwrap();
            continue;
        }
        assert_eq!(played, text, "{}", path.display());
    }
}

#[test]
fn every_change_of_state_but_a_first_look_is_saved() {
    let mut desk = Desk::new(Rules { settle_ms: 0, ..Rules::default() }, []);
    let saw = News::Saw { folder: FOLDER.into(), input: input("a.mp4"), stamp: Some(stamp("9")) };
    assert_eq!(desk.hear(0, saw), [Action::Open(id("a.mp4"))]);
    let ready = Opened::Ready(Digest::of(b"a"));
    let actions = desk.hear(1, News::Opened { id: id("a.mp4"), stamp: stamp("9"), opened: ready });
    let start = Action::Start { ticket: Ticket(1), id: id("a.mp4") };
    assert_eq!(actions, [Action::Save(id("a.mp4")), Action::Save(id("a.mp4")), start]);
}

#[test]
fn the_next_moment_is_told_so_that_nobody_has_to_ask_again_and_again() {
    let mut desk = Desk::new(Rules::default(), []);
    assert_eq!(desk.next_ms(0), None);
    desk.hear(100, News::Saw { folder: FOLDER.into(), input: input("a.mp4"), stamp: Some(stamp("9")) });
    assert_eq!(desk.next_ms(100), Some(5100));
    desk.hear(5100, News::Tick);
    assert_eq!(desk.next_ms(5100), None, "it is being opened");
    assert!(!desk.is_idle());
}
