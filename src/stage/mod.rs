//! The executors: what nodes do. Only the worker calls into this module.
//!
//! One file a family, as in `node`. An executor reads its inputs and parameters from a `StageContext` and puts outputs
//! there; it reads no clock, environment, global random source or store. The work itself lies in `video`, `audio`,
//! `music`, `corpus`, `model`, `plan`, `arrange`, `metric` and `report`, free of jobs and stores.

mod affect;
mod arrange;
mod check;
mod context;
mod data;
mod describe;
mod eval;
mod feature;
mod generate;
mod mix;
mod mux;
mod original;
mod picture;
mod plan;
mod render;
mod report;
mod script;
mod select;
mod source;
mod style_hooks;
mod take;
mod train;
mod train_affect;
mod train_dynamics;
mod vmcp;
mod vmcp_experiment;
mod worker_loop;

use std::process::ExitCode;

use clap::Parser;

use self::context::OnProgress;
pub(crate) use self::context::StageContext;
#[cfg(test)]
pub(crate) use self::context::blob_path;
use crate::{
    error::{Exit, StageError},
    report::terminal,
    run::Device,
};

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
        "script" => script::executor,
        "select" => select::executor,
        "source" => source::executor,
        "train" => train::executor,
        "eval" => eval::executor,
        _ => return None,
    };
    family(node)
}

/// The arguments of the worker. People call it with `--describe` or with none and jobs on standard input.
#[derive(Parser)]
#[command(version, about = "Executes stage jobs: JSON lines on standard input, replies on standard output")]
struct Arguments {
    /// Say what the libraries can do, as JSON, and end
    #[arg(long)]
    describe: bool,
    /// `cpu` or `cuda:N`, for the stages that use one
    #[arg(long, default_value = "cpu", value_name = "DEVICE")]
    device: Device,
    /// Die when this process does
    #[arg(long, value_name = "PID")]
    parent: Option<i32>,
}

/// The worker's main loop: jobs on standard input, replies on standard output, until the input ends.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { Exit::Usage } else { Exit::Done } as u8);
        }
    };
    if arguments.describe {
        return describe::main();
    }
    match worker_loop::serve(arguments.device, arguments.parent) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::note(format_args!("cuesmith-worker: {error}"));
            ExitCode::from(Exit::Internal as u8)
        }
    }
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
