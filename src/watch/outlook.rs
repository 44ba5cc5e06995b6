//! What a version with other knobs would do: planned and explained, not run.

use std::collections::BTreeMap;

use super::{
    Folder, Job, Outlook, StageOutlook,
    lane::{in_one_line, plan},
};
use crate::{
    run::{Device, Explained, Explanation, cached_clip, explain},
    store::Reader,
};

impl Outlook {
    /// Reads files only, and works beside a running watch.
    pub(crate) fn of(
        reader: &Reader,
        folder: &Folder,
        job: &Job,
        set: &[String],
        device: Device,
    ) -> Result<Self, String> {
        let input = &job.input.0;
        let load = |clip: Option<&_>| plan(folder, set, clip).map_err(|errors| in_one_line(&errors.render(false)));
        let mut planned = load(None)?;
        if planned.asked_clip {
            planned = load(cached_clip(reader, &planned.plan, input, 0.0, device).as_ref())?;
        }
        let explained = explain(reader, &planned.plan.for_input(input, 0.0), Some(input), device);
        let knobs = planned.facts.resolved["knobs"].clone();
        let before = made_in(reader, folder, job, device);
        let stages = explained.into_iter().map(|explained| {
            let seconds = before.get(&explained.stage).copied();
            stage(explained, seconds)
        });
        Ok(Self { stages: stages.collect(), knobs })
    }
}

/// How long each stage took when the job's own results were made.
fn made_in(reader: &Reader, folder: &Folder, job: &Job, device: Device) -> BTreeMap<String, f64> {
    let input = &job.input.0;
    let Ok(mut planned) = plan(folder, &job.set, None) else { return BTreeMap::new() };
    if planned.asked_clip {
        let clip = cached_clip(reader, &planned.plan, input, 0.0, device);
        planned = plan(folder, &job.set, clip.as_ref()).unwrap_or(planned);
    }
    let explained = explain(reader, &planned.plan.for_input(input, 0.0), Some(input), device);
    let hit = |explained: Explained| match explained.state {
        Explanation::Hit { seconds, .. } => Some((explained.stage, seconds)),
        _ => None,
    };
    explained.into_iter().filter_map(hit).collect()
}

fn stage(explained: Explained, before: Option<f64>) -> StageOutlook {
    let Explained { stage: name, node, state } = explained;
    let (runs, because, seconds) = match state {
        Explanation::Hit { seconds, .. } => (false, String::new(), Some(seconds)),
        Explanation::Miss { changes, since_ms } if changes.is_empty() => {
            let because = if since_ms.is_some() { "its result is lost" } else { "it never ran" };
            (true, because.to_owned(), before)
        }
        Explanation::Miss { changes, .. } => {
            let fields: Vec<_> = changes.iter().map(|change| change.field.as_str()).collect();
            (true, format!("{} changed", fields.join(", ")), before)
        }
        Explanation::Unknown { because, .. } => (true, format!("{because} runs"), before),
        Explanation::Unreadable { reason } => (true, reason.to_string(), None),
    };
    StageOutlook { name, node: node.to_owned(), runs, because, seconds }
}
