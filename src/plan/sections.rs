//! Form: phrases of 8 or 4 bars joined to named sections, with boundaries drawn to strong cuts within reach.

use super::{bars::SHORT_PHRASE_BARS as PHRASE_BARS, moment::STRONG_SHARE};
use crate::artifact::{Bar, Cut, Section};

/// What moving a boundary by a bar costs, in bars of distance to a cut.
const SHIFT_COST: f64 = 0.1;
/// The middle of a piece: a rondo, so that what was heard comes back.
const RONDO: [&str; 12] = ["a", "b", "a'", "c", "a'", "b'", "a'", "d", "a'", "c'", "a'", "b'"];
/// From this many phrases on, sections of the middle have two.
const PHRASES_FOR_PERIODS: usize = 6;

/// Sections of whole phrases that cover all bars in order.
pub(super) fn form_sections(bars: &[Bar], phrase: usize, end_seconds: f64, cuts: &[Cut]) -> Vec<Section> {
    let lengths = section_lengths(bars.len(), phrase);
    let starts = draw_to_cuts(&starts_of(&lengths), bars, end_seconds, cuts);
    let names = section_names(starts.len());
    let ends = starts.iter().skip(1).copied().chain([bars.len()]);
    let spans = starts.iter().zip(ends);
    names.into_iter().zip(spans).map(|(name, (first, end))| section(name, *first, end)).collect()
}

fn section(name: String, first_bar: usize, end: usize) -> Section {
    Section { name, first_bar, bars: end - first_bar }
}

/// An intro of one phrase, middle sections of one or two, an outro that takes the odd bars. Middles of two-phrase sections have
/// an even number of them: such a theme is said again before another one comes.
fn section_lengths(bars: usize, phrase: usize) -> Vec<usize> {
    let phrases = bars / phrase;
    let outro = phrase + bars % phrase;
    match phrases {
        0 | 1 => vec![bars],
        2 => vec![phrase, outro],
        _ => {
            let middle = phrases - 2;
            let all = if middle >= PHRASES_FOR_PERIODS { middle / 2 } else { 0 };
            let doubled = if (middle - all).is_multiple_of(2) { all } else { all - usize::from(all > 0) };
            let mut lengths = vec![phrase];
            lengths.extend(vec![2 * phrase; doubled]);
            lengths.extend(vec![phrase; middle - 2 * doubled]);
            lengths.push(outro);
            lengths
        }
    }
}

fn section_names(sections: usize) -> Vec<String> {
    let names: Vec<&str> = match sections {
        1 => vec!["a"],
        2 => vec!["a", "outro"],
        _ => ["intro"].into_iter().chain(middle_names(sections - 2)).chain(["outro"]).collect(),
    };
    names.into_iter().map(str::to_owned).collect()
}

/// A rondo ends where it began; an even number of sections says its theme twice before it leaves it.
fn middle_names(sections: usize) -> Vec<&'static str> {
    let rondo = |count: usize| RONDO.iter().copied().chain(RONDO.iter().copied().cycle().map(again)).take(count);
    if sections < 4 || !sections.is_multiple_of(2) {
        return rondo(sections).collect();
    }
    ["a", "a'"].into_iter().chain(rondo(sections - 1).skip(1)).collect()
}

