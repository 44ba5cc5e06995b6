//! The recipe of a run.json, ready to run once more: its resolved form goes the same way as any recipe.

use std::{fs, path::Path};

use serde_json::Value;

use super::{
    recipe_args::OverrideArgs,
    trouble::{trouble, usage},
};
use crate::{
    digest::Digest,
    error::Exit,
    report::{FileDigest, PastRun, Planned, RecipeFacts},
};

/// Plans `resolved`, a resolved form of the past run, with values laid over it; `desk` is a folder for its text.
pub(super) fn plan(past: &PastRun, resolved: &Value, set: &[String], desk: &Path) -> Result<Planned, Exit> {
    let path = desk.join("resolved.toml");
    let text = text(resolved).map_err(|error| usage(format!("the resolved recipe in run.json: {error}")))?;
    fs::write(&path, text).map_err(|error| trouble(Exit::Internal, format!("writing {}: {error}", path.display())))?;
    let overrides = OverrideArgs { set: set.to_vec(), seed: Some(past.seed) };
    let (recipe, plan) = overrides.load(&path, None)?;
    let facts =
        RecipeFacts { path: past.recipe.path.0.clone(), digest: past.recipe.digest, resolved: recipe.to_json() };
    Ok(Planned { facts, plan, asked_clip: false, hits: Vec::new(), printed: Vec::new() })
}

/// Without the seed, which TOML can't hold in full; it comes as an override.
fn text(resolved: &Value) -> Result<String, toml::ser::Error> {
    let mut resolved = resolved.clone();
    if let Some(header) = resolved.get_mut("recipe").and_then(Value::as_object_mut) {
        header.remove("seed");
    }
    toml::to_string(&resolved)
}

/// A file of the run that is not what it was.
pub(super) fn check_file(what: &str, file: &FileDigest) -> Result<(), String> {
    let (path, was) = (&file.path.0, file.digest);
    let is = Digest::of_file(path).map_err(|error| format!("{what} {}: {error}", path.display()))?;
    if is == was {
        return Ok(());
    }
    let (path, was, is) = (path.display(), was.short(), is.short());
    Err(format!("{what} {path} has changed since the run (digest {was} then, {is} now); put the old file back"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::run::protocol::FilePath;

    #[test]
    fn an_input_that_changed_is_no_replay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clip.mp4");
        fs::write(&path, "one").unwrap();
        let input = FileDigest { path: FilePath(path.clone()), digest: Digest::of(b"one") };
        assert_eq!(check_file("input", &input), Ok(()));
        fs::write(&path, "two").unwrap();
        assert!(check_file("input", &input).unwrap_err().contains("has changed since the run"));
        fs::remove_file(&path).unwrap();
        assert!(check_file("input", &input).unwrap_err().contains("No such file"));
    }

    #[test]
    fn a_seed_that_toml_cannot_hold_is_no_obstacle() {
        let text = text(&json!({ "recipe": { "name": "vlog", "seed": u64::MAX } })).unwrap();
        assert_eq!(text, "[recipe]\nname = \"vlog\"\n");
    }
}
