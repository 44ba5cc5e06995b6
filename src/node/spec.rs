//! What a node description says: name, version, ports, parameters, knobs, limits.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::artifact::Kind;

/// A node type as the front sees it.
#[derive(Debug, PartialEq)]
pub(crate) struct NodeSpec {
    /// `family.name`, for example `generate.chords`.
    pub(crate) name: &'static str,
    /// Raised whenever the same inputs could give other outputs.
    pub(crate) version: u32,
    /// One sentence.
    pub(crate) about: &'static str,
    pub(crate) inputs: &'static [Port],
    pub(crate) outputs: &'static [Port],
    pub(crate) params: &'static [Param],
    /// Knobs that reach this node as parameters of the same name.
    pub(crate) knobs: &'static [&'static str],
    /// Whether it draws from the stage's seed: only then is the seed part of its key.
    pub(crate) seeded: bool,
    pub(crate) lane: Lane,
    pub(crate) limits: Limits,
}

/// An input or output.
#[derive(Debug, PartialEq)]
pub(crate) struct Port {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) arity: Arity,
    pub(crate) about: &'static str,
    /// File name under `OUT/clip/` for outputs people get; `{name}` is the blob's name, `{clip}` the input's stem.
    pub(crate) export: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arity {
    One,
    Optional,
    Many,
}

/// A parameter or knob.
#[derive(Debug, PartialEq)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// For people: `beats per minute`, `LUFS`, empty for none.
    pub(crate) unit: &'static str,
    pub(crate) domain: Domain,
    /// As JSON text; none when it must be given.
    pub(crate) default: Option<&'static str>,
}

/// Which values a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Domain {
    Float {
        min: f64,
        max: f64,
    },
    Int {
        min: i64,
        max: i64,
    },
    Bool,
    Text,
    Choice(&'static [&'static str]),
    /// A table `{ min, max }`, `min <= max`, both inside; or one number for both.
    Range {
        min: f64,
        max: f64,
    },
    /// `"auto"`, an absolute number inside, or an offset as text with a sign (`"+0.2"`).
    Offset {
        min: f64,
        max: f64,
    },
    /// `"auto"` or a number inside.
    AutoFloat {
        min: f64,
        max: f64,
    },
    /// `"auto"` or a whole number inside.
    AutoInt {
        min: i64,
        max: i64,
    },
    /// `"auto"` or a key such as `"C"`, `"Bb minor"`, `"f#m"`.
    Key,
    /// `"auto"` or a word of `affect::MOODS`.
    Mood,
    /// A built-in style, a style that ships by name, or the path of a style script.
    Style,
    /// A list of `{ time, kind }`: moments of the picture that the music has to meet.
    Hits,
    /// The path of a script; what it means is part of the key, its comments are not.
    Script,
    /// A file; its content's digest is part of the key, its path is not. Relative to the recipe's folder, then the project's root.
    File,
    /// As `File`, a folder.
    Folder,
}

/// Where a stage runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Any worker.
    Cpu,
    /// A worker with the device that the run chose; the CPU if there is no GPU.
    Device,
}

/// What a stage may take before it is stopped. Not part of the key. Recipes may raise or lower them
/// (`deadline_seconds`, `memory_mib` in a stage's table).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Limits {
    pub(crate) deadline_seconds: u32,
    pub(crate) memory_mib: u32,
}

impl Limits {
    pub(crate) const fn new(deadline_seconds: u32, memory_mib: u32) -> Self {
        Self { deadline_seconds, memory_mib }
    }
}

/// As messages and manuals say it.
impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Float { min, max } => write!(f, "a number from {min} to {max}"),
            Self::Int { min, max } => write!(f, "a whole number from {min} to {max}"),
            Self::Bool => f.write_str("true or false"),
            Self::Text => f.write_str("a text"),
            Self::Choice(choices) => {
                let quoted: Vec<String> = choices.iter().map(|choice| format!("\"{choice}\"")).collect();
                write!(f, "one of {}", quoted.join(", "))
            }
            Self::Range { min, max } => write!(f, "{{ min, max }} or one number, from {min} to {max}"),
            Self::Offset { min, max } => {
                write!(f, "\"auto\", a number from {min} to {max}, or a shift such as \"+0.2\"")
            }
            Self::AutoFloat { min, max } => write!(f, "\"auto\" or a number from {min} to {max}"),
            Self::AutoInt { min, max } => write!(f, "\"auto\" or a whole number from {min} to {max}"),
            Self::Key => f.write_str("\"auto\" or a key such as \"C\", \"Bb minor\", \"f#m\""),
            Self::Mood => f.write_str("\"auto\" or a mood such as \"hopeful\" (`cuesmith moods` lists all)"),
            Self::Hits => {
                f.write_str("a list of hits such as { time = 12.4, kind = \"accent\" }, or \"stop\", or \"start\"")
            }
            Self::Style => {
                f.write_str("\"piano\", \"band\", a style's name (`cuesmith styles` lists all) or the path of a script")
            }
            Self::Script => f.write_str("the path of a script"),
            Self::File => f.write_str("the path of a file"),
            Self::Folder => f.write_str("the path of a folder"),
        }
    }
}

/// As its name: what else it says is the program's own.
impl Serialize for NodeSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl Port {
    /// A plain port that carries one artifact.
    pub(crate) const fn one(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, arity: Arity::One, about, export: None }
    }

    pub(crate) const fn arity(mut self, arity: Arity) -> Self {
        self.arity = arity;
        self
    }

    /// An output that people get as a file.
    pub(crate) const fn export(mut self, file: &'static str) -> Self {
        self.export = Some(file);
        self
    }
}
