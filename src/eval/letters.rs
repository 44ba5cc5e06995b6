//! Names for the sections of a stretch of a song, so that a plan can ask for the same form: `a`, `b`, `a'`.

use crate::{artifact::Section, corpus::Song, music::STEPS_PER_BAR};

/// Sections are one letter when their bars are this alike on the whole: half from chords, half from the melody's rhythm.
const ALIKE: f32 = 0.6;

/// Sections that begin at `starts` (the first of them 0), named by what comes back.
pub(super) fn sections(song: &Song, starts: &[usize]) -> Vec<Section> {
    let ends = starts.iter().skip(1).copied().chain([song.bars]);
    let spans: Vec<(usize, usize)> = starts.iter().copied().zip(ends).collect();
    let mut letters: Vec<u8> = Vec::new();
    let mut sections = Vec::new();
    for (index, (first, end)) in spans.iter().enumerate() {
        let earlier = spans[..index].iter().position(|(other, until)| {
            let bars = (end - first).min(until - other);
            likeness(song, *first, *other, bars) >= ALIKE
        });
        let letter = earlier.map_or_else(|| letters.iter().max().map_or(b'a', |last| last + 1), |model| letters[model]);
        letters.push(letter);
        let varied = if earlier.is_some() { "'" } else { "" };
        sections.push(Section { name: format!("{}{varied}", letter as char), first_bar: *first, bars: end - first });
    }
    sections
}

fn likeness(song: &Song, one: usize, other: usize, bars: usize) -> f32 {
    (0..bars).map(|bar| bar_likeness(song, one + bar, other + bar)).sum::<f32>() / bars.max(1) as f32
}

fn bar_likeness(song: &Song, one: usize, other: usize) -> f32 {
    let same = (0..2).filter(|half| song.chords[2 * one + half] == song.chords[2 * other + half]).count();
    let (a, b) = (rhythm(song, one), rhythm(song, other));
    let shared = match (a | b).count_ones() {
        0 => 1.0,
        either => (a & b).count_ones() as f32 / either as f32,
    };
    0.25 * same as f32 + 0.5 * shared
}

/// The melody's onsets in a bar, a bit a step.
fn rhythm(song: &Song, bar: usize) -> u16 {
    let first = bar as u32 * STEPS_PER_BAR;
    let from = song.melody.partition_point(|note| note.start < first);
    let inside = song.melody[from..].iter().take_while(|note| note.start < first + STEPS_PER_BAR);
    inside.fold(0, |bits, note| bits | 1 << (note.start - first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        corpus::Split,
        model::testing,
        music::{Chord, Quality},
    };

    #[test]
    fn what_comes_back_has_its_letter_again() {
        let mut song = testing::song("1", 12, Split::Test);
        song.chords[8..16].fill(Chord::new(2, Quality::Minor));
        song.melody.retain(|note| !(64..128).contains(&note.start));
        let named: Vec<(String, usize, usize)> = sections(&song, &[0, 4, 8])
            .into_iter()
            .map(|section| (section.name, section.first_bar, section.bars))
            .collect();
        assert_eq!(named, [("a".to_owned(), 0, 4), ("b".to_owned(), 4, 4), ("a'".to_owned(), 8, 4)]);
    }
}
