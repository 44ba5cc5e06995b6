//! The panels of the page: the picture above what was asked and played, on one time axis.

use std::fmt::Write;

use serde_json::Value;

use super::{
    Page,
    axis::Axis,
    bars::{Played, played},
    html::{clock, folded_table},
    loudness, mood,
    panel::{Panel, Series, Shape, Span, short},
};
use crate::artifact::{BarConditions, Role, Track};

const HUES: usize = 12;
/// Colour strips are cut into so many pieces at most.
const MOST_COLORS: usize = 600;

pub(super) fn timeline(page: &Page, axis: &Axis) -> String {
    let bars = axis.bars();
    let accompaniment = played(page.score, Role::Accompaniment);
    let melody = played(page.score, Role::Melody);
    let asked = |read: &dyn Fn(&BarConditions) -> f64| -> Vec<Span> {
        let rows = bars.iter().zip(&page.conditions.bars);
        rows.map(|((from, to), bar)| (*from, *to, Some(read(bar)))).collect()
    };
    let came = |music: &[Played], read: &dyn Fn(&Played) -> Option<f64>| -> Vec<Span> {
        bars.iter().zip(music).map(|((from, to), bar)| (*from, *to, read(bar))).collect()
    };
    let notes = |bar: &Played| Some(bar.notes as f64);
    let mut panels = vec![picture_panel(page)];
    panels.extend(mood::panels(page, axis));
    panels.extend([
        compare(
            "Accompaniment density",
            "notes a bar",
            (0.0, 12.0),
            asked(&|bar| bar.density.into()),
            came(&accompaniment, &notes),
        ),
        compare(
            "Accompaniment dynamics",
            "mean velocity, 1 to 127",
            (40.0, 100.0),
            asked(&|bar| bar.dynamics.into()),
            came(&accompaniment, &|bar| bar.velocity),
        ),
        compare(
            "Accompaniment register",
            "mean pitch, MIDI number",
            (42.0, 72.0),
            asked(&|bar| bar.register.into()),
            came(&accompaniment, &|bar| bar.pitch),
        ),
    ]);
    if page.conditions.melody {
        panels.push(compare(
            "Melody density",
            "notes a bar",
            (0.0, 8.0),
            asked(&|bar| bar.melody_density.into()),
            came(&melody, &notes),
        ));
    }
    panels.extend(loudness::panels(page));
    let mut html = String::from("<div class=\"timeline\">");
    html.push_str(&axis.section_strip());
    html.push_str(&color_strip(page.color, axis));
    for panel in &panels {
        html.push_str(&panel.html(axis));
    }
    html.push_str(&axis.ticks());
    html.push_str("</div>\n");
    html.push_str(&bar_table(page, &bars, &accompaniment, &melody));
    html.push_str(&second_table(page));
    html
}

pub(super) fn step(name: &'static str, class: &'static str, spans: Vec<Span>) -> Series {
    Series { name, class, shape: Shape::Step, spans }
}

fn compare(title: &'static str, unit: &'static str, range: (f64, f64), asked: Vec<Span>, came: Vec<Span>) -> Panel {
    Panel { title, unit, range, bands: vec![], series: vec![step("asked", "goal", asked), step("played", "one", came)] }
}

fn picture_panel(page: &Page) -> Panel {
    let series = Series { name: "motion", class: "two", shape: Shape::Area, spans: seconds(page.motion, "motion") };
    Panel {
        title: "Motion of the picture",
        unit: "mean difference of neighbouring pictures, 0 to 255",
        range: (0.0, 8.0),
        bands: vec![],
        series: vec![series],
    }
}

pub(super) fn seconds(track: &Track, channel: &str) -> Vec<Span> {
    let values = track.channel(channel).unwrap_or_default();
    let rate = track.rows_per_second.max(1e-9);
    let span = |(at, value): (usize, f32)| (at as f64 / rate, (at + 1) as f64 / rate, Some(f64::from(value)));
    values.into_iter().enumerate().map(span).collect()
}

