//! One panel of the page: curves over time as inline SVG that stretches to the page, with its numbers written beside it.

use std::fmt::Write;

use super::{axis::Axis, html::escape};

/// Points of a curve at most: more than pixels are wide.
const MOST_POINTS: usize = 1200;

/// A value that holds from one second to another; none where there is nothing to measure.
pub(super) type Span = (f64, f64, Option<f64>);

pub(super) struct Series {
    pub(super) name: &'static str,
    /// Colour class: `one`, `two` or `goal`.
    pub(super) class: &'static str,
    pub(super) shape: Shape,
    pub(super) spans: Vec<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// Through the middles of the spans, filled down to the bottom.
    Area,
    Line,
    /// Level over each span.
    Step,
}

pub(super) struct Panel {
    pub(super) title: &'static str,
    pub(super) unit: &'static str,
    /// Values at the bottom and the top; wider where a curve leaves it.
    pub(super) range: (f64, f64),
    /// Stretches of time that are shaded.
    pub(super) bands: Vec<(f64, f64)>,
    pub(super) series: Vec<Series>,
}

impl Panel {
    pub(super) fn html(&self, axis: &Axis) -> String {
        let (low, high) = self.full_range();
        let y = |value: f64| 100.0 - (value.clamp(low, high) - low) / (high - low) * 100.0;
        let mut curves = String::new();
        for (from, to) in &self.bands {
            let (left, right) = (axis.x(*from), axis.x(*to));
            let _ = write!(curves, "<path class=\"shade\" d=\"M{left:.1} 0H{right:.1}V100H{left:.1}Z\"/>");
        }
        for series in &self.series {
            curves.push_str(&series.svg(axis, &y));
        }
        if low < 0.0 && high > 0.0 {
            let _ = write!(curves, "<path class=\"zero\" d=\"M0 {:.1}H1000\"/>", y(0.0));
        }
        format!(
            "<figure class=\"panel\"><figcaption><b>{title}</b> <small>{unit}</small>{keys}</figcaption>\
             <div class=\"plot\"><svg viewBox=\"0 0 1000 100\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{label}\">{back}{curves}</svg>\
             <span class=\"high\">{high}</span><span class=\"low\">{low}</span><i class=\"head\" hidden></i></div></figure>\n",
            title = escape(self.title),
            unit = escape(self.unit),
            keys = self.keys(),
            label = escape(&self.in_words()),
            back = axis.background(),
            high = short(high),
            low = short(low),
        )
    }

    fn full_range(&self) -> (f64, f64) {
        let values = self.series.iter().flat_map(|series| &series.spans).filter_map(|span| span.2);
        let (low, high) = values
            .filter(|value| value.is_finite())
            .fold(self.range, |(low, high), value| (low.min(value), high.max(value)));
        (low.floor(), high.ceil().max(low.floor() + 1.0))
    }

    /// What the colours mean; needless for a single curve.
    fn keys(&self) -> String {
        if self.series.len() < 2 {
            return String::new();
        }
        let key = |series: &Series| format!(" <span class=\"key {}\">{}</span>", series.class, escape(series.name));
        self.series.iter().map(key).collect()
    }

    /// The panel for who cannot see it.
    fn in_words(&self) -> String {
        let said = self.series.iter().map(|series| {
            let values: Vec<f64> = series.spans.iter().filter_map(|span| span.2).collect();
            let Some(low) = values.iter().copied().reduce(f64::min) else { return format!("{}: nothing", series.name) };
            let high = values.iter().copied().fold(low, f64::max);
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            format!("{} from {} to {}, mean {}", series.name, short(low), short(high), short(mean))
        });
        let bands = match self.bands.len() {
            0 => String::new(),
            count => format!(
                "; {count} stretches shaded, {:.1} s",
                self.bands.iter().map(|(from, to)| to - from).sum::<f64>()
            ),
        };
        format!("{}, {}: {}{bands}", self.title, self.unit, said.collect::<Vec<_>>().join("; "))
    }
}

impl Series {
    fn svg(&self, axis: &Axis, y: &impl Fn(f64) -> f64) -> String {
        let spans = thinned(&self.spans);
        let mut svg = String::new();
        for run in spans.split(|span| span.2.is_none()).filter(|run| !run.is_empty()) {
            let path = self.path(run, axis, y);
            if self.shape == Shape::Area {
                let (left, right) = (axis.x(run[0].0), axis.x(run[run.len() - 1].1));
                let _ = write!(svg, "<path class=\"area {}\" d=\"{path}L{right:.1} 100H{left:.1}Z\"/>", self.class);
            }
            let _ = write!(svg, "<path class=\"line {}\" d=\"{path}\"/>", self.class);
        }
        svg
    }

