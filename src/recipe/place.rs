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

    /// What is written there.
    pub(super) fn text(&self) -> &str {
        self.source.text.get(self.span.clone()).unwrap_or_default()
    }
}