/// The main hue, saturation and brightness of each second as a strip of colour.
fn color_strip(color: &Track, axis: &Axis) -> String {
    let together = color.rows.len().div_ceil(MOST_COLORS).max(1);
    let rate = color.rows_per_second.max(1e-9);
    let mut svg = String::from(
        "<svg class=\"strip\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Main colour of the picture over time\">",
    );
    let named = |name: &str| color.channel(name).unwrap_or_else(|| vec![0.0; color.rows.len()]);
    let (saturation, value) = (named("saturation"), named("value"));
    let hues: Vec<Vec<f32>> = (0..HUES).map(|bin| named(&format!("hue_{bin}"))).collect();
    for second in (0..color.rows.len()).step_by(together) {
        let hue = (0..HUES).max_by(|a, b| hues[*a][second].total_cmp(&hues[*b][second])).unwrap_or(0);
        let (left, right) = (axis.x(second as f64 / rate), axis.x((second + together) as f64 / rate));
        let fill = hsl(hue as f32 * 30.0, saturation[second], value[second]);
        let _ =
            write!(svg, "<rect x=\"{left:.1}\" width=\"{:.1}\" height=\"10\" fill=\"{fill}\"/>", right - left + 0.3);
    }
    svg.push_str("</svg>\n");
    svg
}

/// HSV as CSS writes colours.
fn hsl(hue: f32, saturation: f32, value: f32) -> String {
    let lightness = value * (1.0 - saturation / 2.0);
    let chroma = lightness.min(1.0 - lightness);
    let saturation = if chroma > 0.0 { (value - lightness) / chroma } else { 0.0 };
    format!("hsl({hue:.0} {:.0}% {:.0}%)", saturation * 100.0, lightness * 100.0)
}

fn bar_table(page: &Page, bars: &[(f64, f64)], accompaniment: &[Played], melody: &[Played]) -> String {
    let heads = [
        "bar",
        "at",
        "valence",
        "arousal",
        "density asked",
        "played",
        "dynamics asked",
        "played",
        "register asked",
        "played",
        "melody asked",
        "played",
    ];
    let row = |(place, (from, _)): (usize, &(f64, f64))| {
        let came = |music: &[Played]| music.get(place).copied().unwrap_or_default();
        let (notes, tune) = (came(accompaniment), came(melody));
        let asked = page.conditions.bars.get(place);
        let ask = |read: fn(&BarConditions) -> f32| asked.map_or("-".to_owned(), |bar| format!("{:.2}", read(bar)));
        vec![
            (place + 1).to_string(),
            format!("{from:.2} s"),
            ask(|bar| bar.valence),
            ask(|bar| bar.arousal),
            ask(|bar| bar.density),
            notes.notes.to_string(),
            ask(|bar| bar.dynamics),
            optional(notes.velocity),
            ask(|bar| bar.register),
            optional(notes.pitch),
            ask(|bar| bar.melody_density),
            tune.notes.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = bars.iter().enumerate().map(row).collect();
    folded_table("Numbers of each bar", &heads, &rows)
}

fn second_table(page: &Page) -> String {
    let list = |key: &str| page.sound.values.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let (music, programme) = (list("music_loudness_curve"), list("programme_loudness_curve"));
    let loud = |curve: &[Value], at: usize| optional(curve.get(at).and_then(Value::as_f64));
    let channel = |track: &Track, name: &str| track.channel(name).unwrap_or_default();
    let (motion, peak) = (channel(page.motion, "motion"), channel(page.motion, "peak"));
    let (value, saturation) = (channel(page.color, "value"), channel(page.color, "saturation"));
    let number = |values: &[f32], at: usize| optional(values.get(at).copied().map(f64::from));
    let row = |at: usize| {
        let (motion, peak) = (number(&motion, at), number(&peak, at));
        let color = [number(&value, at), number(&saturation, at)];
        [vec![clock(at as f64), motion, peak], color.to_vec(), vec![loud(&music, at), loud(&programme, at)]].concat()
    };
    let heads = ["at", "motion", "peak", "brightness", "saturation", "music LUFS", "as heard LUFS"];
    let rows: Vec<Vec<String>> = (0..page.motion.rows.len().max(music.len())).map(row).collect();
    folded_table("Numbers of each second", &heads, &rows)
}

fn optional(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_those_of_the_picture() {
        assert_eq!(hsl(0.0, 1.0, 1.0), "hsl(0 100% 50%)");
        assert_eq!(hsl(120.0, 0.0, 0.5), "hsl(120 0% 50%)");
        assert_eq!(hsl(240.0, 0.3, 0.0), "hsl(240 0% 0%)");
        assert_eq!(hsl(0.0, 0.0, 1.0), "hsl(0 0% 100%)");
    }
}
