//! Training in miniature: from rated pieces and POP909 to weight files that compose.

use std::path::{Path, PathBuf};

use super::Scored;
use crate::support::{Project, data, demo_clip};

const PARTS: [&str; 3] = ["chords", "melody", "accompaniment"];

/// Each recipe of `recipes/train` that ships weights for composing, one after the other, as docs/training.md tells it.
#[test]
#[ignore = "takes minutes: make test-long"]
fn a_few_steps_from_raw_data_give_weights_that_compose() {
    let Some(data) = data() else { return };
    let project = Project::new();
    let meter = train(&project, "music_affect", &[format!("stages.ratings.folder={}", data.join("vgmidi").display())]);
    let songs = format!("stages.corpus.folder={}", data.join("pop909").display());
    let index = train(&project, "original", std::slice::from_ref(&songs));
    let mut score = vec![];
    for part in PARTS {
        let small = ["steps=40", "validate_every=20", "layers=2", "width=64"].map(|set| format!("stages.{part}.{set}"));
        let chain = [songs.clone(), format!("stages.labels.weights={}", meter.display())];
        let weights = train(&project, part, &[&chain[..], &small].concat());
        assert_curve(&weights, part);
        score.push(format!("stages.{part}.weights={}", weights.display()));
    }
    for user in ["stages.melody.original", "stages.accompaniment.original", "checks.original.weights"] {
        score.push(format!("{user}={}", index.display()));
    }
    let clip = demo_clip();
    let mut run = vec!["run", "demo", "--preview", "6", "--input", clip.to_str().unwrap()];
    run.extend(score.iter().flat_map(|set| ["--set", set.as_str()]));
    project.run(&run).code(0);
    assert!(Scored::at(project.path().join("out/big-buck-bunny")).notes_in_midi() > 0);
}

/// Runs a training recipe; says where its weights lie.
fn train(project: &Project, name: &str, sets: &[String]) -> PathBuf {
    let recipe = format!("{}/recipes/train/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let mut run = vec!["run", &recipe];
    run.extend(sets.iter().flat_map(|set| ["--set", set.as_str()]));
    project.run(&run).code(0);
    let folder = project.path().join("out").join(format!("train-{}", name.replace('_', "-")));
    let weights = folder.join(name).with_extension("safetensors");
    assert!(weights.is_file(), "{}", weights.display());
    weights
}

fn assert_curve(weights: &Path, part: &str) {
    let card = std::fs::read_to_string(weights.with_extension("md")).unwrap();
    assert!(card.contains("POP909") && card.contains("this model, test"), "{part}: {card}");
    assert!(weights.with_extension("png").is_file(), "{part}");
}
