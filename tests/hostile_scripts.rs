//! Scripts that want too much: each ends with an error that says what and where, with exit code 2, in time, and within
//! the memory that scripts have.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use crate::support::{Outcome, Project};

const LONGEST: Duration = Duration::from_secs(7);
const MOST_MIB: u64 = 1200;

struct Ended {
    outcome: Outcome,
    took: Duration,
    /// Most resident memory of the program and all it started.
    peak_mib: u64,
}

/// Checks a graph script with the program as people have it.
fn check(script: &str, set: &[&str]) -> Ended {
    let project = Project::new().file("hostile.rhai", script).file("around.rhai", "import \"hostile\" as h;\n");
    let mut arguments = vec!["check", "hostile.rhai"];
    for value in set {
        arguments.extend(["--set", value]);
    }
    let begun = Instant::now();
    let mut child = project
        .command(&arguments)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut peak_mib = 0;
    while child.try_wait().unwrap().is_none() {
        peak_mib = peak_mib.max(resident_mib(child.id()));
        thread::sleep(Duration::from_millis(5));
    }
    let took = begun.elapsed();
    Ended { outcome: project.outcome(&child.wait_with_output().unwrap()), took, peak_mib }
}

fn resident_mib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let own = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let own = own.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) >> 10;
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    own + children.split_whitespace().filter_map(|child| child.parse().ok()).map(resident_mib).sum::<u64>()
}

/// `line` is where the error has to point.
fn refuses(script: &str, line: usize, message: &str) {
    refuses_with(script, &[], line, message);
}

/// For what only time ends: a short deadline, so that the tests end too.
fn runs_out(script: &str, line: usize) {
    refuses_with(script, &["scripts.deadline_seconds=1"], line, "takes longer than 1 s");
}

fn refuses_with(script: &str, set: &[&str], line: usize, message: &str) {
    let Ended { outcome, took, peak_mib } = check(script, set);
    assert!(took < LONGEST, "{took:?}: {outcome:?}");
    assert!(peak_mib < MOST_MIB, "{peak_mib} MiB: {outcome:?}");
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(outcome.stderr.contains(message), "{outcome:?}");
    assert!(outcome.stderr.contains(&format!(" --> hostile.rhai:{line}:")), "{outcome:?}");
}

/// A style whose hooks get eight bars.
fn refuses_style(script: &str, message: &str, place: &str) {
    let project = Project::new().file("hostile.rhai", script);
    let begun = Instant::now();
    let outcome = project.run(&["styles", "--preview", "hostile.rhai"]).code(2);
    assert!(begun.elapsed() < LONGEST, "{outcome:?}");
    assert!(outcome.stderr.contains(message), "{outcome:?}");
    assert!(outcome.stderr.contains(place), "{outcome:?}");
}

#[test]
fn hooks_end_with_their_line_and_bar() {
    refuses_style(
        "fn arrange(score) {\n    let i = 0;\n    loop { i += 1; }\n}",
        "takes longer than 5 s",
        "hostile.rhai:3:",
    );
    refuses_style(
        "fn arrange(score) {\n    let k = [];\n    for bar in score.bars {\n        loop { k.push(bar.number); k += k; }\n    }\n}",
        "too large",
        "hostile.rhai:4:",
    );
}

#[test]
fn host_functions_give_no_giants() {
    refuses_style(
        "fn arrange(score) {\n    let piano = score.track(\"piano\");\n    loop { piano.notes = piano.notes + piano.notes; }\n}",
        "100000 are allowed",
        "hostile.rhai:3:",
    );
    refuses_style(
        "fn arrange(score) {\n    for i in 0..100 {\n        score.add(track(\"t\" + i, \"pad\", \"warm pad\", [note(1, 1, 1, 60, 80)]));\n    }\n}",
        "32 tracks",
        "hostile.rhai:3:",
    );
    refuses_style(
        "fn notes(track, notes) {\n    notes[3].pitch = 200;\n    notes\n}",
        "0 to 127 are allowed",
        "hostile.rhai:2:",
    );
    refuses_style("fn arrange(score) {\n    #{}\n}", "`arrange` gives the score back", "hostile.rhai");
}

#[test]
fn an_endless_loop_ends_at_the_deadline_that_ships() {
    refuses("let i = 0;\nloop { i += 1; }", 2, "takes longer than 5 s");
}

#[test]
fn loops_end() {
    runs_out("loop { }", 1);
    runs_out("let a = [];\nfor i in 0..9000000000000 {\n    a = [i];\n}", 3);
    runs_out("let x = 0;\nloop {\n    try { throw 1; } catch (e) { x += 1; }\n}", 3);
    runs_out("let a = [];\na.pad(1000, 1);\nloop { a.sort(|x, y| 0); }", 3);
}

