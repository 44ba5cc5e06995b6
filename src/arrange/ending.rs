//! The close: whatever was composed, the last bar holds the tonic chord, and everybody comes to rest on it.

use std::ops::Range;

use super::{harmony::nearest_tone, piece::Piece, voicing::voicing};
use crate::music::{Chord, Key, Mode, Note, Quality, STEPS_PER_HALF_BAR};

/// A piece shorter than this has no room for a dominant before its last bar.
const BARS_FOR_A_CADENCE: usize = 3;
/// The melody comes to rest within this many steps of the last downbeat.
const LAST_WORDS_STEPS: u32 = 8;
const MOST_LAST_WORDS: usize = 3;
/// A melody that fell silent longer ago than this does not come back for the last chord.
const SILENT_STEPS: u32 = 32;
/// How much further another chord tone than the tonic must be to be left aside, in semitones.
const PULL_OF_THE_TONIC: u8 = 2;
const LOWEST_BASS: u8 = 36;

pub(super) fn close(piece: &mut Piece) {
    let last = piece.metre.span(piece.last_bar());
    let tonic = tonic_chord(piece.key);
    if piece.metre.bars() >= BARS_FOR_A_CADENCE {
        prepare(piece, &last);
    }
    let first_slot = (last.start / STEPS_PER_HALF_BAR) as usize;
    piece.harmony.slots.iter_mut().skip(first_slot).for_each(|slot| *slot = tonic);
    close_melody(&mut piece.melody, &last, tonic);
    let top = piece.melody.last().filter(|note| note.start >= last.start).map(|note| note.pitch);
    close_accompaniment(piece, &last, tonic, top);
}

pub(crate) fn tonic_chord(key: Key) -> Chord {
    let quality = match key.mode {
        Mode::Major => Quality::Major,
        Mode::Minor => Quality::Minor,
    };
    Chord::new(key.tonic, quality)
}

/// Where nothing leads to the last bar (the tonic itself, or no chord), the dominant does.
fn prepare(piece: &mut Piece, last: &Range<u32>) {
    let steps = last.start - STEPS_PER_HALF_BAR..last.start;
    let before = piece.harmony.at(steps.start);
    if before.root().is_some_and(|root| root != piece.key.tonic) {
        return;
    }
    let dominant = Chord::new(piece.key.tonic + 7, Quality::Major);
    if let Some(slot) = piece.harmony.slots.get_mut((steps.start / STEPS_PER_HALF_BAR) as usize) {
        *slot = dominant;
    }
    for notes in [&mut piece.melody, &mut piece.accompaniment] {
        let held = |note: &Note| !dominant.contains(note.pitch);
        end_before(notes, steps.start, held);
        let inside = notes.iter_mut().filter(|note| steps.contains(&note.start));
        inside.for_each(|note| note.pitch = nearest_tone(dominant, note.pitch));
        without_doubles(notes);
    }
}

/// Ends the notes that `ends` picks where they would reach over a step.
fn end_before(notes: &mut [Note], step: u32, ends: impl Fn(&Note) -> bool) {
    for note in notes.iter_mut().filter(|note| note.start < step && ends(note)) {
        note.duration = u32::from(note.duration).min(step - note.start) as u16;
    }
}

fn without_doubles(notes: &mut Vec<Note>) {
    notes.sort_unstable();
    notes.dedup_by_key(|note| (note.start, note.pitch));
}

/// A few last words on chord tones, the last of them held to the end.
fn close_melody(melody: &mut Vec<Note>, last: &Range<u32>, tonic: Chord) {
    end_before(melody, last.start, |_| true);
    let earlier = melody.partition_point(|note| note.start < last.start);
    let words = last.start..last.start + LAST_WORDS_STEPS.min((last.end - last.start) / 2).max(1);
    let mut tail: Vec<Note> =
        melody[earlier..].iter().filter(|note| words.contains(&note.start)).take(MOST_LAST_WORDS).copied().collect();
    melody.truncate(earlier);
    let before = melody.last().copied();
    if tail.is_empty() {
        let recent = before.filter(|note| note.start + u32::from(note.duration) + SILENT_STEPS >= last.start);
        tail.extend(recent.map(|note| Note { start: last.start, ..note }));
    }
    let count = tail.len();
    for (number, note) in tail.iter_mut().enumerate() {
        let rest = number + 1 == count;
        note.pitch = if rest { resolved(tonic, note.pitch) } else { nearest_tone(tonic, note.pitch) };
        let end = if rest { last.end } else { last.end.min(note.start + u32::from(note.duration)) };
        note.duration = (end - note.start) as u16;
    }
    melody.extend(tail);
}

/// The chord tone to end on: near, and rather the tonic.
fn resolved(tonic: Chord, pitch: u8) -> u8 {
    let cost = |end: &u8| end.abs_diff(pitch) + if Some(*end % 12) == tonic.root() { 0 } else { PULL_OF_THE_TONIC };
    let near = (pitch.saturating_sub(7)..=pitch.saturating_add(7).min(127)).filter(|end| tonic.contains(*end));
    near.min_by_key(|end| (cost(end), *end)).unwrap_or(pitch)
}

