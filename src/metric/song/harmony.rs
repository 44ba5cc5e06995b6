//! Chords, and how melody and accompaniment move against them.

use std::collections::{BTreeSet, HashSet};

use crate::{
    corpus::Song,
    music::{Chord, Note, STEPS_PER_HALF_BAR},
};

/// Share of the progression's trigrams (of chords that change) that are unique in the piece (Wu & Yang 2020).
pub(super) fn irregularity(song: &Song) -> Option<f64> {
    let mut progression = song.chords.clone();
    progression.dedup();
    let trigrams = progression.windows(3);
    let count = trigrams.len();
    let unique: HashSet<&[Chord]> = trigrams.collect();
    (count > 0).then(|| unique.len() as f64 / count as f64)
}

/// Of the first and third beats on which the melody sounds over a chord: the share on which it is no chord tone and a semitone
/// (by octaves) from one.
pub(super) fn clash_rate(song: &Song) -> Option<f64> {
    let heard = song.chords.iter().zip(0_u32..).filter_map(|(chord, slot)| {
        let tone = sounding_at(&song.melody, slot * STEPS_PER_HALF_BAR)?;
        (*chord != Chord::None).then(|| clashes(*chord, tone))
    });
    let heard: Vec<bool> = heard.collect();
    (!heard.is_empty()).then(|| heard.iter().filter(|clashes| **clashes).count() as f64 / heard.len() as f64)
}

fn clashes(chord: Chord, pitch: u8) -> bool {
    !chord.contains(pitch) && (chord.contains(pitch + 1) || chord.contains(pitch + 11))
}

/// The pitch of a voice at a step.
fn sounding_at(voice: &[Note], step: u32) -> Option<u8> {
    let later = voice.partition_point(|note| note.start <= step);
    let last = voice[..later].last()?;
    (last.start + u32::from(last.duration) > step).then_some(last.pitch)
}

/// Where the chord changes: the mean distance from each accompaniment pitch of one half bar to the nearest of the other, both
/// ways (a symmetric Hausdorff mean of two voicings).
pub(super) fn voice_leading(song: &Song) -> Option<f64> {
    let voicings = voicings(song);
    let changes = song.chords.windows(2).zip(voicings.windows(2)).filter(|(chords, _)| chords[0] != chords[1]);
    let moved: Vec<f64> = changes.filter_map(|(_, pair)| distance(&pair[0], &pair[1])).collect();
    (!moved.is_empty()).then(|| moved.iter().sum::<f64>() / moved.len() as f64)
}

/// Pitches that begin in each half bar.
fn voicings(song: &Song) -> Vec<BTreeSet<u8>> {
    let mut voicings = vec![BTreeSet::new(); song.chords.len()];
    for note in &song.accompaniment {
        if let Some(voicing) = voicings.get_mut((note.start / STEPS_PER_HALF_BAR) as usize) {
            voicing.insert(note.pitch);
        }
    }
    voicings
}

fn distance(one: &BTreeSet<u8>, other: &BTreeSet<u8>) -> Option<f64> {
    let there = |from: &BTreeSet<u8>, to: &BTreeSet<u8>| -> Option<f64> {
        let nearest = from.iter().filter_map(|pitch| to.iter().map(|tone| tone.abs_diff(*pitch)).min());
        let distances: Vec<f64> = nearest.map(f64::from).collect();
        (!distances.is_empty()).then(|| distances.iter().sum::<f64>() / distances.len() as f64)
    };
    Some(f64::midpoint(there(one, other)?, there(other, one)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{corpus::Split, model::testing};

    fn song(chords: &[&str]) -> Song {
        let mut song = testing::song("1", chords.len() / 2, Split::Test);
        song.chords = chords.iter().map(|chord| chord.parse().unwrap()).collect();
        song.melody.clear();
        song.accompaniment.clear();
        song
    }

    fn notes(pitches: &[(u32, u8)]) -> Vec<Note> {
        pitches.iter().map(|&(start, pitch)| Note { start, pitch, duration: 8, velocity: 70 }).collect()
    }

    #[test]
    fn a_loop_is_regular() {
        assert_eq!(irregularity(&song(&["C", "C", "F", "G", "C", "F", "G", "C"])), Some(0.6));
        assert_eq!(irregularity(&song(&["C", "C"])), None);
    }

    #[test]
    fn a_semitone_off_the_chord_clashes_and_a_tone_does_not() {
        let mut song = song(&["C", "C", "C", "Cmaj7"]);
        song.melody = notes(&[(0, 65), (8, 62), (16, 64), (24, 71)]);
        assert_eq!(clash_rate(&song), Some(0.25), "F over C, D over C, E over C, B over Cmaj7");
        song.melody = notes(&[(1, 65)]);
        assert_eq!(clash_rate(&song), Some(1.0), "what is held over counts, what comes after the beat does not");
        song.chords.fill(Chord::None);
        assert_eq!(clash_rate(&song), None);
    }

    #[test]
    fn voices_go_the_shortest_way() {
        let mut song = song(&["C", "F"]);
        song.accompaniment = notes(&[(0, 60), (0, 64), (0, 67), (8, 60), (8, 65), (8, 69)]);
        assert_eq!(voice_leading(&song), Some(1.0), "0, 1 and 2 semitones");
        song.accompaniment.truncate(3);
        assert_eq!(voice_leading(&song), None, "silence has no voices");
    }
}
