//! Loudness on the time axis: of the results, and of music and original sound against each other, with ducking.

use serde_json::Value;

use super::{
    Page,
    panel::{Panel, Series, Shape, Span},
    timeline::step,
};

/// Loudness below this is drawn as silence.
const QUIETEST_LUFS: f64 = -60.0;

pub(super) fn panels(page: &Page) -> Vec<Panel> {
    std::iter::once(results(page)).chain(together(page)).collect()
}

fn results(page: &Page) -> Panel {
    let mut series = vec![
        line("music", "one", spans(&list(page, "music_loudness_curve"), 1.0)),
        line("as heard with the picture", "two", spans(&list(page, "programme_loudness_curve"), 1.0)),
    ];
    if let Some(target) = page.knobs.get("loudness").and_then(Value::as_f64) {
        series.push(step("asked", "goal", vec![(0.0, page.plan.end_seconds, Some(target))]));
    }
    Panel { title: "Loudness", unit: "LUFS, short-term", range: (-30.0, -8.0), bands: vec![], series }
}

/// None where the video has no sound, or it was dropped.
fn together(page: &Page) -> Option<Panel> {
    let rate = page.sound.values.get("curves_per_second").and_then(Value::as_f64)?;
    let (original, music) = (list(page, "original_curve"), list(page, "music_under_original_curve"));
    let lowered = list(page, "duck_curve_db");
    let mut series = Vec::new();
    if !lowered.is_empty() {
        let whole: Vec<Option<f64>> =
            music.iter().zip(&lowered).map(|(music, lowered)| Some((*music)? + (*lowered)?)).collect();
        series.push(line("music, had nobody spoken", "goal", spans(&whole, rate)));
    }
    series.push(line("original sound", "two", spans(&original, rate)));
    series.push(line("music", "one", spans(&music, rate)));
    Some(Panel {
        title: if lowered.is_empty() { "Music and original sound" } else { "Ducking under speech" },
        unit: if lowered.is_empty() { "LUFS, momentary" } else { "LUFS, momentary; shaded where someone speaks" },
        range: (-50.0, -8.0),
        bands: speech(page),
        series,
    })
}

fn speech(page: &Page) -> Vec<(f64, f64)> {
    let spans = page.sound.values.get("speech_spans").and_then(Value::as_array);
    let span = |span: &Value| Some((span.get(0)?.as_f64()?, span.get(1)?.as_f64()?));
    spans.into_iter().flatten().filter_map(span).collect()
}

fn line(name: &'static str, class: &'static str, spans: Vec<Span>) -> Series {
    Series { name, class, shape: Shape::Line, spans }
}

fn list(page: &Page, key: &str) -> Vec<Option<f64>> {
    let values = page.sound.values.get(key).and_then(Value::as_array);
    values.into_iter().flatten().map(Value::as_f64).collect()
}

fn spans(values: &[Option<f64>], rate: f64) -> Vec<Span> {
    let level = |value: &Option<f64>| value.filter(|lufs| *lufs > QUIETEST_LUFS);
    let span = |(at, value)| (at as f64 / rate, (at + 1) as f64 / rate, level(value));
    values.iter().enumerate().map(span).collect()
}
