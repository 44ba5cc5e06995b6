//! `cuesmith doctor`: what is there and what is missing.

use std::{
    env, fs,
    path::{self, Path, PathBuf},
    process::{Command, Stdio},
};

use clap::Args;

use crate::{
    error::Exit,
    recipe,
    report::terminal,
    run::{Finding, State},
};

const SOUNDFONT: &str = "/usr/share/sounds/sf2/FluidR3_GM.sf2";
const WEIGHTS: [&str; 6] = ["chords", "melody", "accompaniment", "original", "vmcp", "dynamics"];

#[derive(Args)]
pub(super) struct DoctorArgs {
    /// Folder of cache and weights
    #[arg(long, default_value = "store", value_name = "DIR")]
    store: PathBuf,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &DoctorArgs) -> Exit {
    let mut findings = vec![Finding::found("cuesmith", env!("CARGO_PKG_VERSION"))];
    findings.extend(worker());
    findings.extend(WEIGHTS.map(|name| weights(&args.store, name)));
    findings.push(soundfont());
    findings.push(store(&args.store));
    for finding in &findings {
        terminal::line(if args.json { json_line(finding) } else { plain_line(finding) });
    }
    if findings.iter().any(|finding| finding.state == State::Missing) { Exit::Usage } else { Exit::Done }
}

fn json_line(finding: &Finding) -> String {
    serde_json::to_string(finding).expect("findings are plain text")
}

fn plain_line(finding: &Finding) -> String {
    let mark = match finding.state {
        State::Found => "ok",
        State::Absent => "--",
        State::Missing => "MISSING",
    };
    format!("{mark:8}{:24}{}", finding.what, finding.detail)
}

/// Asks the worker for its libraries: the front is linked to none of them.
fn worker() -> Vec<Finding> {
    let program = match env::current_exe() {
        Ok(front) => front.with_file_name("cuesmith-worker"),
        Err(error) => return vec![Finding::missing("cuesmith-worker", format!("own path is unknown: {error}"))],
    };
    let described = Command::new(&program).arg("--describe").stdin(Stdio::null()).output();
    let next_step = match described {
        Ok(output) if output.status.success() => match serde_json::from_slice(&output.stdout) {
            Ok(findings) => return findings,
            Err(error) => format!("{} gave no description ({error}): build both programs again", program.display()),
        },
        Ok(output) => {
            let words = String::from_utf8_lossy(&output.stderr);
            format!("{} ends with {}: {}", program.display(), output.status, words.trim())
        }
        Err(error) => format!("{} does not start ({error}): run `make build`", program.display()),
    };
    vec![Finding::missing("cuesmith-worker", next_step)]
}

/// Where recipes find them: in the store that is named, else near the current folder or the program.
fn weights(store: &Path, name: &str) -> Finding {
    let file = Path::new("models").join(format!("{name}.safetensors"));
    let own = store.join(&file);
    let path = if own.is_file() { own } else { recipe::shipped_file(&Path::new("store").join(file)).unwrap_or(own) };
    let what = format!("weights {name}");
    match fs::metadata(&path) {
        Ok(file) => Finding::found(&what, format!("{}, {:.1} MB", path.display(), file.len() as f64 / 1e6)),
        Err(error) => Finding::missing(
            &what,
            format!(
                "{}: {error}; run in the project's folder, give --store, or train with recipes/train/{name}.toml",
                path.display()
            ),
        ),
    }
}

fn soundfont() -> Finding {
    match fs::metadata(SOUNDFONT) {
        Ok(file) => Finding::found("SoundFont", format!("{SOUNDFONT}, {:.0} MB", file.len() as f64 / 1e6)),
        Err(error) => Finding::missing(
            "SoundFont",
            format!("{SOUNDFONT}: {error}; run `make setup`, or name another with --set stages.stems.soundfont=FILE"),
        ),
    }
}

fn store(folder: &Path) -> Finding {
    // Only looked at: a store is made by the first run.
    let absolute = path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let nearest = absolute.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("/"));
    match (tempfile::tempfile_in(nearest), free_bytes(nearest)) {
        (Ok(_), Ok(free)) => Finding::found("store", format!("{}, {:.1} GB free", folder.display(), free as f64 / 1e9)),
        (Ok(_), Err(error)) => Finding::found("store", format!("{}, free space unknown: {error}", folder.display())),
        (Err(error), _) => {
            Finding::missing("store", format!("{} can't be written: {error}; give --store", folder.display()))
        }
    }
}

fn free_bytes(folder: &Path) -> Result<u64, rustix::io::Errno> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}
