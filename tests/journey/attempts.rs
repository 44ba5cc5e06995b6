//! One take of several, and a piece that is composed anew: what a check or the picture asks for, with the real program.

use crate::support::{COMPOSE, Project, demo_clip};

const RESULTS: &str = "out/big-buck-bunny/run.json";
/// Picks a take, and holds it against more than any music reaches.
const PICK: &str = r#"
[stages.best]
node = "select.best"
inputs = { plan = "cue", conditions = "conditions", chords = "chords", melody = "melody", accompaniment = "accompaniment", color = "color", motion = "motion" }

[checks.fit]
node = "check.vmcp"
inputs = { plan = "cue", score = "score", chords = "best", color = "color", motion = "motion", picked = "best.report" }
min_percentile = 100
on_fail = "reroll"
rerolls = 2
"#;

fn project() -> Project {
    let picked = "chords = \"best\", melody = \"best.melody\", accompaniment = \"best.accompaniment\" }";
    let all = "chords = \"chords\", melody = \"melody\", accompaniment = \"accompaniment\" }";
    assert!(COMPOSE.contains(all));
    Project::new().file("compose.toml", format!("{}{PICK}", COMPOSE.replace(all, picked)))
}

#[test]
fn what_no_attempt_reaches_is_tried_so_often_and_the_best_stays() {
    let project = project();
    let clip = demo_clip();
    let arguments = |command: &'static str| {
        let fixed = [command, "compose.toml", "--input", clip.to_str().unwrap(), "--preview", "8"];
        [&fixed[..], &["--set", "candidates=2", "--set", "take=auto"]].concat()
    };
    let outcome = project.run(&arguments("run")).code(0);
    let run = project.json(RESULTS);
    let refused = run["attempts"]["refused"].as_array().unwrap().clone();
    assert_eq!(refused.len(), 3, "{outcome:?}");
    let shortfall = |place: usize| refused[place]["shortfall"].as_f64().unwrap();
    let kept = run["attempts"]["kept"].as_u64().unwrap() as usize - 1;
    assert!((0..3).all(|place| shortfall(kept) <= shortfall(place)), "{refused:?}");
    assert_eq!(run["checks"]["fit"]["values"]["candidates"], 2);
    let outcome = outcome.stderr_has("refused, attempt 2 follows: fit: the music goes with the picture better than");
    assert!(outcome.stderr.contains(&format!("attempt {} of 3 is kept", kept + 1)), "{outcome:?}");

    let again = project.run(&arguments("run")).code(0);
    assert!(again.stdout.contains("13 of 13 stages from the cache"), "{again:?}");
    let explained = project.run(&arguments("explain")).code(0);
    assert!(explained.stdout.lines().all(|line| line.contains(" hit ")), "{explained:?}");
    project.run(&["replay", "out/big-buck-bunny"]).code(0);
}
