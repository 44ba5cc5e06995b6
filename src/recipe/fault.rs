//! What can be wrong in a recipe. The title says what was written, the label what belongs there, the help what to do.

use crate::{affect::MOODS, artifact::Kind, node::Domain};

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("this is no TOML: {message}")]
    Syntax { message: String },
    #[error("unknown {what} `{name}`{context}")]
    Unknown {
        /// `key`, `knob`, `stage`, `node`.
        what: &'static str,
        name: String,
        /// Where: begins with a space, or is empty.
        context: String,
        known: Vec<String>,
        hint: Option<String>,
    },
    #[error("unknown mood `{word}`")]
    UnknownMood { word: String },
    #[error("{what} can't be {found}")]
    WrongType { what: String, wanted: String, found: String },
    #[error("{what} is out of range: {found}")]
    OutOfRange { what: String, wanted: Domain, found: String },
    #[error("stage `{stage}` says no value for `{param}`")]
    MissingParam { stage: String, param: &'static str, about: &'static str, wanted: Domain },
    #[error("stage `{stage}` says no node")]
    MissingNode { stage: String, known: Vec<String> },
    #[error("{what}: there is no {wanted} {path:?}")]
    MissingFile {
        what: String,
        wanted: &'static str,
        path: String,
        /// Empty for an absolute path.
        looked: String,
        next_step: String,
    },
    #[error("`{name}` is a stage and a check")]
    SameName { name: String },
    #[error("`{name}` can't be the name of a stage")]
    StageName { name: String },
    #[error("`{node}` is no check")]
    NotACheck { stage: String, node: &'static str },
    #[error("`{node}` is a check")]
    CheckAmongStages { stage: String, node: &'static str },
    #[error("{what} goes from {min} down to {max}")]
    TurnedRange { what: String, min: f64, max: f64 },
    #[error("take {take} is to be arranged, but takes are composed up to {candidates}")]
    TakeOverCandidates { take: i64, candidates: i64 },
    #[error("a hit says no {part}")]
    HitLacks { part: &'static str },
    #[error("two hits are {apart:.2} s apart, less than a beat of {beat:.2} s")]
    HitsTooNear { apart: f64, beat: f64 },
    #[error("the hit at {time:.2} s is outside of the video, which ends at {seconds:.2} s")]
    HitOutside { time: f64, seconds: f64 },
    #[error("unknown style `{name}`")]
    UnknownStyle { name: String, known: Vec<String>, looked: String },
    #[error("{message}")]
    Script { message: String, help: Vec<String> },
    #[error("{script} defines no function `{hook}`")]
    NoHook { script: String, hook: &'static str },
    #[error("can't read the recipe {path:?}: {reason}")]
    Unreadable { path: String, reason: String, known: Vec<String> },
    #[error("recipes extend each other in a circle: {chain}")]
    ExtendsCircle { chain: String },
    #[error("an override is PATH=VALUE: {reason}")]
    Override { reason: &'static str },
    #[error("stage `{stage}` lacks the input `{port}`")]
    MissingInput { stage: String, port: &'static str, about: &'static str, kind: Kind, candidates: Vec<String> },
    #[error("input `{port}` of stage `{stage}` takes {wanted:?}, but `{reference}` gives {found}")]
    WrongKind {
        stage: String,
        port: &'static str,
        wanted: Kind,
        reference: String,
        found: String,
        candidates: Vec<String>,
    },
    #[error("stage `{reference}` has several outputs of kind {kind:?}")]
    Ambiguous { reference: String, kind: Kind, candidates: Vec<String> },
    #[error("input `{port}` of stage `{stage}` takes one {kind:?}, not {found}")]
    Arity { stage: String, port: &'static str, kind: Kind, found: String },
    #[error("recipe `{name}` has no stages")]
    NoStages { name: String, is_style: bool },
    #[error("stages wait for each other in a circle: {chain}")]
    Cycle { chain: String },
}

impl Fault {
    /// Under the caret.
    pub(super) fn label(&self) -> String {
        match self {
            Self::Syntax { .. } | Self::Script { .. } => "here".to_owned(),
            Self::Unknown { name, known, .. } => {
                did_you_mean(name, known).unwrap_or_else(|| "not known here".to_owned())
            }
            Self::UnknownMood { word } => nearest(word, MOODS.iter().map(|mood| mood.word))
                .map_or_else(|| "not known here".to_owned(), |near| format!("did you mean `{near}`?")),
            Self::UnknownStyle { name, known, .. } => {
                did_you_mean(name, known).unwrap_or_else(|| "not known here".to_owned())
            }
            Self::NoHook { hook, .. } => format!("needs `fn {hook}(...)`"),
            Self::WrongType { wanted, .. } => format!("takes {wanted}"),
            Self::OutOfRange { wanted, .. } => format!("takes {wanted}"),
            Self::MissingParam { param, wanted, .. } => format!("add `{param}`: {wanted}"),
            Self::MissingNode { stage, known } => {
                did_you_mean(stage, known).unwrap_or_else(|| "add `node = \"...\"`".to_owned())
            }
            Self::MissingFile { .. } => "not found".to_owned(),
            Self::SameName { .. } => "stages and checks share their names".to_owned(),
            Self::StageName { .. } => "allowed: letters, digits, `_` and `-`".to_owned(),
            Self::NotACheck { stage, .. } => format!("write it as `[stages.{stage}]`"),
            Self::CheckAmongStages { stage, .. } => format!("write it as `[checks.{stage}]`"),
            Self::TurnedRange { .. } => "`min` is at most `max`".to_owned(),
            Self::TakeOverCandidates { candidates, .. } => format!("allowed: 1 to {candidates}"),
            Self::HitLacks { part } => format!("add `{part}`"),
            Self::HitsTooNear { .. } => "too near to the one before".to_owned(),
            Self::HitOutside { .. } => "no picture here".to_owned(),
            Self::Unreadable { .. } => "not readable".to_owned(),
            Self::ExtendsCircle { .. } | Self::Cycle { .. } => "this closes the circle".to_owned(),
            Self::Override { .. } => {
                "such as `knobs.tempo.min=90`, `stages.chords.temperature=0.8`, `loudness=-14`".into()
            }
            Self::MissingInput { port, kind, .. } => format!("add `inputs.{port}`, an output of kind {kind:?}"),
            Self::WrongKind { wanted, .. } => format!("needs an output of kind {wanted:?}"),
            Self::Ambiguous { .. } => "say which one".to_owned(),
            Self::Arity { .. } => "one only".to_owned(),
            Self::NoStages { .. } => "there is nothing to run".to_owned(),
        }
    }

    /// Lines below the snippet.
    pub(super) fn help(&self) -> Vec<String> {
        match self {
            Self::Unknown { known, hint, .. } => hint.iter().cloned().chain(list("known: ", known)).collect(),
            Self::UnknownStyle { known, looked, .. } => {
                let looked = (!looked.is_empty()).then(|| format!("looked in {looked}"));
                list("styles: ", known).chain(looked).collect()
            }
            Self::Script { help, .. } => help.clone(),
            Self::UnknownMood { .. } => {
                vec!["`cuesmith moods` lists all; valence and arousal can be said by number".into()]
            }
            Self::MissingParam { param, about, .. } => vec![format!("{param}: {about}")],
            Self::MissingNode { known, .. } => list("stages with a node: ", known)
                .chain(["`cuesmith nodes` lists what a node can be".to_owned()])
                .collect(),
            Self::MissingFile { looked, next_step, .. } => {
                let looked = (!looked.is_empty()).then(|| format!("looked in {looked}"));
                looked.into_iter().chain([next_step.clone()]).collect()
            }
            Self::TakeOverCandidates { .. } => vec!["or compose more: raise the knob `candidates`".to_owned()],
            Self::HitsTooNear { .. } => {
                vec![
                    "move one, take one out, or raise the knob `tempo`: a beat at its fastest is what counts"
                        .to_owned(),
                ]
            }
            Self::Unreadable { path, known, .. } => {
                did_you_mean(recipe_name(path), known).into_iter().chain(list("built in: ", known)).collect()
            }
            Self::MissingInput { port, about, candidates, .. } => {
                std::iter::once(format!("{port}: {about}")).chain(list("outputs of that kind: ", candidates)).collect()
            }
            Self::WrongKind { candidates, .. } => list("outputs of that kind: ", candidates).collect(),
            Self::Ambiguous { candidates, .. } => list("one of ", candidates).collect(),
            Self::NoStages { is_style: true, .. } => {
                vec!["this is a style: play it with `--set style=PATH`".to_owned()]
            }
            Self::NoStages { .. } => {
                vec!["the standard graph comes with `[recipe] extends = \"base.toml\"`".to_owned()]
            }
            _ => Vec::new(),
        }
    }
}

fn list(intro: &str, names: &[String]) -> impl Iterator<Item = String> {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    (!quoted.is_empty()).then(|| format!("{intro}{}", quoted.join(", "))).into_iter()
}

/// `bse` of `bse.toml`.
fn recipe_name(path: &str) -> &str {
    path.strip_suffix(".toml").unwrap_or(path)
}

fn did_you_mean(name: &str, known: &[String]) -> Option<String> {
    nearest(name, known.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"))
}

/// The known name that is most likely meant, if any is near.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let distance = |known: &str| strsim::damerau_levenshtein(&lower, &known.to_lowercase());
    let (steps, near) = known.map(|known| (distance(known), known)).min()?;
    let limit = (name.chars().count().max(near.chars().count()) / 3).max(1);
    (steps <= limit).then_some(near)
}
