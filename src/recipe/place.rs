//! Where something is written: a source text and a span in it. Every error of a recipe points at one.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A recipe's text, or an argument of `--set`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// As people know it: the path they gave, `base.toml (built in)`, `--set`.
    pub(crate) name: String,
    /// Absolute; none for built-in recipes and arguments.
    pub(crate) path: Option<PathBuf>,
    pub(crate) text: String,
    pub(super) is_argument: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(super) source: Arc<Source>,
    pub(super) span: Range<usize>,
}

impl Source {
    pub(super) fn argument(text: &str) -> Self {
        Self { name: "--set".to_owned(), path: None, text: text.to_owned(), is_argument: true }
    }

    /// A line of a text that is not at hand: the lines before it are left empty.
    pub(super) fn line(name: &str, line: usize, text: &str) -> Self {
        let text = format!("{}{text}", "\n".repeat(line.saturating_sub(1)));
        Self { name: name.to_owned(), path: None, text, is_argument: false }
    }

    pub(super) fn folder(&self) -> Option<&Path> {
        self.path.as_deref()?.parent()
    }
}

impl Place {
    pub(super) fn new(source: &Arc<Source>, span: Range<usize>) -> Self {
        Self { source: Arc::clone(source), span }
    }

    /// `valence=+0.3` on a command line: a number to TOML, a shift to whoever typed it.
    pub(super) fn is_shift_in_argument(&self) -> bool {
        self.source.is_argument && self.text().starts_with('+')
    }

    /// Words of a script give a value only when it runs.
    pub(super) fn is_in_script(&self) -> bool {
        super::is_script(Path::new(&self.source.name))
    }

    /// What is written there.
    pub(super) fn text(&self) -> &str {
        self.source.text.get(self.span.clone()).unwrap_or_default()
    }
}
