//! A run as it goes: bars on a terminal, plain lines elsewhere, one JSON object a line for machines.
//!
//! Bars and lines go to standard error, JSON to standard output; what a run comes to is printed by its command.

use std::{collections::BTreeMap, fmt::Display, time::Duration};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde::Serialize;

use super::{seconds, terminal};
use crate::{
    error::StageError,
    run::{Event, StageOutcome, Status},
};

const TICK: Duration = Duration::from_millis(120);

pub(crate) struct Progress {
    /// How the inputs are called; empty for a recipe without input.
    names: Vec<String>,
    form: Form,
}

enum Form {
    Bars(Bars),
    Lines,
    Json,
}

struct Bars {
    screen: MultiProgress,
    all: ProgressBar,
    running: BTreeMap<(usize, String), ProgressBar>,
}

impl Progress {
    pub(crate) fn new(names: Vec<String>, json: bool) -> Self {
        let form = match json {
            true => Form::Json,
            false if terminal::is_interactive() => Form::Bars(Bars::new()),
            false => Form::Lines,
        };
        Self { names, form }
    }

    pub(crate) fn show(&mut self, event: &Event) {
        if let Form::Json = self.form {
            return self.json(event);
        }
        if let Form::Bars(bars) = &mut self.form {
            bars.show(event);
        }
        let quiet = matches!(self.form, Form::Bars(_));
        if let Some(line) = line(event, quiet) {
            self.note(self.place(event).map_or_else(|| line.clone(), |place| format!("{place}: {line}")));
        }
    }

    /// An event of the command's own, for machines only.
    pub(crate) fn json(&self, event: &impl Serialize) {
        if let Form::Json = self.form {
            terminal::line(serde_json::to_string(event).expect("events are plain data"));
        }
    }

    /// A line on standard error, above the bars.
    pub(crate) fn note(&self, text: impl Display) {
        match &self.form {
            Form::Bars(bars) => bars.screen.suspend(|| terminal::note(text)),
            _ => terminal::note(text),
        }
    }

    /// A line on standard output, for people only.
    pub(crate) fn result(&self, text: impl Display) {
        match &self.form {
            Form::Bars(bars) => bars.screen.suspend(|| terminal::line(text)),
            Form::Lines => terminal::line(text),
            Form::Json => {}
        }
    }

    /// `clip.mp4: ` where there is something to tell apart.
    pub(crate) fn prefix(&self, input: usize) -> String {
        self.names.get(input).map(|name| format!("{name}: ")).unwrap_or_default()
    }

    fn place(&self, event: &Event) -> Option<&str> {
        let input = match event {
            Event::Warning { input, .. } | Event::Rerolled { input, .. } => *input,
            Event::StageEnded { input, .. } if self.names.len() > 1 => *input,
            _ => return None,
        };
        self.names.get(input).map(String::as_str)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Form::Bars(bars) = &self.form {
            let _ = bars.screen.clear();
        }
    }
}

/// Failures are told with the input's end; `quiet` leaves out what the bars show.
fn line(event: &Event, quiet: bool) -> Option<String> {
    match event {
        Event::StageEnded { outcome, .. } => ended(outcome, quiet),
        Event::Warning { stage, message, .. } => Some(format!("warning: {stage}: {message}")),
        Event::Rerolled { attempt, reason, .. } => Some(format!("refused, attempt {attempt} follows: {reason}")),
        Event::Stopping => Some("stopping: running stages finish first; once more stops at once".to_owned()),
        Event::WorkerReplaced { reason } => Some(replaced(reason)),
        _ => None,
    }
}

fn ended(outcome: &StageOutcome, quiet: bool) -> Option<String> {
    let name = &outcome.name;
    match outcome.status {
        Status::Hit if quiet => None,
        Status::Hit => Some(format!("{name:16} hit")),
        Status::Miss => Some(format!("{name:16} made    {}", seconds(outcome.seconds))),
        Status::Failed => Some(format!("{name:16} failed  {}", seconds(outcome.seconds))),
        Status::Skipped => None,
    }
}

