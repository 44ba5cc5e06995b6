//! Logs: lines for people or JSON on standard error, and one file a job.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use tracing::{Dispatch, Level, Subscriber};
use tracing_subscriber::{Layer, Registry, filter::LevelFilter, fmt, layer::SubscriberExt};

use super::JobId;

/// A log that grew longer than this begins anew; the older one is kept beside it.
const MAX_BYTES: u64 = 1 << 20;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogForm {
    /// A line of text each
    #[default]
    Human,
    /// A JSON object each
    Json,
}

#[derive(Clone, Debug)]
pub(crate) struct Logs {
    form: LogForm,
    folder: PathBuf,
}

impl Logs {
    pub(crate) fn new(form: LogForm, folder: PathBuf) -> Self {
        Self { form, folder }
    }

    /// For everything that belongs to no job.
    pub(crate) fn general(&self) -> Dispatch {
        Dispatch::new(Registry::default().with(self.terminal()))
    }

    /// For one try of a job: all of it into the job's file, the rest of it to the terminal, too. A file that can't be
    /// written is no reason not to work.
    pub(crate) fn of_job(&self, id: &JobId) -> Dispatch {
        match self.open(id) {
            Ok(file) => Dispatch::new(Registry::default().with(self.terminal()).with(self.file(file))),
            Err(error) => {
                tracing::warn!("the log of job {id} can't be written: {error}");
                self.general()
            }
        }
    }

    fn terminal<S>(&self) -> Box<dyn Layer<S> + Send + Sync>
    where
        S: Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    {
        let layer = fmt::layer().with_writer(io::stderr).with_target(false);
        match self.form {
            LogForm::Human => layer.with_ansi(false).with_filter(LevelFilter::from_level(Level::INFO)).boxed(),
            LogForm::Json => layer.json().flatten_event(true).with_filter(LevelFilter::from_level(Level::INFO)).boxed(),
        }
    }

    fn file<S>(&self, file: File) -> Box<dyn Layer<S> + Send + Sync>
    where
        S: Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    {
        let layer = fmt::layer().with_writer(Arc::new(file)).with_target(false).with_ansi(false);
        match self.form {
            LogForm::Human => layer.with_filter(LevelFilter::from_level(Level::DEBUG)).boxed(),
            LogForm::Json => {
                layer.json().flatten_event(true).with_filter(LevelFilter::from_level(Level::DEBUG)).boxed()
            }
        }
    }

    fn open(&self, id: &JobId) -> io::Result<File> {
        fs::create_dir_all(&self.folder)?;
        let path = log_path(&self.folder, id);
        if fs::metadata(&path).is_ok_and(|meta| meta.len() > MAX_BYTES) {
            fs::rename(&path, path.with_extension("old.log"))?;
        }
        OpenOptions::new().create(true).append(true).open(path)
    }
}

/// Where a job's log lies.
pub(crate) fn log_path(folder: &Path, id: &JobId) -> PathBuf {
    folder.join(format!("{id}.log"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_has_a_file_of_its_own_that_does_not_grow_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let id = JobId::new("in", Path::new("/in/a.mp4"), 1);
        let path = log_path(folder.path(), &id);
        for form in [LogForm::Human, LogForm::Json] {
            let logs = Logs::new(form, folder.path().to_owned());
            tracing::dispatcher::with_default(&logs.of_job(&id), || tracing::debug!(stage = "chords", "made"));
        }
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert!(lines.len() == 2 && lines[0].contains("made stage=\"chords\""), "{text}");
        let json: serde_json::Value = serde_json::from_str(lines[1]).unwrap();
        assert_eq!(json["message"], "made");
        fs::write(&path, vec![b'x'; MAX_BYTES as usize + 1]).unwrap();
        drop(Logs::new(LogForm::Human, folder.path().to_owned()).of_job(&id));
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
    }
}
