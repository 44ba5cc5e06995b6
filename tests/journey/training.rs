//! Training in miniature: from POP909 to a weight file that composes.

use super::Scored;
use crate::support::{Project, data, demo_clip};

#[test]
#[ignore = "takes minutes: make test-long"]
fn a_few_steps_give_weights_that_compose() {
    let Some(data) = data() else { return };
    let project = Project::new();
    let recipe = concat!(env!("CARGO_MANIFEST_DIR"), "/recipes/train/chords.toml");
    let folder = format!("stages.corpus.folder={}", data.join("pop909").display());
    let mut train = vec!["run", recipe, "--set", &folder];
    let small = ["steps=40", "validate_every=20", "layers=2", "width=64"].map(|set| format!("stages.chords.{set}"));
    for set in &small {
        train.extend(["--set", set]);
    }
    project.run(&train).code(0);
    let trained = project.path().join("out/train-chords");
    let card = std::fs::read_to_string(trained.join("chords.md")).unwrap();
    assert!(card.contains("POP909") && card.contains("this model, test"), "{card}");
    assert!(trained.join("chords.png").is_file());
    let weights = format!("stages.chords.weights={}", trained.join("chords.safetensors").display());
    let clip = demo_clip();
    let score = ["run", "demo", "--preview", "6", "--input", clip.to_str().unwrap(), "--set", &weights];
    project.run(&score).code(0);
    assert!(Scored::at(project.path().join("out/big-buck-bunny")).notes_in_midi() > 0);
}
