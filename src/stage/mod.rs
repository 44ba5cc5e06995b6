//! The executors: what nodes do. Only the worker calls into this module.
//!
//! One file a family, as in `node`. An executor reads its inputs and parameters from a `StageContext` and puts outputs
//! there; it reads no clock, environment, global random source or store. The work itself lies in `video`, `audio`,
//! `music`, `corpus`, `model`, `plan`, `arrange`, `metric` and `report`, free of jobs and stores.

mod arrange;
mod check;
mod context;
mod data;
mod describe;
mod feature;
mod generate;
mod mix;
mod mux;
mod plan;
mod render;
mod report;
mod source;
mod train;

use std::process::ExitCode;

pub(crate) use self::context::StageContext;
#[cfg(test)]
pub(crate) use self::context::blob_path;
use crate::error::StageError;

/// Runs one node.
pub(crate) type Execute = fn(&mut StageContext) -> Result<(), StageError>;

/// The executor of a node, by the node's full name (`generate.chords`).
pub(crate) fn executor(node: &str) -> Option<Execute> {
    let family = match node.split('.').next()? {
        "arrange" => arrange::executor,
        "check" => check::executor,
        "data" => data::executor,
        "feature" => feature::executor,
        "generate" => generate::executor,
        "mix" => mix::executor,
        "mux" => mux::executor,
        "plan" => plan::executor,
        "render" => render::executor,
        "report" => report::executor,
        "source" => source::executor,
        "train" | "eval" => train::executor,
        _ => return None,
    };
    family(node)
}

/// The worker's main loop: jobs on standard input, replies on standard output, until the input ends.
pub fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("--describe") {
        return describe::main();
    }
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_described_node_has_an_executor() {
        for node in crate::node::all() {
            assert!(super::executor(node.name).is_some(), "{} is described but nothing executes it", node.name);
        }
    }
}
