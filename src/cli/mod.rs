//! The command line: parse, call, print, exit code. One file a command.

mod batch;
mod cache;
mod check;
mod doctor;
mod explain;
mod inputs;
mod jobs;
mod moods;
mod nodes;
mod past_recipe;
mod recipe_args;
mod remix;
mod replay;
mod run;
mod schema;
mod serve;
mod status;
mod styles;
mod trouble;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{error::Exit, script};

/// Composes background music for videos.
#[derive(Parser)]
#[command(version, about, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Score videos, or run any other recipe
    Run(run::RunArgs),
    /// Score what comes into folders, until stopped
    Watch(watch::WatchArgs),
    /// A watch with a page: drop videos on it, see them scored, listen, turn knobs
    Serve(serve::ServeArgs),
    /// List the jobs of watched folders; retry, release or cancel one
    Jobs(jobs::JobsArgs),
    /// Parse, resolve and plan recipes; run nothing
    Check(check::CheckArgs),
    /// Say for each stage whether it would run, and which field of its key changed
    Explain(explain::ExplainArgs),
    /// List node types, or print one with its parameters
    Nodes(nodes::NodesArgs),
    /// List the words that the knob `mood` knows
    Moods(moods::MoodsArgs),
    /// List the styles, or render eight bars in them
    Styles(styles::StylesArgs),
    /// Print a JSON Schema of recipes, for editors
    Schema(schema::SchemaArgs),
    /// Render, mix and mux again from an edited score
    Remix(remix::RemixArgs),
    /// Run a run.json again and compare digests
    Replay(replay::ReplayArgs),
    /// Look at or clean the cache
    Cache(cache::CacheArgs),
    /// Show what runs now and what ran last
    Status(status::StatusArgs),
    /// Say what is there and what is missing: device, codecs, weights, SoundFont, store
    Doctor(doctor::DoctorArgs),
    /// Answer one question on a script; the program calls this itself
    #[command(hide = true)]
    ScriptHost { parent: i32 },
}

/// Runs the command that the arguments ask for.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { Exit::Usage } else { Exit::Done } as u8);
        }
    };
    let exit = match arguments.command {
        Command::Run(args) => run::run(&args),
        Command::Watch(args) => watch::run(&args),
        Command::Serve(args) => serve::run(args),
        Command::Jobs(args) => jobs::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Nodes(args) => nodes::run(&args),
        Command::Moods(args) => moods::run(&args),
        Command::Styles(args) => styles::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Remix(args) => remix::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Cache(args) => cache::run(&args),
        Command::Status(args) => status::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::ScriptHost { parent } => return script::host_main(parent),
    };
    ExitCode::from(exit as u8)
}
