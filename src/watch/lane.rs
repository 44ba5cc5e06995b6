//! A lane: one try of one job, from the recipe to the results in their folder.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Folder, Job, JobResult, Reason, desk::End, progress::Progress};
use crate::{
    digest::Digest,
    error::{FailureClass, StageError},
    recipe::{Overrides, RecipeErrors},
    report::{ExportFile, Placed, Planned, RunFacts, RunJson, files, notes, place},
    run::{self, Event, InputOutcome, Options, Request, Status, protocol::FilePath},
    script::ClipFacts,
    store::Store,
};

pub(super) struct Lane {
    pub(super) store: Arc<Store>,
    pub(super) folder: Arc<Folder>,
    pub(super) job: Job,
    pub(super) options: Options,
    pub(super) progress: Progress,
}

impl Lane {
    /// Gives the digest of the recipe, as soon as there is one, and the end.
    pub(super) fn run(&mut self) -> (Option<Digest>, End) {
        if let Err(reason) = self.folder.path.check().and_then(|()| self.folder.out.check_mounted()) {
            return (None, End::Failed(temporary(reason)));
        }
        let (digest, planned) = match self.plan() {
            Ok(planned) => planned,
            Err(end) => return (None, end),
        };
        let request = Request {
            input: Some(self.job.input.0.clone()),
            plan: planned.plan.for_input(&self.job.input.0, 0.0),
            attempts: None,
        };
        let stages: Vec<_> = request.plan.stages.iter().map(|stage| (stage.name.clone(), stage.node.name)).collect();
        self.progress.begin(&stages);
        let progress = &mut self.progress;
        let outcomes = run::execute(&self.store, vec![request], &self.options, &mut |event| hear(progress, &event));
        let end = outcomes.first().map_or(End::Interrupted, |outcome| self.end(&planned, outcome));
        (Some(digest), end)
    }

    /// With the digest of what the recipe makes of any video.
    fn plan(&self) -> Result<(Digest, Planned), End> {
        let planned = self.load(None)?;
        let digest = planned.digest();
        if !planned.plan.needs_input() {
            let message = format!("recipe {} reads no video: it can't be used for a folder", planned.plan.recipe);
            return Err(End::Failed(Reason { class: FailureClass::Usage, message }));
        }
        let (least, most) = self.folder.seconds;
        let asks_length = least > 0.0 || most.is_finite();
        if !asks_length && !planned.asked_clip {
            return Ok((digest, planned));
        }
        let probed = run::probe_clip(&self.store, &planned.plan, &self.job.input.0, 0.0, &self.options);
        let clip = probed.map_err(|error| self.failed(&error.error, error.to_string()))?;
        if let Some(clip) = clip.as_ref().filter(|clip| !(least..=most).contains(&clip.seconds)) {
            let limits = if most.is_finite() { format!("{least} to {most} s") } else { format!("{least} s and more") };
            return Err(End::Ignored(format!("{:.1} s long; this folder takes {limits}", clip.seconds)));
        }
        let planned = if planned.asked_clip { self.load(clip.as_ref())? } else { planned };
        Ok((digest, planned))
    }

    fn load(&self, clip: Option<&ClipFacts>) -> Result<Planned, End> {
        plan(&self.folder, &self.job.set, clip).map_err(|errors| {
            let text = errors.render(false);
            tracing::error!("the recipe can't be used:\n{}", text.trim_end());
            End::Failed(Reason { class: FailureClass::Usage, message: in_one_line(&text) })
        })
    }

    fn failed(&self, error: &StageError, message: String) -> End {
        if self.options.interrupt.is_stopping() {
            return End::Interrupted;
        }
        // A share that goes away looks like a broken file.
        match self.folder.path.check() {
            Ok(()) => End::Failed(Reason { class: error.class, message }),
            Err(reason) => End::Failed(temporary(reason)),
        }
    }

    fn end(&self, planned: &Planned, outcome: &InputOutcome) -> End {
        if outcome.interrupted || self.options.interrupt.is_killing() {
            return End::Interrupted;
        }
        if let Some((stage, error)) = outcome.failure() {
            return self.failed(error, format!("stage {}: {error}", stage.name));
        }
        let place = self.job.place.as_ref().map_or_else(PathBuf::new, |place| place.0.clone());
        let folder = self.folder.out.path.join(place);
        let clip = folder.file_name().unwrap_or_default().to_owned();
        let files = files(outcome, &clip);
        match self.export(planned, outcome, &folder, &files) {
            Ok(renamed) => End::Done(self.result(outcome, folder, &renamed)),
            Err(reason) => End::Failed(reason),
        }
    }

