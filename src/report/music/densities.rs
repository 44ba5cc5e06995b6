//! How the values of each measure are spread: real songs, and composed pieces over them. One PNG, a small chart a measure.

use std::path::Path;

use plotters::{
    coord::Shift,
    prelude::*,
    style::{FontStyle, register_font},
};

use super::PictureError;

const FONT: &str = "sans-serif";
const COLUMNS: usize = 4;
const CHART: (u32, u32) = (290, 190);
const REAL: RGBColor = RGBColor(150, 160, 175);
const MADE: RGBColor = RGBColor(20, 90, 200);

/// A measure's densities at equal places.
pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) real: Vec<(f64, f64)>,
    pub(crate) made: Vec<(f64, f64)>,
}

pub(crate) fn draw(path: &Path, charts: &[Chart]) -> Result<(), PictureError> {
    let failed = |error: &dyn std::fmt::Display| PictureError(error.to_string());
    register_font(FONT, FontStyle::Normal, dejavu::sans::regular())
        .map_err(|_| PictureError("the built-in font does not load".to_owned()))?;
    let rows = charts.len().div_ceil(COLUMNS).max(1);
    let size = (CHART.0 * COLUMNS as u32, CHART.1 * rows as u32);
    let area = BitMapBackend::new(path, size).into_drawing_area();
    area.fill(&WHITE).map_err(|error| failed(&error))?;
    for (chart, area) in charts.iter().zip(area.split_evenly((rows, COLUMNS))) {
        draw_one(chart, &area).map_err(|error| failed(&error))?;
    }
    area.present().map_err(|error| failed(&error))
}

fn draw_one<'b>(
    chart: &Chart,
    area: &DrawingArea<BitMapBackend<'b>, Shift>,
) -> Result<(), DrawingAreaErrorKind<<BitMapBackend<'b> as DrawingBackend>::ErrorType>> {
    let points = || chart.real.iter().chain(&chart.made).copied();
    let (left, right) =
        points().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (x, _)| (low.min(x), high.max(x)));
    let top = points().map(|(_, y)| y).fold(f64::MIN_POSITIVE, f64::max);
    if left >= right {
        return Ok(());
    }
    let mut built = ChartBuilder::on(area)
        .caption(&chart.title, (FONT, 13))
        .margin(6)
        .x_label_area_size(22)
        .build_cartesian_2d(left..right, 0.0..1.08 * top)?;
    let mesh = &mut built.configure_mesh();
    mesh.disable_mesh().x_labels(4).label_style((FONT, 11)).draw()?;
    let ground = [(right, 0.0), (left, 0.0)];
    let hill: Vec<(f64, f64)> = chart.real.iter().copied().chain(ground).collect();
    built.draw_series([Polygon::new(hill, REAL.mix(0.45))])?;
    built.draw_series(LineSeries::new(chart.made.iter().copied(), MADE.stroke_width(2)))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_has_its_chart() {
        let bell =
            |middle: f64| (0..50).map(|n| f64::from(n) / 10.0).map(|x| (x, (-(x - middle).powi(2)).exp())).collect();
        let charts: Vec<Chart> =
            (0..5).map(|n| Chart { title: format!("measure {n}"), real: bell(2.0), made: bell(3.0) }).collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("densities.png");
        draw(&path, &charts).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert!(bytes.starts_with(b"\x89PNG") && bytes.len() > 4000, "{} bytes", bytes.len());
        draw(&path, &[Chart { title: "nothing".to_owned(), real: vec![], made: vec![] }]).unwrap();
    }
}
