//! Chords of half bars and the key of every bar.

use super::span::Span;
use crate::music::{Chord, Key, Mode, STEPS_PER_BAR};

const STEPS_PER_SLOT: f64 = STEPS_PER_BAR as f64 / 2.0;
/// A stretch keeps an annotated key of its own only if so much more of its notes lie in that key's scale.
const STRETCH_GAIN: f64 = 0.05;

/// The chord that holds for most of each half bar; spans are in steps, the earlier wins a tie.
pub(super) fn half_bar_chords(spans: &[Span<Chord>], slots: usize) -> Vec<Chord> {
    let mut held: Vec<Vec<(Chord, f64)>> = vec![Vec::new(); slots];
    for span in spans {
        let first = (span.start / STEPS_PER_SLOT) as usize;
        for (slot, chords) in held.iter_mut().enumerate().skip(first) {
            let from = slot as f64 * STEPS_PER_SLOT;
            if from >= span.end {
                break;
            }
            let steps = span.end.min(from + STEPS_PER_SLOT) - span.start.max(from);
            match chords.iter_mut().find(|(chord, _)| *chord == span.label) {
                Some((_, sum)) => *sum += steps,
                None => chords.push((span.label, steps)),
            }
        }
    }
    held.iter().map(|chords| longest(chords)).collect()
}

fn longest(chords: &[(Chord, f64)]) -> Chord {
    chords.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1)).map_or(Chord::None, |(chord, _)| *chord)
}

/// The key that holds longest; the earlier wins a tie.
pub(super) fn main_key(spans: &[Span<Key>]) -> Option<Key> {
    let seconds =
        |key: Key| -> f64 { spans.iter().filter(|span| span.label == key).map(|span| span.end - span.start).sum() };
    spans.iter().rev().map(|span| span.label).max_by(|a, b| seconds(*a).total_cmp(&seconds(*b)))
}

/// Semitones to C major or A minor for each bar. Spans are in steps, `notes` are onsets (step, pitch) of the song.
///
/// A change of key is folded away: each stretch is transposed by its own shift, so the song stays whole. The annotation is
/// of the recording and often wrong at the ends, so a stretch must show its key in its notes, else the main key stays; a
/// change begins at the bar that fits the notes best, up to eight bars about the annotated one.
pub(super) fn bar_shifts(main: Key, spans: &[Span<Key>], notes: &[(u32, u8)], bars: usize) -> Vec<i32> {
    let mut shifts = vec![main.shift_to_neutral(); bars];
    let mut onsets: Vec<[u32; 12]> = vec![[0; 12]; bars];
    for (step, pitch) in notes {
        if let Some(bar) = onsets.get_mut((step / STEPS_PER_BAR) as usize) {
            bar[usize::from(pitch % 12)] += 1;
        }
    }
    for span in spans.iter().filter(|span| span.label.shift_to_neutral() != main.shift_to_neutral()) {
        let first = bar_of(span.start).min(bars);
        let end = bar_of(span.end).min(bars).max(first);
        if in_scale(span.label, &onsets[first..end]) < in_scale(main, &onsets[first..end]) + STRETCH_GAIN {
            continue;
        }
        let first =
            best_border(first, &onsets, |bars| in_scale_count(main, bars), |bars| in_scale_count(span.label, bars));
        let end = best_border(end, &onsets, |bars| in_scale_count(span.label, bars), |bars| in_scale_count(main, bars));
        shifts[first..end.max(first)].fill(span.label.shift_to_neutral());
    }
    shifts
}

fn bar_of(steps: f64) -> usize {
    (steps / f64::from(STEPS_PER_BAR)).round() as usize
}

/// The bar within eight bars of `about` that best parts what fits `before` from what fits `after`.
fn best_border(
    about: usize,
    onsets: &[[u32; 12]],
    before: impl Fn(&[[u32; 12]]) -> u32,
    after: impl Fn(&[[u32; 12]]) -> u32,
) -> usize {
    const REACH: usize = 8;
    if about == 0 || about >= onsets.len() {
        return about;
    }
    let (first, end) = (about.saturating_sub(REACH), (about + REACH).min(onsets.len()));
    (first..=end)
        .max_by_key(|border| {
            let fit = before(&onsets[first..*border]) + after(&onsets[*border..end]);
            (fit, std::cmp::Reverse(border.abs_diff(about)))
        })
        .unwrap_or(about)
}

fn in_scale_count(key: Key, bars: &[[u32; 12]]) -> u32 {
    let scale = Key::new(0, Mode::Major).scale().map(|tone| i32::from(tone) - key.shift_to_neutral());
    scale.iter().map(|tone| bars.iter().map(|bar| bar[tone.rem_euclid(12) as usize]).sum::<u32>()).sum()
}

/// Share of onsets in the scale; 0 without notes.
fn in_scale(key: Key, bars: &[[u32; 12]]) -> f64 {
    let all: u32 = bars.iter().flatten().sum();
    f64::from(in_scale_count(key, bars)) / f64::from(all.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span<T>(start: f64, end: f64, label: T) -> Span<T> {
        Span { start, end, label }
    }

    fn chord(text: &str) -> Chord {
        text.parse().unwrap()
    }

    fn key(text: &str) -> Key {
        text.parse().unwrap()
    }

    #[test]
    fn the_longer_chord_of_a_half_bar_counts() {
        let spans = [span(0.0, 5.0, chord("C")), span(5.0, 12.0, chord("G")), span(12.0, 16.0, chord("Am"))];
        assert_eq!(half_bar_chords(&spans, 3), [chord("C"), chord("G"), Chord::None]);
        assert_eq!(half_bar_chords(&[], 1), [Chord::None]);
    }

    #[test]
    fn returning_chords_add_up() {
        let spans = [span(0.0, 2.5, chord("C")), span(2.5, 5.5, chord("G")), span(5.5, 8.0, chord("C"))];
        assert_eq!(half_bar_chords(&spans, 1), [chord("C")]);
    }

    #[test]
    fn the_key_of_most_time() {
        let spans = [span(0.0, 10.0, key("C")), span(10.0, 22.0, key("D")), span(22.0, 30.0, key("C"))];
        assert_eq!(main_key(&spans), Some(key("C")));
        assert_eq!(main_key(&[]), None);
    }

    /// Eight onsets of the scale a bar.
    fn scale_notes(key: Key, bars: std::ops::Range<u32>) -> Vec<(u32, u8)> {
        bars.flat_map(|bar| key.scale().into_iter().enumerate().map(move |(i, tone)| (bar * 16 + i as u32, 60 + tone)))
            .collect()
    }

    #[test]
    fn a_change_of_key_is_found_near_its_annotation() {
        let mut notes = scale_notes(key("C"), 0..20);
        notes.extend(scale_notes(key("D"), 20..40));
        let spans = [span(0.0, 17.0 * 16.0, key("C")), span(17.0 * 16.0, 39.0 * 16.0, key("D"))];
        let shifts = bar_shifts(key("C"), &spans, &notes, 40);
        assert_eq!(shifts.iter().position(|shift| *shift == -2), Some(20));
        assert_eq!(shifts[39], -2);
    }

    #[test]
    fn a_change_that_the_notes_do_not_show_is_not_made() {
        let notes = scale_notes(key("C"), 0..40);
        let spans = [span(0.0, 320.0, key("C")), span(320.0, 640.0, key("Eb"))];
        assert_eq!(bar_shifts(key("C"), &spans, &notes, 40), [0; 40]);
    }
}
