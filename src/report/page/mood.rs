//! Moods on the time axis: what the picture shows, what was asked of the music, what the meter hears in it.

use serde_json::Value;

use super::{
    Page,
    axis::Axis,
    panel::{Panel, Series, Shape, Span},
    timeline::{seconds, step},
};
use crate::artifact::{BarConditions, Report};

/// The picture's panel first, then one a side of the plane.
pub(super) fn panels(page: &Page, axis: &Axis) -> Vec<Panel> {
    let valence =
        music(page, axis, ("Valence of the music", "sad to glad, -1 to 1"), |bar| bar.valence, "valence_curve");
    let arousal =
        music(page, axis, ("Arousal of the music", "calm to excited, -1 to 1"), |bar| bar.arousal, "arousal_curve");
    vec![picture(page), valence, arousal]
}

fn picture(page: &Page) -> Panel {
    let curve = |name, class, channel| Series { name, class, shape: Shape::Line, spans: seconds(page.mood, channel) };
    let unit = if page.is_mood_learned {
        "-1 to 1, by the picture meter"
    } else {
        "-1 to 1, by a rule on color, motion and cuts"
    };
    Panel {
        title: "Mood of the picture",
        unit,
        range: (-1.0, 1.0),
        bands: vec![],
        series: vec![
            curve("valence, sad to glad", "one", "valence"),
            curve("arousal, calm to excited", "two", "arousal"),
        ],
    }
}

fn music(
    page: &Page,
    axis: &Axis,
    (title, unit): (&'static str, &'static str),
    read: fn(&BarConditions) -> f32,
    measured: &str,
) -> Panel {
    let bars = axis.bars();
    let asked = bars.iter().zip(&page.conditions.bars);
    let asked: Vec<Span> = asked.map(|((from, to), bar)| (*from, *to, Some(f64::from(read(bar))))).collect();
    let mut series = vec![step("asked", "goal", asked)];
    if let Some(heard) = page.checks.iter().find_map(|check| curve(check, measured)) {
        let heard = bars.iter().zip(heard).map(|((from, to), value)| (*from, *to, Some(value)));
        series.push(step("measured", "one", heard.collect()));
    }
    Panel { title, unit, range: (-1.0, 1.0), bands: vec![], series }
}

fn curve(check: &Report, name: &str) -> Option<Vec<f64>> {
    Some(check.values.get(name)?.as_array()?.iter().filter_map(Value::as_f64).collect())
}
