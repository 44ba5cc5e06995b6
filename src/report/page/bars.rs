//! What was played in each bar, beside what was asked of it.

use crate::{
    artifact::{Role, Score},
    metric::bar_spans,
};

/// Notes that one role strikes in a bar.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Played {
    pub(super) notes: usize,
    pub(super) velocity: Option<f64>,
    pub(super) pitch: Option<f64>,
}

/// One entry a bar of the score.
pub(super) fn played(score: &Score, role: Role) -> Vec<Played> {
    let mut sums = vec![(0, 0_u64, 0_u64); score.bar_beats.len()];
    let spans = bar_spans(score);
    for note in score.tracks.iter().filter(|track| track.role == role).flat_map(|track| &track.notes) {
        let bar = spans.partition_point(|bar| bar.end <= note.start_ticks);
        if let Some((notes, velocity, pitch)) = sums.get_mut(bar) {
            *notes += 1;
            *velocity += u64::from(note.velocity);
            *pitch += u64::from(note.pitch);
        }
    }
    let mean = |sum: u64, notes: usize| (notes > 0).then(|| sum as f64 / notes as f64);
    let entry = |(notes, velocity, pitch)| Played { notes, velocity: mean(velocity, notes), pitch: mean(pitch, notes) };
    sums.into_iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::example::{note, score};

    #[test]
    fn notes_count_where_they_start() {
        let mut score = score();
        score.bar_beats = vec![4, 2, 4];
        score.tracks.truncate(1);
        score.tracks[0].notes = vec![note(60, 0, 9000), note(70, 1919, 10), note(64, 2880, 10), note(1, 99_999, 1)];
        let played = played(&score, Role::Melody);
        assert_eq!(played[0], Played { notes: 2, velocity: Some(70.0), pitch: Some(65.0) });
        assert_eq!((played[1], played[2].notes), (Played::default(), 1));
    }

    #[test]
    fn roles_are_told_apart() {
        let notes = |role| played(&score(), role).iter().map(|bar| bar.notes).sum::<usize>();
        assert_eq!((notes(Role::Melody), notes(Role::Accompaniment), notes(Role::Pad)), (32, 48, 0));
    }
}
