//! What the tests of scripts share: a script over a made piece, in this process.

use crate::{
    arrange::{ArrangeError, arrange, testing::Example},
    artifact::Score,
    script::{Bundle, Manuscript, ScriptError, ScriptLimits, Survey, survey},
    seed::Seed,
};

/// A script that was surveyed, so that wrong calls are found as people find them.
pub(crate) fn bundle(name: &str, text: &str) -> Result<Bundle, ScriptError> {
    survey::survey(&manuscript(name, text, Vec::new())).map(|Survey { bundle, .. }| bundle)
}

/// A style as it lies in scripts/styles, with the modules beside it.
pub(crate) fn style(name: &str) -> Bundle {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join(format!("scripts/styles/{name}.rhai"))).unwrap();
    let found = survey::survey(&manuscript(&format!("{name}.rhai"), &text, vec![root.to_owned()]));
    found.unwrap_or_else(|error| panic!("{error}")).bundle
}

fn manuscript(name: &str, text: &str, roots: Vec<std::path::PathBuf>) -> Manuscript {
    Manuscript { name: name.to_owned(), text: text.to_owned(), home: None, roots, limits: limits() }
}

/// A score of a script over an example.
pub(crate) fn played(example: &Example, text: &str) -> Result<Score, ScriptError> {
    let bundle = bundle("test.rhai", text)?;
    match arrange(&example.take(), &bundle, Seed::master(1)) {
        Ok(score) => Ok(score),
        Err(ArrangeError::Script(error)) => Err(*error),
        Err(other) => panic!("{other}"),
    }
}

/// Runs statements in `arrange` over twelve bars of intro, a, outro; `score` is the score.
pub(crate) fn tried(statements: &str) -> Result<Score, ScriptError> {
    played(&made(), &format!("fn arrange(score) {{ {statements}; score }}"))
}

pub(crate) fn made() -> Example {
    let mut example = Example::plain(12);
    example.sections(&[("intro", 2), ("a", 4), ("a'", 4), ("outro", 2)]);
    example.energy(0.2, 14.0);
    example
}

/// The guard looks at the whole process, which tests share.
fn limits() -> ScriptLimits {
    ScriptLimits { memory_mib: 1 << 14, deadline_seconds: 60, ..ScriptLimits::default() }
}

/// Runs every hook that a script has, over a made piece.
pub(crate) fn all_hooks(text: &str) -> Result<(), ScriptError> {
    let example = made();
    let bundle = bundle("snippet.rhai", text)?;
    let seed = Seed::master(1);
    crate::script::conditions_through(&bundle, &example.plan, example.conditions.clone(), seed)?;
    crate::script::chords_through(&bundle, &example.plan, example.chords.clone(), seed)?;
    let candidate = |likeness| crate::script::Candidate {
        passes: true,
        likeness,
        percentile: 50.0,
        chords: example.chords.takes[0].clone(),
        melody: example.melody.takes[0].clone(),
        accompaniment: example.accompaniment.takes[0].clone(),
    };
    crate::script::chosen_by(&bundle, &example.plan, [0.2, 0.4].map(candidate).into(), seed)?;
    played(&example, text).map(drop)
}
