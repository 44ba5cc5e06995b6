//! Which notes of a MIDI file are the melody and which accompany it. Drums are neither.

use crate::music::smf::{MidiFile, MidiNote, MidiPart};

const DRUMS: u8 = 9;
/// More notes than any song has.
const MOST_NOTES: usize = 200_000;
const FEWEST_NOTES: usize = 32;
const FEWEST_LEAD_NOTES: usize = 16;
/// Names of melody tracks, the surest first.
const LEAD_NAMES: [&str; 9] =
    ["melody", "vocal", "lead", "voice", "sing", "right hand", "piano right", "right", "upper"];

/// Notes in ticks.
pub(super) struct Parts {
    /// Empty where no track is named like a melody.
    pub(super) lead: Vec<MidiNote>,
    pub(super) others: Vec<MidiNote>,
}

impl Parts {
    pub(super) fn of(file: &MidiFile) -> Result<Self, String> {
        let pitched: Vec<&MidiPart> = file.parts.iter().filter(|part| part.channel != DRUMS).collect();
        let notes: usize = pitched.iter().map(|part| part.notes.len()).sum();
        if notes < FEWEST_NOTES {
            return Err(format!("too few notes: {notes}, fewer than {FEWEST_NOTES} (drums aside)"));
        }
        if notes > MOST_NOTES {
            return Err(format!("too many notes: {notes}, over the limit of {MOST_NOTES}"));
        }
        let lead = lead(&pitched);
        let of = |is_lead: bool| {
            let parts = pitched.iter().enumerate().filter(move |(index, _)| (lead == Some(*index)) == is_lead);
            parts.flat_map(|(_, part)| part.notes.iter().copied()).collect()
        };
        Ok(Self { lead: of(true), others: of(false) })
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &MidiNote> {
        self.lead.iter().chain(&self.others)
    }
}

/// The part with the surest name; of several the one with most notes. The only part of a file is no melody.
fn lead(parts: &[&MidiPart]) -> Option<usize> {
    let rank = |part: &MidiPart| {
        let name = part.name.to_lowercase();
        LEAD_NAMES.iter().position(|lead| name.contains(lead))
    };
    let named = parts.iter().enumerate().filter(|(_, part)| part.notes.len() >= FEWEST_LEAD_NOTES);
    let ranked = named.filter_map(|(index, part)| Some((rank(part)?, std::cmp::Reverse(part.notes.len()), index)));
    ranked.min().map(|(_, _, index)| index).filter(|_| parts.len() > 1)
}