#[test]
fn recursion_ends() {
    refuses("fn f(x) { f(x + 1) }\nf(0);", 2, "functions call each other too deeply");
    refuses("fn a(x) {\n    b(x)\n}\nfn b(x) {\n    a(x)\n}\na(1);", 7, "functions call each other too deeply");
}

#[test]
fn doubling_ends() {
    refuses("let s = \"x\";\nloop { s += s; }", 2, "length of string too large");
    refuses("let s = \"x\";\nloop { s = `${s}${s}`; }", 2, "length of string too large");
    refuses("let a = [1];\nloop {\n    a += a;\n}", 3, "too large");
    refuses("let a = [1, 2];\nloop {\n    a.append(a);\n}", 3, "250000 are allowed");
    refuses("let a = [];\nloop {\n    a.push(a);\n}", 3, "too large");
}

#[test]
fn maps_that_grow_by_index_end() {
    let script = "let big = \"x\";\nfor i in 0..19 { big += big; }\nlet m = #{};\nlet i = 0;\nloop {\n    m[\"k\" + i] = big + i; i += 1;\n}";
    refuses(script, 6, "MiB");
}

#[test]
fn captures_and_curries_end() {
    let capture = "let a = [];\nlet big = [];\nbig.pad(10000, \"0123456789\");\nloop {\n    let copy = big + [1]; a.push(|| copy.len());\n}";
    let curry = "fn f(a, b) { b }\nlet fs = [];\nlet big = [];\nbig.pad(20000, 7);\nloop {\n    fs.push(Fn(\"f\").curry(big + [1]));\n}";
    refuses(capture, 5, "MiB");
    refuses(curry, 6, "MiB");
}

#[test]
fn chains_of_closures_end() {
    refuses(
        "let f = || 0;\nfor i in 0..5000 {\n    let g = f;\n    f = || g.call() + 1;\n}\nf.call();",
        6,
        "too deeply",
    );
    let Ended { outcome, took, peak_mib } =
        check("let f = || 0;\nloop {\n    let g = f;\n    f = || g.call() + 1;\n}", &[]);
    assert!(outcome.code == Some(2) && took < LONGEST && peak_mib < MOST_MIB, "{outcome:?} {took:?} {peak_mib} MiB");
    let lines = [" --> hostile.rhai:3:", " --> hostile.rhai:4:"];
    assert!(lines.iter().any(|line| outcome.stderr.contains(line)), "{outcome:?}");
}

#[test]
fn the_library_gives_no_giants() {
    refuses("let s = \"x\";\nfor i in 0..20 { s += s; }\ns.replace(\"x\", s);", 3, "`replace` would make a text of");
    refuses("let s = \"ab\";\nloop { s.replace(\"a\", \"aaaa\"); }", 2, "`replace` would make a text of");
    refuses("let s = \"\";\ns.pad(2000000000, \"x\");", 2, "too large");
    refuses("let a = [];\na.pad(2000000000, 0);", 2, "too large");
    refuses("let b = blob(4000000000, 1);", 1, "scripts have no blobs");
    refuses(
        "let s = \"x\";\nfor i in 0..20 { s += s; }\nlet k = [];\nloop {\n    k.push(s.split(\"\"));\n}",
        5,
        "too large",
    );
}

#[test]
fn no_script_waits_or_writes_itself() {
    refuses("let x = 1;\nsleep(100);", 2, "a script can't wait");
    refuses("let x = 1;\neval(\"loop {}\");", 2, "'eval'");
}

#[test]
fn grammar_has_a_depth() {
    refuses(&format!("let x = {}1{};", "(".repeat(5000), ")".repeat(5000)), 1, "exceeds maximum complexity");
    refuses(&format!("let x = {}{};", "[".repeat(5000), "]".repeat(5000)), 1, "exceeds maximum complexity");
}

#[test]
fn graphs_have_a_size() {
    refuses("for i in 0..1000000 {\n    source_video(\"s\" + i);\n}", 2, "at most 20000");
}

#[test]
fn modules_stay_in_their_folders() {
    refuses("import \"../../etc/passwd\" as p;", 1, "leads out of the scripts' folders");
    refuses("import \"/etc/passwd\" as p;", 1, "leads out of the scripts' folders");
    let circle = check("import \"around\" as a;", &[]).outcome;
    assert!(circle.code == Some(2) && circle.stderr.contains("modules import each other in a circle"), "{circle:?}");
}