    fn export(
        &self,
        planned: &Planned,
        outcome: &InputOutcome,
        folder: &Path,
        files: &[ExportFile],
    ) -> Result<Vec<PathBuf>, Reason> {
        self.folder.out.check_mounted().map_err(temporary)?;
        let facts = RunFacts {
            recipe: &planned.facts,
            plan: &planned.plan,
            input: Some(&self.job.input.0),
            preview_seconds: 0.0,
            device: &self.options.device.to_string(),
            outcome,
            files,
        };
        let placed = place(&self.store, folder, files, &RunJson::of(&facts, self.store.blobs()).to_bytes());
        match placed {
            Ok(Placed::Written { renamed }) => Ok(renamed),
            Ok(Placed::Untouched) => Ok(Vec::new()),
            // Whoever took the right to write there may give it back: the music is in the cache.
            Err(error) => Err(temporary(error.to_string())),
        }
    }

    fn result(&self, outcome: &InputOutcome, folder: PathBuf, renamed: &[PathBuf]) -> JobResult {
        let count = |status| outcome.stages.iter().filter(|stage| stage.status == status).count();
        let mut notes = notes(outcome, self.store.blobs());
        notes.extend(Some(outcome.attempts.summary()).filter(|summary| !summary.is_empty()));
        notes.extend(renamed.iter().map(|path| format!("your own file is now {}", path.display())));
        notes.extend(self.progress.warnings().iter().cloned());
        JobResult {
            folder: FilePath(folder),
            seconds: outcome.seconds,
            hits: count(Status::Hit),
            made: count(Status::Miss),
            notes,
        }
    }
}

/// The folder's recipe with what the folder and a version lay over it.
pub(super) fn plan(folder: &Folder, set: &[String], clip: Option<&ClipFacts>) -> Result<Planned, RecipeErrors> {
    let set = folder.set.iter().chain(set).cloned().collect();
    Planned::load(&folder.recipe, &Overrides { set, seed: folder.seed, clip: clip.cloned() })
}

/// Of what a folder's recipe would make now.
pub(crate) fn planned_digest(folder: &Folder) -> Result<Digest, RecipeErrors> {
    plan(folder, &[], None).map(|planned| planned.digest())
}

/// The first error of a recipe, with its place.
pub(super) fn in_one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let told: Vec<_> =
        lines.take(2).map(|line| line.trim_start_matches("error: ").trim_start_matches("--> ")).collect();
    match told.as_slice() {
        [what, place] if place.contains(':') => format!("{what} ({place})"),
        [what, ..] => (*what).to_owned(),
        [] => "the recipe can't be read".to_owned(),
    }
}

fn temporary(message: String) -> Reason {
    Reason { class: FailureClass::Temporary, message }
}

fn hear(progress: &mut Progress, event: &Event) {
    log(event);
    progress.show(event);
}

fn log(event: &Event) {
    match event {
        Event::StageStarted { stage, node, .. } => tracing::debug!(stage, node, "stage starts"),
        Event::StageEnded { outcome, .. } => {
            if let Some(error) = &outcome.error {
                return tracing::warn!("stage {} failed: {error}", outcome.name);
            }
            let how = if outcome.status == Status::Hit { "hit" } else { "made" };
            tracing::debug!(stage = outcome.name, seconds = outcome.seconds, "stage {how}");
        }
        Event::Warning { stage, message, .. } => tracing::warn!(stage, "{message}"),
        Event::Rerolled { attempt, reason, .. } => tracing::warn!("refused, attempt {attempt} follows: {reason}"),
        Event::WorkerReplaced { reason } => tracing::warn!("a worker was replaced: {reason}"),
        Event::Stopping => tracing::debug!("stopping"),
        Event::InputStarted { .. } | Event::StageProgress { .. } | Event::InputEnded { .. } | Event::Workers { .. } => {
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_a_recipe_fits_into_a_line() {
        let text = "error: unknown knob `tempp`\n --> vlog.toml:3:1\n  |\n3 | tempp = 4\n";
        assert_eq!(in_one_line(text), "unknown knob `tempp` (vlog.toml:3:1)");
        assert_eq!(in_one_line("error: no such recipe\n\n"), "no such recipe");
        assert_eq!(in_one_line(""), "the recipe can't be read");
    }
}
