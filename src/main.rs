//! The front program: recipes, plans, store and terminal. It does no media or tensor work itself.

use std::process::ExitCode;

fn main() -> ExitCode {
    cuesmith::cli::main()
}
