//! One integration binary that drives the real programs in temporary projects.

#![expect(clippy::unwrap_used, reason = "what goes wrong in a test fails the test")]
#![expect(clippy::print_stderr, reason = "a test that is skipped has to say so")]

mod support;

mod cache;
mod doctor;
mod hostile_scripts;
mod journey;
mod replay;
mod run;
mod status;
mod usage;
mod watch;
