//! When notes begin and sound.

use super::pitches::notes;
use crate::{
    corpus::Song,
    music::{Note, STEPS_PER_BAR, STEPS_PER_BEAT},
};

/// Share of beats in which nothing sounds (`MusPy`).
pub(super) fn empty_beat_rate(song: &Song) -> Option<f64> {
    let beats = sounding_beats(song);
    let empty = beats.iter().filter(|sounds| !**sounds).count();
    (!beats.is_empty()).then(|| empty as f64 / beats.len() as f64)
}

pub(super) fn sounding_beats(song: &Song) -> Vec<bool> {
    sounding(song).chunks(STEPS_PER_BEAT as usize).map(|beat| beat.iter().any(|count| *count > 0)).collect()
}

/// Notes that sound at each step, each pitch once.
pub(super) fn sounding(song: &Song) -> Vec<u32> {
    let steps = song.bars * STEPS_PER_BAR as usize;
    let mut sounding = vec![0_u128; steps];
    for note in notes(song) {
        let end = (note.start + u32::from(note.duration)).min(steps as u32);
        for step in &mut sounding[(note.start as usize).min(steps)..end as usize] {
            *step |= 1 << note.pitch;
        }
    }
    sounding.into_iter().map(u128::count_ones).collect()
}

/// Beats between one onset and the next, mean; notes struck together are one onset.
pub(super) fn inter_onset_interval(song: &Song) -> Option<f64> {
    let onsets = onsets(song);
    let (first, last) = (onsets.first()?, onsets.last()?);
    (onsets.len() > 1).then(|| f64::from(last - first) / f64::from(STEPS_PER_BEAT) / (onsets.len() - 1) as f64)
}

pub(super) fn onsets(song: &Song) -> Vec<u32> {
    let mut onsets: Vec<u32> = notes(song).map(|note| note.start).collect();
    onsets.sort_unstable();
    onsets.dedup();
    onsets
}

/// Steps of a bar on which two bars agree that something begins, or that nothing does; mean over all pairs of bars.
pub(super) fn grooving_similarity(song: &Song) -> Option<f64> {
    let grooves = grooves(song, notes(song));
    let pairs = grooves.len() * grooves.len().saturating_sub(1) / 2;
    let apart = |one: usize| grooves[one + 1..].iter().map(move |other| (one, other));
    let differing: u32 =
        (0..grooves.len()).flat_map(apart).map(|(one, other)| (grooves[one] ^ other).count_ones()).sum();
    (pairs > 0).then(|| 1.0 - f64::from(differing) / f64::from(STEPS_PER_BAR) / pairs as f64)
}

/// The onsets of each bar, a bit a step.
pub(super) fn grooves<'a>(song: &Song, notes: impl IntoIterator<Item = &'a Note>) -> Vec<u16> {
    let mut grooves = vec![0_u16; song.bars];
    for note in notes {
        if let Some(groove) = grooves.get_mut((note.start / STEPS_PER_BAR) as usize) {
            *groove |= 1 << (note.start % STEPS_PER_BAR);
        }
    }
    grooves
}

pub(super) fn note_density(song: &Song) -> Option<f64> {
    (song.bars > 0).then(|| notes(song).count() as f64 / song.bars as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{corpus::Split, model::testing};

    fn song(bars: usize, spans: &[(u32, u16)]) -> Song {
        let mut song = testing::song("1", bars, Split::Test);
        song.melody.clear();
        let note =
            |(start, duration): &(u32, u16)| Note { start: *start, pitch: 60, duration: *duration, velocity: 70 };
        song.accompaniment = spans.iter().map(note).collect();
        song
    }

    #[test]
    fn a_held_note_fills_its_beats() {
        assert_eq!(empty_beat_rate(&song(1, &[(0, 5)])), Some(0.5));
        assert_eq!(empty_beat_rate(&song(2, &[])), Some(1.0));
    }

    #[test]
    fn intervals_are_counted_in_beats_between_onsets() {
        assert_eq!(inter_onset_interval(&song(2, &[(0, 1), (0, 1), (4, 1), (12, 1)])), Some(1.5));
        assert_eq!(inter_onset_interval(&song(2, &[(0, 1)])), None);
    }

    #[test]
    fn bars_of_one_rhythm_groove_together() {
        let alike = song(3, &[(0, 1), (8, 1), (16, 1), (24, 1), (32, 1), (40, 1)]);
        assert_eq!(grooving_similarity(&alike), Some(1.0));
        assert_eq!(grooving_similarity(&song(2, &[(0, 1), (8, 1)])), Some(0.875));
        assert_eq!(note_density(&alike), Some(2.0));
    }
}
