//! Small recipes.

/// Measures a video and looks for cuts; exports nothing but run.json.
pub(crate) const LOOK: &str = r#"
[recipe]
name = "look"

[stages.source]
node = "source.video"

[stages.shots]
node = "feature.shots"
inputs = { frames = "source" }
"#;

/// Composes music for a video and writes it down; plays nothing.
pub(crate) const COMPOSE: &str = r#"
[recipe]
name = "compose"
seed = 3

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

[stages.accompaniment]
node = "generate.accompaniment"
inputs = { plan = "cue", conditions = "conditions", chords = "chords", melody = "melody" }

[stages.score]
node = "arrange.style"
inputs = { plan = "cue", conditions = "conditions", chords = "chords", melody = "melody", accompaniment = "accompaniment" }

[stages.midi]
node = "render.midi"
inputs = { score = "score" }
"#;
