//! Hits by hand: how they are written, and what is said of wrong ones.

use serde_json::json;

use super::{OVER_BASE, Project, errors_over_base};

fn hits(text: &str, set: &[&str]) -> serde_json::Value {
    let project = Project::new();
    project.write("my.toml", format!("{OVER_BASE}{text}"));
    let plan = project.plan("my.toml", set).unwrap_or_else(|errors| panic!("{}", errors.render(false)));
    plan.stage("cue").unwrap().params["hits"].clone()
}

#[test]
fn a_table_each_in_any_order() {
    let text = "[[hits]]\ntime = 20\nkind = \"start\"\n\n[[hits]]\ntime = 12.4\nkind = \"stop\"\n";
    let expected = json!([{ "time": 12.4, "kind": "stop" }, { "time": 20.0, "kind": "start" }]);
    assert_eq!(hits(text, &[]), expected);
    assert_eq!(hits("", &[]), json!([]));
    assert_eq!(hits(text, &["hits=[{ time = 3, kind = \"accent\" }]"]), json!([{ "time": 3.0, "kind": "accent" }]));
}

#[test]
fn what_is_wrong_with_a_hit_is_shown_where_it_is_written() {
    let hit = |lines: &str| errors_over_base(&format!("[[hits]]\n{lines}\n"));
    for (lines, parts) in [
        ("time = 3.0", vec!["a hit says no kind", "add `kind`"]),
        ("kind = \"stop\"", vec!["a hit says no time"]),
        ("time = -1\nkind = \"stop\"", vec!["`time` of a hit is out of range: -1", "time = -1", "^^"]),
        ("time = 1\nkind = \"bang\"", vec!["unknown choice `bang`", "accent"]),
        ("time = 1\nkind = \"stop\"\nbar = 3", vec!["unknown key `bar` in a hit", "bar = 3"]),
        (
            "time = 8\nkind = \"stop\"\n[[hits]]\ntime = 8.3\nkind = \"accent\"",
            vec!["two hits are 0.30 s apart, less than a beat of 0.48 s", "my.toml:", "too near to the one before"],
        ),
    ] {
        let shown = hit(lines);
        assert!(parts.iter().all(|part| shown.contains(part)), "{shown}");
    }
    assert!(errors_over_base("[knobs]\nhits = 3\n").contains("takes a list of hits"));
}