    /// The curve over spans that all have values.
    fn path(&self, run: &[Span], axis: &Axis, y: &impl Fn(f64) -> f64) -> String {
        let mut path = String::new();
        for (from, to, value) in run {
            let (left, right, height) = (axis.x(*from), axis.x(*to), y(value.unwrap_or_default()));
            let command = if path.is_empty() { 'M' } else { 'L' };
            let _ = match self.shape {
                Shape::Step => write!(path, "{command}{left:.1} {height:.1}H{right:.1}"),
                Shape::Area | Shape::Line if path.is_empty() => {
                    write!(path, "M{left:.1} {height:.1}L{:.1} {height:.1}", f64::midpoint(left, right))
                }
                Shape::Area | Shape::Line => write!(path, "L{:.1} {height:.1}", f64::midpoint(left, right)),
            };
        }
        if let (Shape::Area | Shape::Line, Some((_, to, Some(value)))) = (self.shape, run.last()) {
            let _ = write!(path, "L{:.1} {:.1}", axis.x(*to), y(*value));
        }
        path
    }
}

/// Means of neighbouring spans, so that a long film's page stays light.
fn thinned(spans: &[Span]) -> Vec<Span> {
    let together = spans.len().div_ceil(MOST_POINTS).max(1);
    let joined = spans.chunks(together).map(|group| {
        let values: Vec<f64> = group.iter().filter_map(|span| span.2).filter(|value| value.is_finite()).collect();
        let mean = (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
        (group[0].0, group[group.len() - 1].1, mean)
    });
    joined.collect()
}

/// A number with as many digits as people read.
pub(super) fn short(value: f64) -> String {
    let digits = if value.abs() >= 20.0 || value.fract().abs() < 1e-9 {
        0
    } else if value.abs() >= 2.0 {
        1
    } else {
        2
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::example::plan;

    fn panel(shape: Shape, values: &[Option<f64>]) -> Panel {
        let spans = values.iter().enumerate().map(|(at, value)| (5.0 * at as f64, 5.0 * at as f64 + 5.0, *value));
        let series = Series { name: "asked", class: "one", shape, spans: spans.collect() };
        Panel { title: "Density", unit: "notes a bar", range: (0.0, 10.0), bands: vec![], series: vec![series] }
    }

    #[test]
    fn steps_are_level_over_their_spans() {
        let html = panel(Shape::Step, &[Some(10.0), Some(0.0), None, Some(5.0)]).html(&Axis::of(&plan()));
        assert!(html.contains("d=\"M0.0 0.0H250.0L250.0 100.0H500.0\""), "{html}");
        assert!(html.contains("d=\"M750.0 50.0H1000.0\""), "a hole breaks the curve: {html}");
    }

    #[test]
    fn lines_run_through_the_middles_and_reach_both_ends() {
        let html = panel(Shape::Line, &[Some(0.0), Some(10.0)]).html(&Axis::of(&plan()));
        assert!(html.contains("d=\"M0.0 100.0L125.0 100.0L375.0 0.0L500.0 0.0\""), "{html}");
    }

    #[test]
    fn the_panel_says_in_words_what_it_shows() {
        let html = panel(Shape::Area, &[Some(2.0), None, Some(4.5)]).html(&Axis::of(&plan()));
        assert!(html.contains("aria-label=\"Density, notes a bar: asked from 2 to 4.5, mean 3.2\""), "{html}");
        let empty = panel(Shape::Line, &[None]).html(&Axis::of(&plan()));
        assert!(empty.contains("asked: nothing"));
    }

    #[test]
    fn a_curve_that_leaves_the_range_widens_it() {
        let html = panel(Shape::Line, &[Some(-3.5), Some(42.0)]).html(&Axis::of(&plan()));
        assert!(html.contains("<span class=\"high\">42</span><span class=\"low\">-4</span>"), "{html}");
        assert!(html.contains("class=\"zero\""));
    }

    #[test]
    fn long_curves_are_thinned_by_means() {
        let spans: Vec<Span> =
            (0..3600).map(|at| (f64::from(at), f64::from(at) + 1.0, Some(f64::from(at % 2)))).collect();
        let thin = thinned(&spans);
        assert_eq!(thin.len(), 1200);
        assert_eq!((thin[0].0, thin[0].1), (0.0, 3.0));
        assert!(thin.iter().all(|span| (0.2..0.8).contains(&span.2.unwrap())));
    }
}
