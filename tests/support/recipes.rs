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
