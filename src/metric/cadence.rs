//! How a piece ends: whether its last bar comes to rest on the tonic.

use super::beats::{bar_spans, end_ticks, pitched};
use crate::{
    artifact::{Score, ScoreNote},
    music::{Key, Mode, TICKS_PER_QUARTER},
};

/// Share of the sounding time of the end that must lie on the tonic's triad: a suspension may resolve, a dominant may not stay.
const LEAST_TONIC_SHARE: f64 = 0.5;

/// Players are early or late by less than half a step.
const EARLY_TICKS: u32 = TICKS_PER_QUARTER / 8;

pub(super) struct Cadence {
    /// Lowest pitch of the end; none if it is silent.
    pub(super) bass: Option<u8>,
    /// Share of the sounding time that lies on the tonic's triad.
    pub(super) tonic_share: f64,
}

impl Cadence {
    /// Looks at the second half of the last bar, where the last chord is; at the whole bar if that half is silent.
    pub(super) fn of(score: &Score, key: Key) -> Self {
        let Some(bar) = bar_spans(score).pop() else { return Self { bass: None, tonic_share: 0.0 } };
        let middle = u32::midpoint(bar.start, bar.end);
        let half = Self::between(score, key, middle, bar.end);
        if half.bass.is_some() { half } else { Self::between(score, key, bar.start, bar.end) }
    }

    fn between(score: &Score, key: Key, from: u32, to: u32) -> Self {
        let inside = |note: &ScoreNote| u64::from(end_ticks(note).min(to).saturating_sub(note.start_ticks.max(from)));
        let notes = pitched(score).flat_map(|track| &track.notes).filter(|note| inside(note) > 0);
        let (mut bass, mut tonic, mut all) = (None, 0, 0);
        for note in notes {
            bass = Some(bass.map_or(note.pitch, |bass: u8| bass.min(note.pitch)));
            all += inside(note);
            tonic += if is_tonic_triad(key, note.pitch) { inside(note) } else { 0 };
        }
        Self { bass, tonic_share: tonic as f64 / (all.max(1)) as f64 }
    }

    pub(super) fn is_at_rest(&self, key: Key) -> bool {
        self.bass.is_some_and(|bass| bass % 12 == key.tonic) && self.tonic_share >= LEAST_TONIC_SHARE
    }
}

/// Whether a score comes to rest on its tonic, struck on the last downbeat.
pub(crate) fn ends_at_rest(score: &Score) -> bool {
    let Some(bar) = bar_spans(score).pop() else { return false };
    let near =
        |note: &ScoreNote| note.start_ticks.abs_diff(bar.start) <= EARLY_TICKS && note.pitch % 12 == score.key.tonic;
    let struck = pitched(score).flat_map(|track| &track.notes).any(near);
    struck && Cadence::of(score, score.key).is_at_rest(score.key)
}

/// A minor piece may end in major.
fn is_tonic_triad(key: Key, pitch: u8) -> bool {
    let above = (pitch % 12 + 12 - key.tonic) % 12;
    matches!(above, 0 | 7) || above == 4 || (above == 3 && key.mode == Mode::Minor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::example::{note, score};

    fn end(notes: Vec<ScoreNote>) -> Cadence {
        let mut score = score();
        score.bar_beats = vec![4];
        score.tracks.truncate(2);
        score.tracks[0].notes = notes;
        score.tracks[1].notes.clear();
        Cadence::of(&score, Key::new(7, Mode::Major))
    }

    #[test]
    fn the_last_chord_counts_not_the_way_to_it() {
        let dominant = [note(50, 0, 960), note(66, 0, 960)];
        let tonic = [note(43, 960, 960), note(59, 960, 960), note(62, 960, 960)];
        let cadence = end([dominant, [tonic[0], tonic[1]]].concat());
        assert!(cadence.is_at_rest(Key::new(7, Mode::Major)));
        assert_eq!(cadence.bass, Some(43));
        assert!(!end(dominant.to_vec()).is_at_rest(Key::new(7, Mode::Major)));
    }

    #[test]
    fn a_short_last_note_is_an_end_too() {
        assert!(end(vec![note(43, 0, 480)]).is_at_rest(Key::new(7, Mode::Major)));
    }

    #[test]
    fn silence_is_no_end() {
        assert!(!end(vec![]).is_at_rest(Key::new(7, Mode::Major)));
    }

    #[test]
    fn the_tonic_under_a_foreign_chord_is_no_rest() {
        let cadence = end(vec![note(43, 0, 1920), note(60, 0, 1920), note(64, 0, 1920), note(69, 0, 1920)]);
        assert!(cadence.bass == Some(43) && !cadence.is_at_rest(Key::new(7, Mode::Major)));
    }

    #[test]
    fn minor_may_end_in_major() {
        let minor = Key::new(9, Mode::Minor);
        assert!(is_tonic_triad(minor, 61) && is_tonic_triad(minor, 60) && !is_tonic_triad(minor, 62));
        assert!(!is_tonic_triad(Key::new(9, Mode::Major), 60));
    }
}
