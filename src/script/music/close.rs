//! A real ending for a part that a script made.

use crate::{
    arrange::{Piece, tonic_chord, voicing},
    artifact::{Role, ScoreNote},
    music::{Note, TICKS_PER_STEP},
};

const KICK: u8 = 36;
const RIDE: u8 = 51;
/// Notes before the end that say where a part lies.
const RECENT_NOTES: usize = 12;
/// Room for a voicing around the part's mean.
const REACH: u8 = 9;
const DRUM_TICKS: u32 = 120;
/// A part that was silent for longer does not come back for the last chord.
const SILENT_BARS: usize = 4;

pub(super) fn close(piece: &Piece, role: Role, notes: &[ScoreNote]) -> Vec<ScoreNote> {
    let bars = piece.metre.bars();
    let last = piece.metre.span(bars - 1).start * TICKS_PER_STEP;
    let long_ago = piece.metre.span(bars.saturating_sub(1 + SILENT_BARS)).start * TICKS_PER_STEP;
    if role == Role::Melody || notes.iter().all(|note| note.start_ticks + note.duration_ticks < long_ago) {
        return notes.to_vec();
    }
    let mut closed: Vec<ScoreNote> = notes.iter().filter(|note| note.start_ticks < last).copied().collect();
    for note in &mut closed {
        note.duration_ticks = note.duration_ticks.min(last - note.start_ticks);
    }
    let recent = &notes[notes.len().saturating_sub(RECENT_NOTES)..];
    let mean = |value: fn(&ScoreNote) -> u8| {
        (recent.iter().map(|note| u32::from(value(note))).sum::<u32>() / recent.len().max(1) as u32) as u8
    };
    let (pitch, velocity) = (mean(|note| note.pitch), mean(|note| note.velocity));
    let end = piece.metre.end_ticks();
    let strike = |pitch, velocity, duration_ticks| ScoreNote { start_ticks: last, pitch, duration_ticks, velocity };
    match role {
        Role::Drums => {
            closed.extend([(KICK, 52), (RIDE, 44)].map(|(drum, velocity)| strike(drum, velocity, DRUM_TICKS)));
        }
        Role::Bass => closed.extend(root_near(piece, pitch).map(|root| strike(root, velocity, end - last))),
        _ => closed.extend(chord_near(piece, pitch).into_iter().map(|tone| strike(tone, velocity, end - last))),
    }
    closed
}

fn root_near(piece: &Piece, pitch: u8) -> Option<u8> {
    (0..128_u8).filter(|place| place % 12 == piece.key.tonic).min_by_key(|place| place.abs_diff(pitch))
}

/// Below the melody's last note, so that it stays on top.
fn chord_near(piece: &Piece, pitch: u8) -> Vec<u8> {
    let top = piece.melody.last().filter(|note: &&Note| note.start + u32::from(note.duration) >= piece.metre.end());
    let high = pitch.saturating_add(REACH).min(127);
    let high = top.map_or(high, |top| high.min(top.pitch.saturating_sub(1)).max(pitch.saturating_sub(REACH) + 11));
    let low = pitch.saturating_sub(REACH).min(high.saturating_sub(11));
    voicing(&tonic_chord(piece.key).pitch_classes(), &(low..=high), low + (high - low) / 2, &[])
}
