//! How long a hook takes through the child, from question to answer.

use std::time::{Duration, Instant};

use super::testing::bundle;
use crate::{
    arrange::testing::Example,
    music::Note,
    script::{Answer, ArrangeCall, Ask, HookCall, HookReply, ask},
    seed::Seed,
};

const NOTES: usize = 10_000;
const ALLOWED: Duration = Duration::from_millis(500);

/// Two of the usual loops over all notes, and a few helpers.
const SCRIPT: &str = "
    fn style() { #{ about: \"many notes\", base: \"piano\" } }
    fn notes(track, notes) {
        let changed = [];
        for note in notes {
            if note.beat == 1.0 { note.velocity += 5; }
            changed.push(note);
        }
        changed
    }
    fn arrange(score) {
        let piano = score.track(\"piano\");
        piano.notes = piano.notes.filter(|note| note.pitch > 20).swing(0.3).humanise(0.01, 3);
        score
    }";

fn large() -> Example {
    let bars = NOTES / 32;
    let mut example = Example::plain(bars + 1);
    let steps = (0..bars as u32 * 16).flat_map(|start| {
        [52, 55].map(|pitch| Note { start, pitch: pitch + (start % 7) as u8, duration: 1, velocity: 70 })
    });
    example.accompaniment.takes[0] = steps.collect();
    example
}

/// The program is built beside the tests when all are run.
#[test]
#[expect(clippy::print_stderr, reason = "figures for people")]
fn ten_thousand_notes_go_through_a_hook_in_half_a_second() {
    let program = std::env::current_exe().unwrap();
    if !program.ancestors().nth(2).unwrap().join("cuesmith").exists() {
        return;
    }
    let example = large();
    let call = HookCall::Arrange(Box::new(ArrangeCall::new(&example.take(), Seed::master(1))));
    let bundle = bundle("many.rhai", SCRIPT).unwrap();
    // The machine may be busy with other things: what counts is the child's own time, the least of a few.
    let once = || {
        let (begun, before) = (Instant::now(), childrens_time());
        let answer = ask(Ask::Hook { bundle: bundle.clone(), call: Box::new(call.clone()) }).unwrap();
        let took = (childrens_time().saturating_sub(before), begun.elapsed());
        let Answer::Hook { reply, .. } = answer else { panic!() };
        let HookReply::Arrange { parts, .. } = *reply else { panic!() };
        assert!(parts.iter().map(|part| part.notes.len()).sum::<usize>() >= NOTES);
        took
    };
    let (took, clock) = (0..4).map(|_| once()).min().unwrap();
    eprintln!("{NOTES} notes: {took:.0?} of the child, {clock:.0?} by the clock");
    assert!(took < ALLOWED, "{took:?}");
}

/// Of all children that ended.
fn childrens_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[13].parse::<u64>().unwrap() + fields[14].parse::<u64>().unwrap();
    Duration::from_millis(1000 * ticks / rustix::param::clock_ticks_per_second())
}
