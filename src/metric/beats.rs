//! Where beats and bars of a score lie, in ticks.

use std::ops::Range;

use crate::{
    artifact::{Score, ScoreNote, ScoreTrack},
    music::TICKS_PER_QUARTER,
};

/// The spans of all bars, in order.
pub(crate) fn bar_spans(score: &Score) -> Vec<Range<u32>> {
    let spans = score.bar_beats.iter().scan(0, |start, beats| {
        let from = *start;
        *start += u32::from(*beats) * TICKS_PER_QUARTER;
        Some(from..*start)
    });
    spans.collect()
}

pub(super) fn end_ticks(note: &ScoreNote) -> u32 {
    note.start_ticks.saturating_add(note.duration_ticks)
}

/// Tracks that play pitches: all but drums.
pub(super) fn pitched(score: &Score) -> impl Iterator<Item = &ScoreTrack> {
    score.tracks.iter().filter(|track| track.role != crate::artifact::Role::Drums)
}

/// For each beat whether any note of any track sounds in it.
pub(super) fn sounding_beats(score: &Score) -> Vec<bool> {
    let beats = score.bar_beats.iter().map(|beats| usize::from(*beats)).sum();
    let mut sounding = vec![false; beats];
    for note in score.tracks.iter().flat_map(|track| &track.notes) {
        let first = (note.start_ticks / TICKS_PER_QUARTER) as usize;
        let end = (end_ticks(note).div_ceil(TICKS_PER_QUARTER) as usize).clamp(first + 1, beats.max(first + 1));
        for beat in sounding.iter_mut().take(end).skip(first) {
            *beat = true;
        }
    }
    sounding
}

/// The longest run of equal items for which `counts` holds.
pub(super) fn longest_run<T: PartialEq>(items: impl IntoIterator<Item = T>, counts: impl Fn(&T) -> bool) -> usize {
    let mut last: Option<T> = None;
    let (mut run, mut longest) = (0, 0);
    for item in items {
        run = if !counts(&item) {
            0
        } else if last.as_ref() == Some(&item) {
            run + 1
        } else {
            1
        };
        longest = longest.max(run);
        last = Some(item);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::example::{note, score};

    #[test]
    fn bars_of_any_length_follow_each_other() {
        let mut score = score();
        score.bar_beats = vec![4, 2, 4];
        assert_eq!(bar_spans(&score), [0..1920, 1920..2880, 2880..4800]);
    }

    #[test]
    fn a_note_sounds_in_every_beat_it_touches() {
        let mut score = score();
        score.bar_beats = vec![4, 4];
        score.tracks.truncate(1);
        score.tracks[0].notes = vec![note(60, 470, 20), note(60, 3 * 480, 480), note(60, 99 * 480, 480)];
        assert_eq!(sounding_beats(&score), [true, true, false, true, false, false, false, false]);
    }

    #[test]
    fn runs_are_broken_by_others_and_by_what_does_not_count() {
        assert_eq!(longest_run([1, 1, 2, 1, 1, 1], |_| true), 3);
        assert_eq!(longest_run([0, 0, 0, 5], |item| *item > 0), 1);
        assert_eq!(longest_run(Vec::<u8>::new(), |_| true), 0);
    }
}
