//! `cuesmith doctor`.

use crate::support::Project;

#[test]
fn what_is_missing_is_named_with_the_next_step() {
    let project = Project::new();
    let outcome = project.run(&["doctor"]).code(2).stderr("");
    let line = outcome.stdout.lines().find(|line| line.contains("weights chords")).unwrap();
    assert!(line.starts_with("MISSING"), "{line}");
    assert!(line.contains("store/models/chords.safetensors") && line.contains("recipes/train/chords.toml"), "{line}");
    assert!(outcome.stdout.starts_with("ok      cuesmith "), "{outcome:?}");
}

#[test]
fn machines_get_one_object_a_line() {
    let outcome = Project::new().run(&["doctor", "--json"]).code(2);
    for line in outcome.stdout.lines() {
        let finding: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(finding["what"].is_string() && finding["state"].is_string(), "{line}");
    }
}
