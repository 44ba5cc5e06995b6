//! Parts that are built in, by name: what the two plain styles play, and what scripts start from.

use super::{
    bass, drums,
    groove::Grooves,
    instrument::{self, Instrument},
    lead, pad,
    part::{Feel, Part, in_ticks},
    piano,
    piece::Piece,
};
use crate::{artifact::Role, music::Note, seed::Seed};

/// Names of all, as scripts say them.
pub(crate) const NAMES: [&str; 7] = ["melody", "piano", "bass", "pad", "drums", "piano_melody", "solo_piano"];

/// A part as it is written, before it is played; none for other names.
pub(crate) fn part(piece: &Piece, name: &str, seed: Seed) -> Option<Part> {
    let mood = piece.mood();
    let grooves = || Grooves::choose(seed);
    let (role, feel, instrument, notes) = match name {
        "melody" => {
            let instrument = instrument::lead(mood);
            let notes = lead::lead(piece, &instrument.range);
            (Role::Melody, Feel::Lead, instrument, notes)
        }
        // Played on the piano's own strings, it shares its pedal.
        "piano_melody" => {
            let notes = lead::lead(piece, &instrument::LEAD_PIANO.range);
            (Role::Melody, Feel::PianoLead, instrument::LEAD_PIANO, notes)
        }
        "piano" => (Role::Accompaniment, Feel::Piano, instrument::BAND_PIANO, piano::above_bass(piece)),
        "solo_piano" => (Role::Accompaniment, Feel::Piano, instrument::SOLO_PIANO, piano::alone(piece)),
        "bass" => (Role::Bass, Feel::Bass, instrument::bass(mood), bass::bass(piece, &grooves())),
        "pad" => (Role::Pad, Feel::Pad, instrument::pad(mood), pad::pad(piece)),
        "drums" => (Role::Drums, Feel::Drums, instrument::kit(mood), drums::drums(piece, &grooves(), seed)),
        _ => return None,
    };
    let pedal = matches!(name, "piano_melody" | "piano" | "solo_piano");
    Some(written(role, feel, &instrument, &notes, pedal))
}

/// The composed melody where an instrument plays it well.
pub(crate) fn melody_within(piece: &Piece, lowest: u8, highest: u8) -> Vec<Note> {
    lead::lead(piece, &(lowest..=highest))
}

fn written(role: Role, feel: Feel, instrument: &Instrument, notes: &[Note], pedal: bool) -> Part {
    Part {
        name: name(role).to_owned(),
        role,
        program: instrument.program,
        gain_db: instrument.gain_db,
        pan: instrument.pan,
        room: instrument.room,
        notes: notes.iter().copied().map(in_ticks).collect(),
        pedal,
        feel,
    }
}

fn name(role: Role) -> &'static str {
    match role {
        Role::Melody => "melody",
        Role::Accompaniment => "piano",
        Role::Bass => "bass",
        Role::Pad => "pad",
        Role::Drums => "drums",
    }
}
