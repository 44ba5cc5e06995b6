//! Lines on the terminal. A closed pipe is no error: whoever reads has seen enough.

use std::{
    env,
    fmt::Display,
    io::{self, IsTerminal, Write},
};

/// A line on standard output: results, and what was asked for.
pub(crate) fn line(text: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// A line on standard error: trouble, notes.
pub(crate) fn note(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Whether standard error shows colours.
pub(crate) fn is_styled() -> bool {
    io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none()
}

/// Whether standard error is a terminal that can show bars.
pub(crate) fn is_interactive() -> bool {
    io::stderr().is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb")
}
