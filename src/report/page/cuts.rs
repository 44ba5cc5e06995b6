//! The cuts on the bar grid: a picture of how far each is from the nearest beat, and a table.

use std::fmt::Write;

use super::{Page, axis::Axis, html::table};
use crate::metric::{CutDistance, Grid, cut_distances};

/// Sound and picture this near are one event.
const TOGETHER_SECONDS: f64 = 0.04;
/// Distances are drawn up to this.
const REACH_SECONDS: f64 = 0.4;
const MOST_ROWS: usize = 400;

pub(super) fn section(page: &Page, axis: &Axis) -> String {
    let grid = Grid::of_score(page.score);
    let cuts = cut_distances(page.plan, &grid);
    if cuts.is_empty() {
        return "<h2>Cuts on bars</h2>\n<p>The picture has no hard cuts.</p>\n".to_owned();
    }
    let row = |cut: &CutDistance| {
        let bar = grid.downbeats.partition_point(|downbeat| *downbeat <= cut.time + TOGETHER_SECONDS);
        let (seconds, strength) = (format!("{:.2} s", cut.time), format!("{:.2}", cut.strength));
        let where_it_is = Place::of(cut).name().to_owned();
        let (downbeat, beat) = (milliseconds(cut.downbeat_seconds), milliseconds(cut.beat_seconds));
        vec![seconds, bar.to_string(), strength, downbeat, beat, where_it_is]
    };
    let rows: Vec<Vec<String>> = cuts.iter().map(row).collect();
    let heads = ["cut", "in bar", "strength", "to downbeat", "to beat", "is"];
    format!(
        "<h2>Cuts on bars</h2>\n<p class=\"lead\">{}. Distances are positive where the cut comes after the beat.</p>\n\
         <div class=\"timeline\">{}{}</div>\n{}\n",
        in_words(&cuts),
        plot(&cuts, axis),
        axis.ticks(),
        table("Cuts and how far they are from bars and beats", &heads, rows.iter().take(MOST_ROWS))
    )
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Downbeat,
    Beat,
    Off,
}

impl Place {
    fn of(cut: &CutDistance) -> Self {
        let is_near = |distance: Option<f64>| distance.is_some_and(|distance| distance.abs() <= TOGETHER_SECONDS);
        match () {
            () if is_near(cut.downbeat_seconds) => Self::Downbeat,
            () if is_near(cut.beat_seconds) => Self::Beat,
            () => Self::Off,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Downbeat => "on a downbeat",
            Self::Beat => "on a beat",
            Self::Off => "off the beat",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Downbeat => "on-downbeat",
            Self::Beat => "on-beat",
            Self::Off => "off-beat",
        }
    }
}

fn in_words(cuts: &[CutDistance]) -> String {
    let count = |place| cuts.iter().filter(|cut| Place::of(cut) == place).count();
    let (downbeat, beat) = (count(Place::Downbeat), count(Place::Beat));
    let within = TOGETHER_SECONDS * 1e3;
    format!("Of {} cuts {downbeat} are on a downbeat and {beat} on another beat, within {within:.0} ms", cuts.len())
}

/// A stem a cut, from the beat to where the cut is.
fn plot(cuts: &[CutDistance], axis: &Axis) -> String {
    let mut marks = String::new();
    for cut in cuts {
        let distance = cut.beat_seconds.unwrap_or(REACH_SECONDS).clamp(-REACH_SECONDS, REACH_SECONDS);
        let (x, y) = (axis.x(cut.time), 50.0 - 50.0 * distance / REACH_SECONDS);
        let class = Place::of(cut).class();
        let _ = write!(
            marks,
            "<path class=\"stem\" d=\"M{x:.1} 50V{y:.1}\"/><path class=\"dot {class}\" d=\"M{x:.1} {y:.1}h0\"/>"
        );
    }
    let keys = [Place::Downbeat, Place::Beat, Place::Off]
        .map(|place| format!(" <span class=\"key {}\">{}</span>", place.class(), place.name()));
    format!(
        "<figure class=\"panel\"><figcaption><b>Distance to the nearest beat</b> <small>ms</small>{keys}</figcaption>\
         <div class=\"plot\"><svg viewBox=\"0 0 1000 100\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{words}\">\
         {back}<path class=\"zero\" d=\"M0 50H1000\"/>{marks}</svg>\
         <span class=\"high\">{reach:.0}</span><span class=\"low\">-{reach:.0}</span></div></figure>\n",
        keys = keys.concat(),
        words = in_words(cuts),
        back = axis.background(),
        reach = REACH_SECONDS * 1e3,
    )
}

fn milliseconds(seconds: Option<f64>) -> String {
    seconds.map_or("-".to_owned(), |seconds| format!("{:+.0} ms", seconds * 1e3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(downbeat: f64, beat: f64) -> CutDistance {
        CutDistance { time: 5.0, strength: 0.5, downbeat_seconds: Some(downbeat), beat_seconds: Some(beat) }
    }

    #[test]
    fn cuts_are_told_by_where_they_are() {
        let cuts = [cut(0.03, 0.03), cut(-0.6, -0.04), cut(0.1, 0.1)];
        assert_eq!(cuts.map(|cut| Place::of(&cut).name()), ["on a downbeat", "on a beat", "off the beat"]);
        assert!(in_words(&cuts).starts_with("Of 3 cuts 1 are on a downbeat and 1 on another beat"));
        let html = plot(&cuts, &Axis::of(&crate::metric::example::plan()));
        assert!(html.contains("d=\"M250.0 50V37.5\"") && html.matches("class=\"stem\"").count() == 3, "{html}");
    }
}