/// As it is called when it comes back.
fn again(name: &'static str) -> &'static str {
    match name {
        "a" => "a'",
        "b" => "b'",
        "c" => "c'",
        "d" => "d'",
        name => name,
    }
}

fn starts_of(lengths: &[usize]) -> Vec<usize> {
    let sums = lengths.iter().scan(0, |sum, length| {
        let start = *sum;
        *sum += length;
        Some(start)
    });
    sums.collect()
}

/// Moves each boundary by a phrase of four bars, if that is the downbeat with the nearest strong cut. Phrases stay whole: no
/// section is shorter than one.
fn draw_to_cuts(starts: &[usize], bars: &[Bar], end_seconds: f64, cuts: &[Cut]) -> Vec<usize> {
    let strong = strong_cuts(cuts);
    let bar_seconds = end_seconds / bars.len() as f64;
    let mut drawn: Vec<usize> = starts.iter().take(1).copied().collect();
    for (index, &start) in starts.iter().enumerate().skip(1) {
        let earliest = drawn.last().map_or(0, |last| last + PHRASE_BARS);
        let latest = starts.get(index + 1).copied().unwrap_or(bars.len()).saturating_sub(PHRASE_BARS).max(start);
        let cost = |bar: usize| {
            let nearest = strong.iter().map(|time| (time - bars[bar].start).abs() / bar_seconds);
            nearest.fold(1.0, f64::min) + SHIFT_COST * bar.abs_diff(start) as f64
        };
        let reachable = [start.saturating_sub(PHRASE_BARS), start, start + PHRASE_BARS];
        let reachable = reachable.into_iter().filter(|bar| (earliest..=latest).contains(bar));
        let best = reachable.min_by(|a, b| cost(*a).total_cmp(&cost(*b)));
        drawn.push(best.unwrap_or(start));
    }
    drawn
}

fn strong_cuts(cuts: &[Cut]) -> Vec<f64> {
    let strongest = cuts.iter().map(|cut| cut.strength).fold(0.0, f32::max);
    cuts.iter().filter(|cut| cut.strength >= STRONG_SHARE * strongest).map(|cut| cut.time).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::bars::phrase_bars;

    fn bars(count: usize) -> Vec<Bar> {
        (0..count).map(|bar| Bar { start: 2.0 * bar as f64, beats: 4 }).collect()
    }

    fn form(count: usize, cuts: &[(f64, f32)]) -> Vec<(String, usize, usize)> {
        let cuts: Vec<Cut> = cuts.iter().map(|&(time, strength)| Cut { time, strength }).collect();
        let sections = form_sections(&bars(count), phrase_bars(count as f64), 2.0 * count as f64, &cuts);
        sections.into_iter().map(|section| (section.name, section.first_bar, section.bars)).collect()
    }

    fn named(sections: &[(&str, usize, usize)]) -> Vec<(String, usize, usize)> {
        sections.iter().map(|(name, first, bars)| ((*name).to_owned(), *first, *bars)).collect()
    }

    #[test]
    fn small_pieces() {
        assert_eq!(form(1, &[]), named(&[("a", 0, 1)]));
        assert_eq!(form(7, &[]), named(&[("a", 0, 7)]));
        assert_eq!(form(9, &[]), named(&[("a", 0, 4), ("outro", 4, 5)]));
        assert_eq!(form(12, &[]), named(&[("intro", 0, 4), ("a", 4, 4), ("outro", 8, 4)]));
    }

    #[test]
    fn a_minute_has_two_themes_and_a_return() {
        let expected = [("intro", 0, 4), ("a", 4, 4), ("b", 8, 4), ("a'", 12, 4), ("outro", 16, 6)];
        assert_eq!(form(22, &[]), named(&expected));
    }

    #[test]
    fn what_is_longer_is_still_of_a_piece() {
        let names = |bars: usize| {
            let said = form(bars, &[]).into_iter().map(|(name, _, bars)| format!("{name} {bars}"));
            said.collect::<Vec<_>>().join(", ")
        };
        assert_eq!(names(6), "a 6");
        assert_eq!(names(24), "intro 4, a 4, a' 4, b 4, a' 4, outro 4");
        assert_eq!(names(32), "intro 4, a 8, a' 8, b 4, a' 4, outro 4");
        assert_eq!(names(72), "intro 8, a 16, a' 16, b 16, a' 8, outro 8");
        assert_eq!(
            names(240),
            "intro 8, a 16, a' 16, b 16, a' 16, c 16, a' 16, b' 16, a' 16, d 16, a' 16, c' 16, a' 16, b' 16, a' 16, outro 8"
        );
    }

    #[test]
    fn a_strong_cut_draws_a_boundary_by_a_phrase_and_a_weak_one_does_not() {
        let drawn = |strength| form(32, &[(16.1, strength), (3.0, 0.8)])[..3].to_vec();
        assert_eq!(drawn(0.9), named(&[("intro", 0, 8), ("a", 8, 4), ("a'", 12, 8)]));
        assert_eq!(drawn(0.2), named(&[("intro", 0, 4), ("a", 4, 8), ("a'", 12, 8)]));
        assert_eq!(form(12, &[(12.1, 0.9)])[0].2, 4, "a section of one phrase gives none away");
    }

    #[test]
    fn a_cut_on_the_boundary_keeps_it() {
        assert_eq!(form(32, &[(8.0, 0.9), (24.0, 0.9)])[1], ("a".to_owned(), 4, 8));
    }

    proptest! {
        #[test]
        fn sections_cover_all_bars(count in 1_usize..2000, cuts in prop::collection::vec((0.0_f64..4000.0, 0.0_f32..1.0), 0..40)) {
            let mut next = 0;
            for (name, first, bars) in form(count, &cuts) {
                prop_assert_eq!(first, next, "{}", name);
                prop_assert!(bars >= 1 && (bars >= PHRASE_BARS || count < PHRASE_BARS));
                let is_whole = bars.is_multiple_of(PHRASE_BARS);
                prop_assert!(is_whole || name == "outro" || next + bars == count, "{} has {} bars", name, bars);
                next = first + bars;
            }
            prop_assert_eq!(next, count);
        }
    }
}
