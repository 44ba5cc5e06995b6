//! Tracks on the grid: the melody as one voice, the accompaniment without doubled notes.

use std::collections::BTreeMap;

use crate::music::Note;

/// One voice: of notes that start together the highest; a note ends where the next begins, and one that lies under a
/// longer, higher note is left out.
pub(super) fn one_voice(mut notes: Vec<Note>) -> Vec<Note> {
    notes.sort_by_key(|note| (note.start, std::cmp::Reverse(note.pitch)));
    let mut voice: Vec<Note> = Vec::with_capacity(notes.len());
    for note in notes {
        let Some(last) = voice.last_mut() else {
            voice.push(note);
            continue;
        };
        let inner = note.pitch < last.pitch && end(note) <= end(*last);
        if note.start == last.start || inner {
            continue;
        }
        cut(last, note.start);
        voice.push(note);
    }
    voice
}

/// A melody track beside the others: what is under its top line goes with them.
pub(super) fn lead(lead: &[Note], mut others: Vec<Note>) -> (Vec<Note>, Vec<Note>) {
    let line = one_voice(lead.to_vec());
    let begins = |note: &Note| line.binary_search_by_key(&note.start, |other| other.start);
    others.extend(lead.iter().filter(|note| begins(note).map_or(true, |at| line[at].pitch != note.pitch)));
    (line, others)
}

/// The melody of a texture that has no track for it, and what is under it. The highest note of each onset sings unless a
/// higher one still sounds; where the top lies far below what is sung about it, the melody rests.
pub(super) fn top_line(mut notes: Vec<Note>) -> (Vec<Note>, Vec<Note>) {
    notes.sort_by_key(|note| (note.start, std::cmp::Reverse(note.pitch)));
    let tops: Vec<Note> = notes.chunk_by(|one, other| one.start == other.start).map(|together| together[0]).collect();
    let (mut first, mut end) = (0, 0);
    let mut line: Vec<Note> = Vec::new();
    for top in &tops {
        while first < tops.len() && tops[first].start + AROUND_STEPS < top.start {
            first += 1;
        }
        while end < tops.len() && tops[end].start <= top.start + AROUND_STEPS {
            end += 1;
        }
        let covered = line.last().is_some_and(|last| last.pitch > top.pitch && sounds_until(*last) > top.start);
        if top.pitch >= lowest_sung(&tops[first..end]) && !covered {
            line.push(*top);
        }
    }
    let line = one_voice(line);
    let sings =
        |note: &Note| line.binary_search_by_key(&(note.start, note.pitch), |other| (other.start, other.pitch)).is_ok();
    notes.retain(|note| !sings(note));
    (line, notes)
}

/// Bars on either side, in steps, that say how high the melody lies.
const AROUND_STEPS: u32 = 32;
/// A melody lies within this many semitones below its high notes, and never lower than this pitch.
const SUNG_SEMITONES: u8 = 9;
const LOWEST_SUNG: u8 = 57;
/// A note sings so long at most, in steps: a pedal may hold it longer.
const LONGEST_SUNG: u32 = 8;

fn lowest_sung(tops: &[Note]) -> u8 {
    let mut pitches: Vec<u8> = tops.iter().map(|note| note.pitch).collect();
    pitches.sort_unstable();
    let high = pitches.get(pitches.len() * 3 / 4).copied().unwrap_or(LOWEST_SUNG);
    high.saturating_sub(SUNG_SEMITONES).max(LOWEST_SUNG)
}

fn sounds_until(note: Note) -> u32 {
    end(note).min(note.start + LONGEST_SUNG)
}

/// Sorted by start, then pitch; a pitch that starts anew ends its older note, and doubled notes become the longest.
pub(super) fn without_doubles(mut notes: Vec<Note>) -> Vec<Note> {
    notes.sort_by_key(|note| (note.start, note.pitch, std::cmp::Reverse(note.duration)));
    notes.dedup_by_key(|note| (note.start, note.pitch));
    let mut next_start: BTreeMap<u8, u32> = BTreeMap::new();
    for note in notes.iter_mut().rev() {
        if let Some(start) = next_start.insert(note.pitch, note.start) {
            cut(note, start);
        }
    }
    notes
}

fn end(note: Note) -> u32 {
    note.start + u32::from(note.duration)
}

/// Ends the note at `step` if it would sound longer.
fn cut(note: &mut Note, step: u32) {
    note.duration = note.duration.min((step - note.start).min(u32::from(u16::MAX)) as u16);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn note(start: u32, pitch: u8, duration: u16) -> Note {
        Note { start, pitch, duration, velocity: 80 }
    }

    #[test]
    fn the_highest_of_a_chord_sings() {
        assert_eq!(one_voice(vec![note(0, 60, 4), note(0, 67, 4), note(4, 62, 2)]), [note(0, 67, 4), note(4, 62, 2)]);
    }

    #[test]
    fn the_top_line_rests_where_only_the_accompaniment_plays() {
        let mut notes: Vec<Note> = (0..32).map(|eighth| note(2 * eighth, 50 + eighth as u8 % 3, 2)).collect();
        notes.extend((0..8).filter(|beat| *beat != 5).map(|beat| note(4 * beat, 72, 4)));
        let (line, rest) = top_line(notes);
        assert_eq!(line.iter().map(|note| note.start).collect::<Vec<_>>(), [0, 4, 8, 12, 16, 24, 28]);
        assert!(line.iter().all(|note| note.pitch == 72) && rest.len() == 32);
    }

    #[test]
    fn what_is_under_the_lead_goes_with_the_others() {
        let (line, others) = lead(&[note(0, 72, 4), note(0, 64, 4), note(4, 74, 4)], vec![note(0, 40, 8)]);
        assert_eq!(line, [note(0, 72, 4), note(4, 74, 4)]);
        assert_eq!(others, [note(0, 40, 8), note(0, 64, 4)]);
    }

    #[test]
    fn overlaps_are_cut_and_inner_notes_left_out() {
        assert_eq!(one_voice(vec![note(0, 60, 6), note(4, 62, 2)]), [note(0, 60, 4), note(4, 62, 2)]);
        assert_eq!(one_voice(vec![note(0, 67, 8), note(2, 60, 2), note(6, 60, 4)]), [note(0, 67, 6), note(6, 60, 4)]);
    }

    #[test]
    fn doubled_notes_become_one() {
        let notes = vec![note(4, 60, 2), note(0, 60, 8), note(0, 60, 2), note(0, 48, 16)];
        assert_eq!(without_doubles(notes), [note(0, 48, 16), note(0, 60, 4), note(4, 60, 2)]);
    }

    proptest! {
        #[test]
        fn one_voice_never_overlaps(notes in prop::collection::vec((0_u32..200, 40_u8..90, 1_u16..20), 0..100)) {
            let voice = one_voice(notes.into_iter().map(|(start, pitch, duration)| note(start, pitch, duration)).collect());
            prop_assert!(voice.windows(2).all(|pair| pair[0].start < pair[1].start && end(pair[0]) <= pair[1].start));
            prop_assert!(voice.iter().all(|note| note.duration > 0));
        }
    }
}
