//! The order of a plan and the circles in it, over random graphs of stages that take a score and give one.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::Project;

/// For each stage the one it reads. A score must come from somewhere, so every graph of these alone has a circle;
/// stage 0 therefore is another node where `has_start`.
fn recipe(reads: &[usize], has_start: bool) -> String {
    let edited = |n: usize, read: usize| {
        format!("[stages.s{n}]\nnode = \"arrange.edited\"\ninputs.score = \"s{read}\"\nfile = \"test.sf2\"\n")
    };
    let stages: String =
        reads.iter().enumerate().skip(usize::from(has_start)).map(|(n, read)| edited(n, *read)).collect();
    if has_start { format!("{stages}{START}") } else { stages }
}

const START: &str = r#"
[stages.s0]
node = "arrange.style"
inputs = { plan = "cue", conditions = "conditions", chords = "chords", melody = "melody", accompaniment = "bass" }
[stages.source]
node = "source.video"
[stages.color]
node = "feature.color"
inputs = { media = "source", frames = "source" }
[stages.motion]
node = "feature.motion"
inputs = { media = "source", frames = "source" }
[stages.shots]
node = "feature.shots"
inputs = { frames = "source" }
[stages.cue]
node = "plan.cue"
inputs = { media = "source", cuts = "shots", color = "color", motion = "motion" }
[stages.conditions]
node = "plan.conditions"
inputs = { plan = "cue", color = "color", motion = "motion" }
[stages.chords]
node = "generate.chords"
inputs = { plan = "cue", conditions = "conditions" }
[stages.melody]
node = "generate.melody"
inputs = { plan = "cue", conditions = "conditions", chords = "chords" }
[stages.bass]
node = "generate.accompaniment"
inputs = { plan = "cue", conditions = "conditions", chords = "chords", melody = "melody" }
"#;

/// How many circles there are when each stage reads one.
fn circles(reads: &[usize]) -> usize {
    let ends = (0..reads.len()).map(|start| (0..reads.len()).fold(start, |stage, _| reads[stage]));
    let circle = |stage: usize| {
        let members = std::iter::successors(Some(stage), |member| Some(reads[*member])).take(reads.len());
        members.min().unwrap_or(stage)
    };
    ends.map(circle).collect::<BTreeSet<usize>>().len()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_stage_comes_once_and_after_what_it_reads(seeds in proptest::collection::vec(any::<usize>(), 1..12)) {
        let project = Project::new();
        let reads: Vec<usize> = seeds.iter().enumerate().map(|(n, seed)| seed % n.max(1)).collect();
        project.write("my.toml", recipe(&reads, true));
        let plan = project.plan("my.toml", &[]).unwrap();
        prop_assert_eq!(plan.stages.len(), reads.len() + START.matches("node = ").count() - 1);
        let mut done = BTreeSet::new();
        for stage in &plan.stages {
            for edge in stage.inputs.values().flatten() {
                prop_assert!(done.contains(&edge.stage), "{} before {}", stage.name, edge.stage);
            }
            prop_assert!(done.insert(stage.name.clone()));
        }
    }

    #[test]
    fn every_circle_is_told_of_once(seeds in proptest::collection::vec(any::<usize>(), 1..10)) {
        let project = Project::new();
        let reads: Vec<usize> = seeds.iter().map(|seed| seed % seeds.len()).collect();
        let shown = project.errors_of(&recipe(&reads, false), &[]);
        prop_assert_eq!(shown.matches("in a circle").count(), circles(&reads), "{}", shown);
    }
}
