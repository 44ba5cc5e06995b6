//! N-grams of one voice: intervals and rhythm of six onsets in a row, whatever key and bar they stand in.
//!
//! An onset is all notes that start together. What is hashed: the steps from onset to onset, the interval from lowest note to
//! lowest note, and what stands above each lowest note. Length and loudness of notes are a matter of playing.

use std::collections::BTreeMap;

use crate::music::{Note, STEPS_PER_BAR};

/// Onsets in an n-gram. Five intervals with their rhythm: four are shared by nearly all songs, eight hide short copies.
pub(super) const ONSETS: usize = 6;
/// After a longer rest a new phrase begins: no n-gram reaches over it.
pub(super) const LONGEST_STEPS: u32 = STEPS_PER_BAR;

/// Ends an onset's shape; no interval is as large.
const END: u8 = u8::MAX;

/// Notes that start together, from low to high, each pitch once.
pub(super) struct Onset {
    pub(super) start: u32,
    pitches: Vec<u8>,
}

impl Onset {
    pub(super) fn notes(&self) -> usize {
        self.pitches.len()
    }
}

pub(super) fn onsets(notes: &[Note]) -> Vec<Onset> {
    let mut by_start: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
    for note in notes {
        by_start.entry(note.start).or_default().push(note.pitch);
    }
    let onset = |(start, mut pitches): (u32, Vec<u8>)| {
        pitches.sort_unstable();
        pitches.dedup();
        Onset { start, pitches }
    };
    by_start.into_iter().map(onset).collect()
}

/// The hash of the n-gram that begins at each onset; nothing where it would reach over a long rest.
pub(super) fn grams(onsets: &[Onset]) -> impl Iterator<Item = Option<u64>> {
    onsets.windows(ONSETS).map(hash)
}

fn hash(onsets: &[Onset]) -> Option<u64> {
    let mut bytes = Vec::with_capacity(4 * ONSETS);
    shape(&mut bytes, &onsets[0]);
    for pair in onsets.windows(2) {
        let steps = pair[1].start - pair[0].start;
        if steps > LONGEST_STEPS {
            return None;
        }
        let interval = i16::from(pair[1].pitches[0]) - i16::from(pair[0].pitches[0]);
        bytes.push(steps as u8);
        bytes.push(interval as i8 as u8);
        shape(&mut bytes, &pair[1]);
    }
    let digest = blake3::hash(&bytes);
    Some(digest.as_bytes().iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte)))
}

fn shape(bytes: &mut Vec<u8>, onset: &Onset) {
    let lowest = onset.pitches[0];
    bytes.extend(onset.pitches[1..].iter().map(|pitch| pitch - lowest));
    bytes.push(END);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(pitches: &[u8], steps: u32) -> Vec<Note> {
        let note = |(at, &pitch): (usize, &u8)| Note { start: steps * at as u32, pitch, duration: 1, velocity: 80 };
        pitches.iter().enumerate().map(note).collect()
    }

    fn hashes(notes: &[Note]) -> Vec<Option<u64>> {
        grams(&onsets(notes)).collect()
    }

    #[test]
    fn rhythm_and_intervals_count_and_nothing_else() {
        let pitches = [60, 62, 64, 60, 67, 65];
        let one = hashes(&line(&pitches, 4));
        assert_eq!(one.len(), 1);
        let softer = line(&pitches.map(|pitch| pitch + 5), 4);
        let softer: Vec<Note> =
            softer.into_iter().map(|note| Note { start: note.start + 35, velocity: 20, duration: 3, ..note }).collect();
        assert_eq!(hashes(&softer), one);
        assert_ne!(hashes(&line(&pitches, 2)), one);
        assert_ne!(hashes(&line(&[60, 62, 64, 60, 67, 64], 4)), one);
        let mut doubled = line(&pitches, 4);
        doubled.push(Note { pitch: 72, ..doubled[2] });
        assert_ne!(hashes(&doubled), one);
    }

    #[test]
    fn a_long_rest_parts_phrases() {
        let pitches = [60; 6];
        assert_eq!(hashes(&line(&pitches, LONGEST_STEPS + 1)), [None]);
        assert!(hashes(&line(&pitches, LONGEST_STEPS))[0].is_some());
        assert!(hashes(&line(&pitches[1..], 4)).is_empty());
    }
}
