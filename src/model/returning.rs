//! Which earlier bar a bar brings back, by form: sections of one letter return, the outro remembers the first theme, and the
//! second phrase of a section answers the first. The last bars of a phrase go their own way: that is the answer, and the
//! cadence.

use std::ops::Range;

use crate::artifact::Section;

/// Phrases have four bars; two of them are a period.
pub(super) const PHRASE_BARS: usize = 4;
pub(super) const PERIOD_BARS: usize = 8;
/// Bars of an answering phrase that say again what was stated.
const STATED_BARS: usize = 2;
/// Bars at the end of a piece that nothing comes back in.
pub(super) const CLOSE_BARS: usize = 2;

/// For each of a plan's bars the earlier one that it brings back.
pub(super) fn models(sections: &[Section], bars: usize) -> Vec<Option<usize>> {
    let mut models = vec![None; bars];
    let free_from = bars.saturating_sub(CLOSE_BARS);
    for (index, section) in sections.iter().enumerate() {
        let first = sections[..index].iter().find(|earlier| theme(earlier) == theme(section));
        for offset in 0..section.bars {
            let bar = section.first_bar + offset;
            if bar < free_from {
                models[bar] =
                    first.and_then(|first| recalled(first, section, offset)).or_else(|| answered(section, offset));
            }
        }
    }
    models
}

/// Sections of one letter have one theme; the outro's is the first one's.
fn theme(section: &Section) -> &str {
    match section.name.trim_end_matches('\'') {
        "outro" => "a",
        name => name,
    }
}

/// The same place in the section that comes back; a varied one leads on with its last bar.
fn recalled(first: &Section, section: &Section, offset: usize) -> Option<usize> {
    let leads_on = section.name != first.name && offset + 1 == section.bars;
    (offset < first.bars && !leads_on).then_some(first.first_bar + offset)
}

/// The same place in the phrase before, or in the period before.
fn answered(section: &Section, offset: usize) -> Option<usize> {
    let bar = section.first_bar + offset;
    let closes = offset + 1 == section.bars;
    if offset >= PERIOD_BARS {
        return (offset % PERIOD_BARS + 1 != PERIOD_BARS && !closes).then(|| bar - PERIOD_BARS);
    }
    let is_answer = offset >= PHRASE_BARS && offset % PHRASE_BARS < STATED_BARS;
    (is_answer && !closes).then(|| bar - PHRASE_BARS)
}

/// The phrase that each bar lies in: its first bar. Sections begin phrases.
pub(super) fn phrases(since_section: impl Iterator<Item = usize>) -> Vec<usize> {
    since_section.enumerate().map(|(bar, since)| bar - since % PHRASE_BARS).collect()
}

/// Bars of a section that is named by its number, counted from 1, or by its name where only one has it.
pub(crate) fn find_section(sections: &[Section], name: &str) -> Result<Range<usize>, SectionError> {
    let known = || {
        let said = |(index, section): (usize, &Section)| format!("{} {}", index + 1, section.name);
        sections.iter().enumerate().map(said).collect::<Vec<_>>().join(", ")
    };
    let found: Vec<&Section> = match name.parse::<usize>() {
        Ok(number) => number.checked_sub(1).and_then(|index| sections.get(index)).into_iter().collect(),
        Err(_) => sections.iter().filter(|section| section.name.eq_ignore_ascii_case(name)).collect(),
    };
    match found[..] {
        [section] => Ok(section.first_bar..section.first_bar + section.bars),
        [] => Err(SectionError::Unknown { name: name.to_owned(), known: known() }),
        _ => Err(SectionError::Ambiguous { name: name.to_owned(), count: found.len(), known: known() }),
    }
}

#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum SectionError {
    #[error("the plan has no section \"{name}\"; it has {known}; give a number or a name of these")]
    Unknown { name: String, known: String },
    #[error("{count} sections are called \"{name}\"; the plan has {known}; give a number of these")]
    Ambiguous { name: String, count: usize, known: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections(lengths: &[(&str, usize)]) -> Vec<Section> {
        let mut first_bar = 0;
        let section = |(name, bars): &(&str, usize)| {
            first_bar += bars;
            Section { name: (*name).to_owned(), first_bar: first_bar - bars, bars: *bars }
        };
        lengths.iter().map(section).collect()
    }

    #[test]
    fn sections_return_phrases_answer_and_cadences_are_new() {
        let form = sections(&[("intro", 4), ("a", 8), ("b", 4), ("a'", 8), ("outro", 4)]);
        let found = models(&form, 28);
        assert_eq!(found[..8], [None; 8]);
        assert_eq!(found[8..12], [Some(4), Some(5), None, None], "the answer states again and ends anew");
        assert_eq!(found[12..16], [None; 4]);
        assert_eq!(found[16..23], [4, 5, 6, 7, 8, 9, 10].map(Some));
        assert_eq!(found[23], None, "a varied return leads on");
        assert_eq!(found[24..], [Some(4), Some(5), None, None], "the outro remembers and closes");
    }

    #[test]
    fn long_sections_are_two_periods() {
        let found = models(&sections(&[("a", 16)]), 40);
        assert_eq!(found[8..15], [0, 1, 2, 3, 4, 5, 6].map(Some));
        assert_eq!(found[15], None);
    }

    #[test]
    fn models_are_earlier_bars() {
        for lengths in [&[("a", 3)][..], &[("intro", 4), ("a", 5), ("a", 9), ("b'", 2), ("b", 6), ("outro", 7)]] {
            let form = sections(lengths);
            let bars = form.last().map(|last| last.first_bar + last.bars).unwrap();
            assert!(models(&form, bars).iter().enumerate().all(|(bar, model)| model.is_none_or(|model| model < bar)));
        }
    }

    #[test]
    fn sections_are_found_by_number_or_by_a_name_of_their_own() {
        let form = sections(&[("intro", 4), ("a", 8), ("b", 4), ("a'", 8), ("c", 4), ("a'", 8)]);
        assert_eq!(find_section(&form, "b"), Ok(12..16));
        assert_eq!(find_section(&form, "B"), Ok(12..16));
        assert_eq!(find_section(&form, "6"), Ok(28..36));
        insta::assert_snapshot!(find_section(&form, "a'").unwrap_err(), @r#"2 sections are called "a'"; the plan has 1 intro, 2 a, 3 b, 4 a', 5 c, 6 a'; give a number of these"#);
        insta::assert_snapshot!(find_section(&form, "7").unwrap_err(), @r#"the plan has no section "7"; it has 1 intro, 2 a, 3 b, 4 a', 5 c, 6 a'; give a number or a name of these"#);
        assert!(find_section(&form, "0").is_err() && find_section(&form, "").is_err());
    }
}
