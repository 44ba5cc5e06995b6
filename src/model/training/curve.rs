//! The learning curve as a picture: nats a token over the steps, with the n-grams as lines to get below.

use std::path::Path;

use plotters::{
    coord::types::{RangedCoordf64, RangedCoordu64},
    prelude::*,
    style::{FontStyle, register_font},
};

use super::{History, TrainingError};

/// Our own copy of a font travels in the program, so that the picture is the same on every machine.
const FONT: &str = "sans-serif";
const SIZE: (u32, u32) = (900, 520);
const TRAIN: RGBColor = RGBColor(150, 160, 175);
const VALIDATION: RGBColor = RGBColor(20, 90, 200);
const BASELINE: RGBColor = RGBColor(200, 80, 30);

type Chart<'b> = ChartContext<'b, BitMapBackend<'b>, Cartesian2d<RangedCoordu64, RangedCoordf64>>;

/// Draws a PNG at `path`; `lines` are figures of others, with their names.
pub(crate) fn draw(path: &Path, title: &str, history: &History, lines: &[(String, f64)]) -> Result<(), TrainingError> {
    let failed = |error: &dyn std::fmt::Display| TrainingError::Curve(error.to_string());
    register_font(FONT, FontStyle::Normal, dejavu::sans::regular())
        .map_err(|_| TrainingError::Curve("the built-in font does not load".to_owned()))?;
    let area = BitMapBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE).map_err(|error| failed(&error))?;
    let (lowest, highest) = bounds(history, lines);
    let steps = history.looks.last().map_or(1, |look| look.step as u64);
    let mut chart = ChartBuilder::on(&area)
        .caption(title, (FONT, 20))
        .margin(14)
        .x_label_area_size(46)
        .y_label_area_size(58)
        .build_cartesian_2d(0..steps, lowest..highest)
        .map_err(|error| failed(&error))?;
    fill(&mut chart, history, lines, steps).map_err(|error| failed(&error))?;
    area.present().map_err(|error| failed(&error))
}

/// The chart's mesh, curves, lines and legend.
fn fill<'b>(
    chart: &mut Chart<'b>,
    history: &History,
    lines: &[(String, f64)],
    steps: u64,
) -> Result<(), DrawingAreaErrorKind<<BitMapBackend<'b> as DrawingBackend>::ErrorType>> {
    chart
        .configure_mesh()
        .x_desc("steps")
        .y_desc("nats a token")
        .label_style((FONT, 14))
        .axis_desc_style((FONT, 15))
        .light_line_style(WHITE)
        .bold_line_style(RGBColor(228, 230, 235))
        .draw()?;
    let train = history.looks.iter().map(|look| (look.step as u64, look.train));
    let validation = history.looks.iter().map(|look| (look.step as u64, look.total()));
    curve(chart, "training, with dropout", TRAIN, 2, train)?;
    curve(chart, "validation, averaged weights", VALIDATION, 3, validation)?;
    for (name, nats) in lines {
        curve(chart, name, BASELINE, 1, [(0, *nats), (steps, *nats)].into_iter())?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE)
        .border_style(RGBColor(200, 200, 200))
        .label_font((FONT, 14))
        .draw()
}

fn curve<'b>(
    chart: &mut Chart<'b>,
    name: &str,
    color: RGBColor,
    width: u32,
    points: impl Iterator<Item = (u64, f64)>,
) -> Result<(), DrawingAreaErrorKind<<BitMapBackend<'b> as DrawingBackend>::ErrorType>> {
    chart
        .draw_series(LineSeries::new(points, color.stroke_width(width)))?
        .label(name)
        .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(width)));
    Ok(())
}

/// From a little below the lowest figure to a little above the highest; the first look may stick out.
fn bounds(history: &History, lines: &[(String, f64)]) -> (f64, f64) {
    let figures = || {
        let looks = history.looks.iter().flat_map(|look| [look.train, look.total()]);
        looks.chain(lines.iter().map(|(_, nats)| *nats))
    };
    let lowest = figures().fold(f64::INFINITY, f64::min);
    let highest = figures().fold(f64::NEG_INFINITY, f64::max);
    if lowest > highest {
        return (0.0, 1.0);
    }
    let room = ((highest - lowest) * 0.06).max(0.01);
    ((lowest - room).max(0.0), highest + room)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::training::Look;

    #[test]
    fn draws_curves_lines_and_labels() {
        let looks = (1..=20)
            .map(|i| Look {
                step: i * 50,
                tokens: 0,
                train: 3.0 + 4.0 / i as f64,
                validation: vec![1.0, 2.1 + 3.5 / i as f64],
            })
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("curve.png");
        let lines = [("5-gram".to_owned(), 4.9)];
        draw(&path, "chords", &History { looks }, &lines).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert!(bytes.starts_with(b"\x89PNG") && bytes.len() > 5000, "{} bytes", bytes.len());
        let again = folder.path().join("again.png");
        draw(&again, "another title", &History::default(), &lines).unwrap();
        assert_ne!(std::fs::read(&again).unwrap(), bytes);
    }

    #[test]
    fn a_history_without_looks_still_has_bounds() {
        assert_eq!(bounds(&History::default(), &[]), (0.0, 1.0));
    }
}
