//! How full each bar is: what the conditions ask for, read as the layers that play.

use crate::{
    artifact::{BarConditions, Section},
    music::Metre,
};

/// How much of the band plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Chords and long notes only.
    Calm,
    Light,
    Moving,
    Full,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Intro,
    Middle,
    Outro,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct BarShape {
    pub(crate) place: Place,
    pub(crate) level: Level,
    /// First bar of a section.
    pub(crate) opens: bool,
    /// Last bar of a section that another one follows.
    pub(crate) closes: bool,
    /// The swell of the phrase, 0 at its ends, 1 after two thirds of it.
    pub(crate) swell: f32,
}

/// Energy 0..1 up to which a section is calm, light, moving.
const BORDERS: [f32; 3] = [0.24, 0.42, 0.62];
/// The strongest section steps up a level when it stands out by this much energy.
const STANDS_OUT: f32 = 0.04;
/// Accompaniment notes a bar in calm and in full songs (5 % and 95 % of POP909's bars).
const DENSITY: (f32, f32) = (4.0, 22.0);
const PHRASE_BARS: usize = 4;
const TOP_OF_PHRASE: f32 = 0.66;

/// The shape of every bar.
pub(crate) fn shapes(sections: &[Section], conditions: &[BarConditions], metre: &Metre) -> Vec<BarShape> {
    let plain = BarShape { place: Place::Middle, level: Level::Calm, opens: false, closes: false, swell: 0.5 };
    let mut shapes = vec![plain; metre.bars()];
    let spans = section_spans(sections, metre.bars());
    let energies: Vec<f32> = spans.iter().map(|span| mean_energy(span, conditions, metre)).collect();
    let strongest = strongest(&energies, &spans);
    for (number, span) in spans.iter().enumerate() {
        let level = level(energies[number], strongest == Some(number));
        for (place_in, shape) in shapes[span.first..span.end].iter_mut().enumerate() {
            *shape = BarShape {
                place: span.place,
                level,
                opens: place_in == 0,
                closes: span.first + place_in + 1 == span.end && number + 1 < spans.len(),
                swell: swell(place_in, span.end - span.first),
            };
        }
    }
    shapes
}

struct SectionSpan {
    first: usize,
    end: usize,
    place: Place,
}

/// Sections inside the piece; a lone section is neither intro nor outro.
fn section_spans(sections: &[Section], bars: usize) -> Vec<SectionSpan> {
    let place = |name: &str| match name {
        _ if sections.len() == 1 => Place::Middle,
        "intro" => Place::Intro,
        "outro" => Place::Outro,
        _ => Place::Middle,
    };
    let span = |section: &Section| SectionSpan {
        first: section.first_bar.min(bars),
        end: section.first_bar.saturating_add(section.bars).min(bars),
        place: place(&section.name),
    };
    sections.iter().map(span).filter(|span| span.first < span.end).collect()
}

fn mean_energy(span: &SectionSpan, conditions: &[BarConditions], metre: &Metre) -> f32 {
    let bars = span.first..span.end;
    let sum: f32 = bars.clone().map(|bar| energy(&conditions[bar], metre.span(bar).len() as f32 / 16.0)).sum();
    sum / bars.len() as f32
}

/// 0 calm .. 1 full. A short bar is asked for fewer notes and is no calmer for it.
fn energy(bar: &BarConditions, share: f32) -> f32 {
    let density = (bar.density / share - DENSITY.0) / (DENSITY.1 - DENSITY.0);
    0.25 * (bar.arousal + 1.0) + 0.5 * density.clamp(0.0, 1.0)
}

/// The middle section with the most energy, if it stands out; of equal ones the last, so that a piece builds up.
fn strongest(energies: &[f32], spans: &[SectionSpan]) -> Option<usize> {
    let middle: Vec<usize> = (0..spans.len()).filter(|number| spans[*number].place == Place::Middle).collect();
    let mean = middle.iter().map(|number| energies[*number]).sum::<f32>() / middle.len().max(1) as f32;
    let top = middle.into_iter().max_by(|a, b| energies[*a].total_cmp(&energies[*b]))?;
    (energies[top] > mean + STANDS_OUT).then_some(top)
}

fn level(energy: f32, stands_out: bool) -> Level {
    let levels = [Level::Calm, Level::Light, Level::Moving, Level::Full];
    let place = BORDERS.iter().filter(|border| energy > **border).count();
    let raised = if stands_out && place > 0 { place + 1 } else { place };
    levels[raised.min(3)]
}

/// Two straight lines: up to two thirds of the phrase, then down.
fn swell(bar: usize, section_bars: usize) -> f32 {
    let phrase = PHRASE_BARS.min(section_bars);
    let place = ((bar % PHRASE_BARS) as f32 + 0.5) / phrase as f32;
    let fall = (1.0 - place) / (1.0 - TOP_OF_PHRASE);
    (place / TOP_OF_PHRASE).min(fall).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(arousal: f32, density: f32) -> BarConditions {
        BarConditions { valence: 0.0, arousal, density, dynamics: 70.0, register: 57.0, melody_density: 6.0 }
    }

    fn section(name: &str, first_bar: usize, bars: usize) -> Section {
        Section { name: name.to_owned(), first_bar, bars }
    }

    fn shaped(sections: &[Section], rows: &[BarConditions]) -> Vec<BarShape> {
        shapes(sections, rows, &Metre::new(vec![4; rows.len()]))
    }

    #[test]
    fn levels_follow_energy_and_the_strongest_steps_up() {
        let sections = [section("intro", 0, 2), section("a", 2, 2), section("b", 4, 2), section("outro", 6, 2)];
        let mut rows = vec![row(0.0, 12.0); 8];
        rows[4..6].fill(row(0.2, 14.0));
        let shapes = shaped(&sections, &rows);
        assert_eq!((shapes[0].place, shapes[2].place, shapes[7].place), (Place::Intro, Place::Middle, Place::Outro));
        assert_eq!((shapes[2].level, shapes[4].level), (Level::Moving, Level::Full));
        let edges: Vec<(bool, bool)> = shapes.iter().map(|shape| (shape.opens, shape.closes)).collect();
        assert_eq!(edges[1..4], [(false, true), (true, false), (false, true)]);
        assert!(!edges[7].1, "nothing follows the last bar");
    }

    #[test]
    fn calm_conditions_are_calm_and_wild_ones_full() {
        let one = [section("outro", 0, 3)];
        assert_eq!(shaped(&one, &[row(-0.8, 5.0); 3])[1].level, Level::Calm);
        let wild = shaped(&one, &[row(0.9, 22.0); 3])[1];
        assert_eq!((wild.level, wild.place), (Level::Full, Place::Middle));
    }

    #[test]
    fn a_short_bar_is_no_calmer() {
        let full = energy(&row(0.0, 12.0), 1.0);
        assert!((energy(&row(0.0, 6.0), 0.5) - full).abs() < 1e-6);
    }

    #[test]
    fn phrases_swell_and_sink() {
        let swells: Vec<f32> = (0..8).map(|bar| swell(bar, 8)).collect();
        assert!(swells[0] < swells[1] && swells[1] < swells[2] && swells[3] < swells[2]);
        assert!((swells[4] - swells[0]).abs() < 1e-6);
        assert!((0.0..=1.0).contains(&swell(0, 1)));
    }

    #[test]
    fn sections_outside_the_piece_do_no_harm() {
        let shapes = shaped(&[section("a", 1, 90), section("b", 90, usize::MAX)], &[row(0.0, 9.0); 3]);
        assert_eq!(shapes.len(), 3);
    }
}
