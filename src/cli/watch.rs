//! `cuesmith watch`: scores what comes into folders, until it is stopped.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, ValueEnum};
use crossbeam_channel::unbounded;

use super::trouble::{store_trouble, trouble, usage};
use crate::{
    error::Exit,
    recipe::nearest,
    report::terminal,
    run::{Device, Interrupt, Options},
    store::{Reader, Store},
    watch::{
        Board, Bytes, Counter, Folder, FolderSettings, Hooks, LogForm, Logs, MakeOutlook, Office, OfficeSettings,
        Outlook, Seconds, WatchSettings, planned_digest,
    },
};

/// Kept free when nothing else is said.
const KEEP_FREE_BYTES: u64 = 512 << 20;
/// What a job takes at most, as stages are limited: lanes are not more than memory carries.
const LANE_MIB: u64 = 3072;

#[derive(Args)]
pub(super) struct WatchArgs {
    /// Folders to watch, beside those of watch.toml
    #[arg(value_name = "FOLDER")]
    pub(super) folders: Vec<PathBuf>,
    /// Settings: folders with a recipe and an out folder each
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Recipe for the folders that are named here
    #[arg(long, default_value = "vlog", value_name = "RECIPE")]
    recipe: PathBuf,
    /// Where their results go: a folder for each video
    #[arg(long, default_value = "out", value_name = "DIR")]
    out: PathBuf,
    /// Lay a value over the recipe: knobs.tempo.min=90
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Folder of cache, weights and ledger [default: store]
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// auto, cpu, cuda or cuda:N [default: auto]
    #[arg(long, value_name = "DEVICE")]
    device: Option<String>,
    /// Videos at once [default: by cores, memory and GPU]
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
    /// A file is taken when it stood still for so long [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    settle: Option<f64>,
    /// Look again and again instead of waiting for events, as on network shares [default: every 5]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, num_args = 0..=1, default_missing_value = "5")]
    poll: Option<f64>,
    /// Tries after the first, where trouble may pass [default: 8]
    #[arg(long, value_name = "N")]
    retries: Option<u32>,
    /// Start nothing when less than this is free [default: 512 MiB]
    #[arg(long, value_name = "SIZE")]
    keep_free: Option<Bytes>,
    /// What was done with another recipe than today's: do it again?
    #[arg(long, default_value = "none", value_name = "WHICH")]
    redo: Redo,
    /// End when everything that is there is done
    #[arg(long)]
    once: bool,
    /// Leave the machine to others when they want it
    #[arg(long)]
    low_priority: bool,
    /// Serve a page with queue, results and knobs [default address: 127.0.0.1:8765]
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = super::serve::ADDRESS)]
    pub(super) serve: Option<String>,
    /// A name of this machine by which the page may be opened, beside its addresses
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// What the page asks for when it is served beyond this machine [default: drawn at start]
    #[arg(long, value_name = "TEXT", env = "CUESMITH_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Form of the log on standard error and in the jobs' files
    #[arg(long, default_value = "human", value_name = "FORM")]
    log: LogForm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Redo {
    /// Leave it
    None,
    /// What another recipe made
    Changed,
    /// Everything
    All,
}

pub(super) fn run(args: &WatchArgs) -> Exit {
    settings(args).and_then(|settings| watch(args, &settings)).unwrap_or_else(|exit| exit)
}

/// The file's settings with the command line's laid over them.
fn settings(args: &WatchArgs) -> Result<WatchSettings, Exit> {
    let mut settings = match &args.config {
        Some(path) => WatchSettings::read(path).map_err(usage)?,
        None => WatchSettings::default(),
    };
    settings.store = args.store.clone().or(settings.store);
    settings.device = args.device.clone().or(settings.device);
    settings.workers = args.workers.or(settings.workers);
    settings.settle = args.settle.map(Seconds).or(settings.settle);
    settings.retries = args.retries.or(settings.retries);
    settings.keep_free = args.keep_free.or(settings.keep_free);
    settings.low_priority = Some(args.low_priority || settings.low_priority == Some(true));
    settings.serve = args.serve.clone().or(settings.serve);
    settings.token = args.token.clone().or(settings.token);
    settings.allowed_hosts.extend(args.allow_host.iter().cloned());
    let named = args.folders.iter().map(|path| FolderSettings {
        path: path.clone(),
        name: None,
        recipe: args.recipe.clone(),
        out: args.out.clone(),
        set: args.set.clone(),
        seed: None,
        only: Vec::new(),
        skip: Vec::new(),
        min_size: None,
        max_size: None,
        min_seconds: None,
        max_seconds: None,
        poll: None,
        recursive: true,
        quarantine: None,
        move_broken: true,
    });
    for folder in &mut settings.folder {
        folder.set.extend(args.set.iter().cloned());
    }
    settings.folder.extend(named);
    if let Some(poll) = args.poll {
        for folder in &mut settings.folder {
            folder.poll = Some(Seconds(poll));
        }
    }
    Ok(settings)
}

