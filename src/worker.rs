//! The worker program: executes stage jobs that the front sends as JSON lines on standard input.

use std::process::ExitCode;

fn main() -> ExitCode {
    cuesmith::stage::main()
}
