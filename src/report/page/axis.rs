//! The time axis that all panels of the page share: bars, sections, cuts, and marks in seconds.

use std::fmt::Write;

use super::html::{clock, escape};
use crate::artifact::{CuePlan, Section};

/// Panels are this wide in their own units and stretch to the page.
const WIDTH: f64 = 1000.0;
/// More bar lines than this only make grey.
const MOST_BAR_LINES: usize = 160;

pub(super) struct Axis {
    pub(super) end: f64,
    downbeats: Vec<f64>,
    sections: Vec<(f64, f64, String)>,
    cuts: Vec<f64>,
}

impl Axis {
    pub(super) fn of(plan: &CuePlan) -> Self {
        let start = |bar: usize| plan.bars.get(bar).map_or(plan.end_seconds, |bar| bar.start);
        let span = |section: &Section| {
            (start(section.first_bar), start(section.first_bar + section.bars), section.name.clone())
        };
        Self {
            end: plan.end_seconds.max(1e-3),
            downbeats: plan.bars.iter().map(|bar| bar.start).collect(),
            sections: plan.sections.iter().map(span).collect(),
            cuts: plan.cuts.iter().map(|cut| cut.time).collect(),
        }
    }

    pub(super) fn x(&self, seconds: f64) -> f64 {
        (seconds / self.end).clamp(0.0, 1.0) * WIDTH
    }

    fn percent(&self, seconds: f64) -> f64 {
        (seconds / self.end).clamp(0.0, 1.0) * 100.0
    }

    /// Start and end of each bar.
    pub(super) fn bars(&self) -> Vec<(f64, f64)> {
        let ends = self.downbeats.iter().skip(1).copied().chain([self.end]);
        self.downbeats.iter().copied().zip(ends).collect()
    }

    /// What lies behind the curves of every panel.
    pub(super) fn background(&self) -> String {
        let mut svg = String::new();
        for (from, to, _) in self.sections.iter().skip(1).step_by(2) {
            let (left, right) = (self.x(*from), self.x(*to));
            let _ = write!(
                svg,
                "<rect class=\"band\" x=\"{left:.1}\" y=\"0\" width=\"{:.1}\" height=\"100\"/>",
                right - left
            );
        }
        let step = self.downbeats.len().div_ceil(MOST_BAR_LINES).max(1);
        for downbeat in self.downbeats.iter().step_by(step) {
            let x = self.x(*downbeat);
            let _ = write!(svg, "<path class=\"bar\" d=\"M{x:.1} 0V100\"/>");
        }
        for cut in &self.cuts {
            let x = self.x(*cut);
            let _ = write!(svg, "<path class=\"cut\" d=\"M{x:.1} 0V100\"/>");
        }
        svg
    }

    /// The sections as named boxes.
    pub(super) fn section_strip(&self) -> String {
        let mut html = String::from("<div class=\"sections\" role=\"list\" aria-label=\"Sections\">");
        for (from, to, name) in &self.sections {
            let (left, right) = (self.percent(*from), self.percent(*to));
            let (name, begin) = (escape(name), clock(*from));
            let _ = write!(
                html,
                "<span role=\"listitem\" title=\"{name} from {begin}\" style=\"left:{left:.2}%;width:{:.2}%\">{name}</span>",
                right - left
            );
        }
        html.push_str("</div>\n");
        html
    }

    /// Marks in seconds below the panels; every other one is hidden on narrow screens.
    pub(super) fn ticks(&self) -> String {
        let steps = [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0];
        let step = steps.into_iter().find(|step| self.end / step <= 10.0).unwrap_or(1800.0);
        let mut html = String::from("<div class=\"ticks\" aria-hidden=\"true\">");
        for mark in 0..=(self.end / step) as u32 {
            let seconds = f64::from(mark) * step;
            let text = if self.end < 120.0 { format!("{seconds:.0} s") } else { clock(seconds) };
            let _ = write!(html, "<span style=\"left:{:.2}%\">{text}</span>", self.percent(seconds));
        }
        html.push_str("</div>\n");
        html
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::example::plan;

    #[test]
    fn everything_lies_on_one_axis() {
        let axis = Axis::of(&plan());
        assert!((axis.x(5.0) - 250.0).abs() < 1e-9 && (axis.x(99.0) - 1000.0).abs() < 1e-9);
        assert_eq!(axis.bars()[7], (17.5, 20.0));
        let background = axis.background();
        assert_eq!(background.matches("class=\"bar\"").count(), 8);
        assert_eq!(background.matches("class=\"cut\"").count(), 2);
        assert!(background.contains("<rect class=\"band\" x=\"250.0\" y=\"0\" width=\"500.0\""));
        assert!(axis.section_strip().contains("left:25.00%;width:50.00%\">a</span>"));
        assert!(axis.ticks().contains("left:50.00%\">10 s<"));
    }

    #[test]
    fn long_films_get_fewer_lines_and_marks() {
        let mut plan = plan();
        plan.bars = (0..4000).map(|bar| crate::artifact::Bar { start: f64::from(bar) * 2.5, beats: 4 }).collect();
        plan.end_seconds = 10_000.0;
        let axis = Axis::of(&plan);
        assert!(axis.background().matches("class=\"bar\"").count() <= MOST_BAR_LINES);
        assert!(axis.ticks().matches("<span").count() <= 11);
        assert!(axis.ticks().contains("2:40:00") || axis.ticks().contains("2:30:00"));
    }

    #[test]
    fn section_names_are_escaped() {
        let mut plan = plan();
        plan.sections[0].name = "<b>".to_owned();
        assert!(!Axis::of(&plan).section_strip().contains("<b>"));
    }
}