fn replaced(reason: &StageError) -> String {
    format!("a worker was replaced: {reason}")
}

impl Bars {
    fn new() -> Self {
        let screen = MultiProgress::new();
        let style = ProgressStyle::with_template("{bar:32} {pos}/{len} stages  {elapsed}").expect("template is fixed");
        let all = screen.add(ProgressBar::new(0).with_style(style));
        Self { screen, all, running: BTreeMap::new() }
    }

    fn show(&mut self, event: &Event) {
        match event {
            Event::InputStarted { stages, .. } | Event::Rerolled { stages, .. } => {
                self.all.inc_length(*stages as u64);
            }
            Event::StageStarted { input, stage, .. } => {
                let bar = self.screen.insert_before(&self.all, ProgressBar::new(1000).with_style(running_style()));
                bar.set_prefix(stage.clone());
                bar.enable_steady_tick(TICK);
                self.running.insert((*input, stage.clone()), bar);
            }
            Event::StageProgress { input, stage, fraction, note } => {
                if let Some(bar) = self.running.get(&(*input, stage.clone())) {
                    bar.set_position((f64::from(*fraction) * 1000.0) as u64);
                    bar.set_message(note.clone());
                }
            }
            Event::StageEnded { input, outcome } => {
                self.all.inc(1);
                if let Some(bar) = self.running.remove(&(*input, outcome.name.clone())) {
                    bar.finish_and_clear();
                    self.screen.remove(&bar);
                }
            }
            _ => {}
        }
    }
}

fn running_style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {prefix:16} {bar:24} {percent:>3} %  {wide_msg}")
        .expect("template is fixed")
        .progress_chars("=> ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(status: Status) -> Event {
        let outcome = StageOutcome {
            name: "chords".into(),
            node: "generate.chords",
            key: None,
            status,
            seconds: 1.24,
            outputs: BTreeMap::new(),
            error: None,
        };
        Event::StageEnded { input: 0, outcome }
    }

    #[test]
    fn a_stage_has_a_line_that_says_how_it_ended() {
        let lines =
            [Status::Hit, Status::Miss, Status::Failed, Status::Skipped].map(|status| line(&ended(status), false));
        let lines: Vec<_> = lines.into_iter().flatten().collect();
        assert_eq!(lines, ["chords           hit", "chords           made    1.2 s", "chords           failed  1.2 s"]);
        assert_eq!(line(&ended(Status::Hit), true), None);
    }

    #[test]
    fn warnings_name_their_input_and_stages_do_when_there_are_several() {
        let warning = Event::Warning { input: 1, stage: "music".into(), message: "stuck notes".into() };
        let two = Progress { names: vec!["a.mp4".into(), "b.mp4".into()], form: Form::Lines };
        let one = Progress { names: vec!["a.mp4".into()], form: Form::Lines };
        assert_eq!(two.place(&warning), Some("b.mp4"));
        assert_eq!(two.place(&ended(Status::Miss)), Some("a.mp4"));
        assert_eq!(one.place(&ended(Status::Miss)), None);
        assert_eq!([one.prefix(0), one.prefix(1)], ["a.mp4: ", ""]);
    }

    #[test]
    fn bars_come_and_go_with_their_stages() {
        let mut bars = Bars::new();
        bars.screen.set_draw_target(indicatif::ProgressDrawTarget::hidden());
        bars.show(&Event::InputStarted { input: 0, stages: 3 });
        bars.show(&Event::StageStarted { input: 0, stage: "chords".into(), node: "generate.chords" });
        let note = "bar 3".to_owned();
        bars.show(&Event::StageProgress { input: 0, stage: "chords".into(), fraction: 0.5, note });
        let bar = bars.running[&(0, "chords".to_owned())].clone();
        assert_eq!((bar.position(), bar.message().as_str()), (500, "bar 3"));
        bars.show(&ended(Status::Miss));
        assert_eq!((bars.all.position(), bars.all.length(), bars.running.len()), (1, Some(3), 0));
    }
}