/// One chord for the last bar: the tonic below, the triad above it, under the melody's last note.
fn close_accompaniment(piece: &mut Piece, last: &Range<u32>, tonic: Chord, top: Option<u8>) {
    let notes = &mut piece.accompaniment;
    end_before(notes, last.start, |_| true);
    let recent = &notes[notes.len().saturating_sub(8)..];
    let (register, dynamics) = match recent {
        [] => (piece.conditions[piece.shapes.len() - 1].register, piece.conditions[piece.shapes.len() - 1].dynamics),
        recent => (
            recent.iter().map(|note| f32::from(note.pitch)).sum::<f32>() / recent.len() as f32,
            recent.iter().map(|note| f32::from(note.velocity)).sum::<f32>() / recent.len() as f32,
        ),
    };
    notes.retain(|note| note.start < last.start);
    let ceiling = top.map_or(72, |top| top.saturating_sub(1).clamp(60, 74));
    let centre = (register as u8).clamp(55, 64).min(ceiling.saturating_sub(4));
    let bass = tonic.root().map(|root| LOWEST_BASS + root);
    let duration = (last.end - last.start) as u16;
    let velocity = dynamics.clamp(1.0, 127.0) as u8;
    let upper = voicing(&tonic.pitch_classes(), &(50..=ceiling), centre, &[]);
    notes.extend(bass.into_iter().chain(upper).map(|pitch| Note { start: last.start, pitch, duration, velocity }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrange::testing::{Example, note};

    fn tail(piece: &Piece) -> Vec<Note> {
        let last = piece.metre.span(piece.last_bar()).start;
        piece.melody.iter().filter(|note| note.start >= last).copied().collect()
    }

    #[test]
    fn a_piece_that_ends_elsewhere_is_brought_home() {
        let mut example = Example::plain(4);
        example.chords.takes[0] = ["C", "F", "Am", "G", "F", "Dm", "F", "F"].map(|chord| chord.parse().unwrap()).into();
        example.melody.takes[0] =
            vec![note(0, 64, 16), note(44, 65, 4), note(48, 65, 2), note(50, 67, 2), note(52, 62, 9)];
        example.accompaniment.takes[0].push(note(47, 53, 12));
        let piece = example.piece();
        let names: Vec<String> = piece.harmony.slots.iter().map(ToString::to_string).collect();
        assert_eq!(names[4..], ["F", "Dm", "C", "C"]);
        assert_eq!(tail(&piece), [note(48, 64, 2), note(50, 67, 2), note(52, 60, 12)]);
        let chord: Vec<Note> = piece.accompaniment.iter().filter(|note| note.start >= 48).copied().collect();
        assert_eq!(chord.len(), 4);
        assert!(chord.iter().all(|note| note.duration == 16 && piece.harmony.at(48).contains(note.pitch)));
        assert_eq!(chord[0].pitch % 12, 0);
        let reaching = piece.accompaniment.iter().filter(|note| note.start < 48);
        assert!(reaching.map(|note| note.start + u32::from(note.duration)).max().unwrap() <= 48);
    }

    #[test]
    fn a_dominant_leads_home_where_nothing_did() {
        let mut example = Example::plain(4);
        example.plan.key = "A minor".parse().unwrap();
        example.chords.takes[0] = vec!["Am".parse().unwrap(); 8];
        example.melody.takes[0] = vec![note(32, 69, 12)];
        let piece = example.piece();
        assert_eq!(piece.harmony.at(40).to_string(), "E");
        assert_eq!(piece.harmony.at(48).to_string(), "Am");
        assert_eq!(piece.melody[0], note(32, 69, 8), "the tonic gives way to the dominant");
        assert!(
            piece
                .accompaniment
                .iter()
                .filter(|note| (40..48).contains(&note.start))
                .all(|note| { "E".parse::<Chord>().unwrap().contains(note.pitch) })
        );
    }

    #[test]
    fn a_silent_melody_stays_silent_and_a_recent_one_ends() {
        let mut example = Example::plain(8);
        example.melody.takes[0] = vec![note(0, 74, 4)];
        assert!(tail(&example.piece()).is_empty());
        example.melody.takes[0] = vec![note(100, 74, 4)];
        assert_eq!(tail(&example.piece()), [note(112, 72, 16)]);
    }

    #[test]
    fn one_bar_is_one_chord() {
        for beats in [2, 4] {
            let piece = Example::bars(&[beats]).piece();
            assert_eq!(piece.harmony.slots.len(), usize::from(beats) / 2);
            assert!(
                piece.accompaniment.iter().all(|note| note.start == 0 && u32::from(note.duration) == piece.metre.end())
            );
            assert_eq!(piece.melody.last().map(|note| note.start + u32::from(note.duration)), Some(piece.metre.end()));
        }
    }

    #[test]
    fn endings_are_near_and_rather_the_tonic() {
        let tonic: Chord = "C".parse().unwrap();
        assert_eq!([71, 74, 62, 65, 67, 79].map(|pitch| resolved(tonic, pitch)), [72, 72, 60, 64, 67, 79]);
    }
}
