//! A temporary project and the real program in it: files in, exact output and exit code out.

mod project;

pub(crate) use self::project::{Outcome, Project};
