//! The reference of what scripts can call, the definitions for editors, and the tutorial's snippets, held to the code.
//!
//! `CUESMITH_WRITE_DOCS=1` writes the two files anew.

use std::{fs, path::PathBuf};

use super::{api::Entry, entries, instrument, testing};
use crate::{artifact::Role, script::engine};

const WRITE: &str = "CUESMITH_WRITE_DOCS";
const HEAD: &str = "# What scripts can call\n\n\
    Made from the program by a test; `CUESMITH_WRITE_DOCS=1 cargo test --lib reference` writes it anew. Read\n\
    [scripting.md](scripting.md) first. Numbers may be whole or not; where a pitch is asked, a name such as \"C4\" does as\n\
    well. A function can be called with its first value before a point: `notes.swing(0.6)` is `swing(notes, 0.6)`.\n";

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The file says just this; or it is written, where that is asked.
fn says(name: &str, text: &str) {
    if std::env::var_os(WRITE).is_some() {
        fs::write(file(name), text).unwrap();
    }
    let found = fs::read_to_string(file(name)).unwrap_or_default();
    assert!(found == text, "{name} is not what the program says; run the test with {WRITE}=1");
}

fn reference(entries: &[Entry]) -> String {
    let mut groups: Vec<&str> = entries.iter().map(|entry| entry.group).collect();
    groups.dedup();
    let chapters = groups.iter().map(|group| chapter(group, entries.iter().filter(|entry| entry.group == *group)));
    let named =
        |role| instrument::names(role).map(|(number, name)| format!("{number} {name}")).collect::<Vec<_>>().join(", ");
    format!(
        "{HEAD}{}\n## Instruments\n\n{}.\n\nKits of drums: {}.\n",
        chapters.collect::<String>(),
        named(Role::Pad),
        named(Role::Drums)
    )
}

fn chapter<'a>(group: &str, entries: impl Iterator<Item = &'a Entry>) -> String {
    let (properties, functions): (Vec<&Entry>, Vec<&Entry>) = entries.partition(|entry| entry.is_property);
    let property = |entry: &&Entry| {
        let set = if entry.is_writable { "can be set" } else { "" };
        format!("| `{}` | {set} | {} |\n", entry.signature, entry.about)
    };
    let table = if properties.is_empty() { "" } else { "\n| property | | |\n|---|---|---|\n" };
    let gap = if functions.is_empty() { "" } else { "\n" };
    let rows: String = properties.iter().map(property).collect();
    let lines: Vec<String> =
        functions.iter().map(|entry| format!("- `{}`: {}\n", entry.signature, entry.about)).collect();
    let list = lines.concat();
    format!("\n## {group}\n{table}{rows}{gap}{list}")
}

#[test]
fn the_reference_is_what_the_program_says() {
    let entries = entries(&mut rhai::Engine::new());
    for entry in &entries {
        assert!(entry.about.ends_with('.') || entry.about.contains(": "), "{}: a sentence", entry.signature);
    }
    says("docs/scripting-api.md", &reference(&entries));
}

#[test]
fn editors_get_the_definitions() {
    let text = engine::bare().definitions().with_headers(true).include_standard_packages(false).single_file();
    says("scripts/definitions.d.rhai", &text);
}

/// Fenced blocks of ```rhai, with the line they begin at. Others, such as ```rhai graph, are somebody else's.
fn snippets(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in text.lines().enumerate() {
        match (&mut open, line.trim_end()) {
            (None, "```rhai") => open = Some((number + 2, String::new())),
            (Some(_), "```") => found.extend(open.take()),
            (Some((_, snippet)), line) => {
                snippet.push_str(line);
                snippet.push('\n');
            }
            (None, _) => {}
        }
    }
    found
}

#[test]
fn every_snippet_of_the_tutorial_runs() {
    let text = fs::read_to_string(file("docs/scripting.md")).unwrap();
    let snippets = snippets(&text);
    assert!(snippets.len() >= 12, "{} snippets", snippets.len());
    for (line, snippet) in snippets {
        let whole = snippet.lines().any(|line| line.starts_with("fn "));
        let script = if whole { snippet } else { format!("fn arrange(score) {{\n{snippet}\nscore }}") };
        if let Err(error) = testing::all_hooks(&script) {
            panic!("docs/scripting.md, the snippet at line {line}: {error}");
        }
    }
}