fn watch(args: &WatchArgs, settings: &WatchSettings) -> Result<Exit, Exit> {
    let device = Device::choose(settings.device.as_deref().unwrap_or("auto")).map_err(usage)?;
    let rules = settings.rules(lanes(device)).map_err(usage)?;
    let store = settings.store.clone().unwrap_or_else(|| "store".into());
    let store_path = std::path::absolute(&store).unwrap_or(store);
    let folders = settings.folders(&store_path).map_err(usage)?;
    // The command line's folders come last.
    let from_file = folders.len() - args.folders.len();
    for (number, folder) in folders.iter().enumerate() {
        check(folder, number < from_file)?;
    }
    if settings.low_priority == Some(true) {
        lower_priority();
    }
    let interrupt =
        Interrupt::on_signals().map_err(|error| trouble(Exit::Internal, format!("listening for Ctrl-C: {error}")))?;
    let store = Arc::new(Store::open(&store_path).map_err(|error| store_trouble(&error))?);
    let logs = Logs::new(args.log, store.job_logs());
    let (board, hooks) = (Board::default(), Hooks::start(settings.hooks(), interrupt.clone()));
    let (orders_in, orders) = unbounded();
    let office_settings = OfficeSettings {
        rules,
        device,
        stages_at_once: (Options::cores() / rules.lanes).max(1),
        keep_free_bytes: settings.keep_free.map_or(KEEP_FREE_BYTES, |bytes| bytes.0),
        is_once: args.once,
    };
    tracing::dispatcher::set_global_default(logs.general())
        .map_err(|error| trouble(Exit::Internal, format!("opening the log: {error}")))?;
    if let Some(aside) = store.damaged_index() {
        tracing::warn!("the store's index was damaged; it was made anew, the old one is {}", aside.display());
    }
    let mut office =
        Office::new(office_settings, folders, Arc::clone(&store), board.clone(), (logs, hooks), (orders, interrupt));
    redo(args.redo, &mut office);
    let folders: Vec<_> = office.folders().cloned().collect();
    let counter = Counter {
        board,
        orders: orders_in,
        outlook: outlook(&store_path, folders.clone(), device),
        logs: store.job_logs(),
        inbox: folders.first().map(|folder| folder.path.path.clone()),
    };
    let served = match &settings.serve {
        Some(address) => {
            Some(super::serve::start(address, settings.token.as_deref(), &settings.allowed_hosts, counter)?)
        }
        None => None,
    };
    let exit = office.run();
    drop(served);
    Ok(exit)
}

/// What can be wrong before anything is watched. A share that a file names may come later; who types a name means a folder
/// that is there.
fn check(folder: &Folder, may_come: bool) -> Result<(), Exit> {
    if let Err(reason) = folder.path.check() {
        if !may_come || folder.path.path.is_file() {
            return Err(usage(reason));
        }
        terminal::note(format_args!("note: {reason}; it is watched as soon as it is there"));
    }
    super::run::check_out(&folder.out.path).map_err(usage)?;
    if let Err(errors) = planned_digest(folder) {
        terminal::note(errors.render(terminal::is_styled()).trim_end());
        return Err(Exit::Usage);
    }
    Ok(())
}

/// Tells of what another recipe made, and has it done again where that is asked for.
fn redo(which: Redo, office: &mut Office) {
    let folders: Vec<_> = office.folders().cloned().collect();
    for folder in folders {
        let digest = planned_digest(&folder).ok();
        match which {
            Redo::All => report_redo(&folder, office.redo(&folder.name, None)),
            Redo::Changed => report_redo(&folder, office.redo(&folder.name, digest)),
            Redo::None => {
                let old = office.done_otherwise(&folder.name, digest);
                if old > 0 {
                    tracing::info!(
                        "{}: {old} videos were done with another recipe or other knobs; --redo changed does them again",
                        folder.name
                    );
                }
            }
        }
    }
}

fn report_redo(folder: &Folder, count: usize) {
    if count > 0 {
        tracing::info!("{}: {count} videos are done again", folder.name);
    }
}

fn outlook(store: &Path, folders: Vec<Arc<Folder>>, device: Device) -> MakeOutlook {
    let reader = Reader::new(store);
    Arc::new(move |job, set| {
        let folder = folders.iter().find(|folder| folder.name == job.folder);
        let folder = folder.ok_or_else(|| {
            let names = folders.iter().map(|folder| folder.name.as_str());
            let hint = nearest(&job.folder, names).map(|name| format!("; did you mean {name}?")).unwrap_or_default();
            format!("folder {} is not watched{hint}", job.folder)
        })?;
        Outlook::of(&reader, folder, job, set, device)
    })
}

/// A GPU carries one job; else half the cores, and what memory carries.
fn lanes(device: Device) -> usize {
    if device != Device::Cpu {
        return 1;
    }
    let pages = rustix::param::page_size() as u64;
    let memory_mib = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:").map(str::to_owned))?;
        line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kib| kib / 1024)
    });
    let by_memory = memory_mib.unwrap_or(pages) / LANE_MIB;
    (Options::cores() / 2).min(by_memory as usize).max(1)
}

/// Workers inherit it.
fn lower_priority() {
    if let Err(error) = rustix::process::nice(10) {
        terminal::note(format_args!("warning: the priority can't be lowered: {error}"));
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: Option<f64> = text.parse().ok().filter(|seconds| (0.0..=604_800.0).contains(seconds));
    seconds.ok_or_else(|| "write seconds from 0 to 604800".to_owned())
}
