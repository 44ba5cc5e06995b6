//! From parts to tracks: hits are composed into them, players play them, channels are dealt out.

use std::collections::BTreeSet;

use super::{ArrangeError, hits::Hits, humanise::perform, humanise::tidy, part::Part, pedal, piece::Piece};
use crate::{
    artifact::{CuePlan, HitKind, Marker, Role, ScoreNote, ScoreTrack},
    music::{ExactTempo, Metre, TICKS_PER_STEP},
    seed::Seed,
};

pub(super) const DRUM_CHANNEL: u8 = 9;
/// Channels of MIDI without that of the drums.
const PITCHED_CHANNELS: usize = 15;

/// Tracks as they are heard, without those that play nothing.
pub(super) fn play(
    piece: &Piece,
    plan: &CuePlan,
    parts: Vec<Part>,
    seed: Seed,
) -> Result<Vec<ScoreTrack>, ArrangeError> {
    let hits = Hits::of(plan, &piece.metre);
    let player = Player { piece, hits: &hits, seed };
    let mut tracks: Vec<ScoreTrack> = parts.into_iter().map(|part| player.track(part)).collect();
    tracks.retain(|track| !track.notes.is_empty());
    deal_channels(&mut tracks)?;
    Ok(tracks)
}

struct Player<'a> {
    piece: &'a Piece,
    hits: &'a Hits,
    seed: Seed,
}

impl Player<'_> {
    fn track(&self, part: Part) -> ScoreTrack {
        let controls = if part.pedal { self.hits.lift_pedal(pedal::pedal(self.piece, self.seed)) } else { Vec::new() };
        let notes = self.hits.compose(self.piece, part.role, inside(part.notes, self.piece.metre.end_ticks()));
        let played = match part.feel.touch(part.role) {
            Some(touch) => perform(self.piece, &notes, &touch, self.seed.derive(&part.name)),
            None => tidy(notes, self.piece.metre.end_ticks()),
        };
        ScoreTrack {
            name: part.name,
            role: part.role,
            channel: 0,
            program: part.program,
            gain_db: part.gain_db,
            pan: part.pan,
            room: part.room,
            notes: tidy(self.hits.finish(self.piece, played), self.piece.metre.end_ticks()),
            controls,
        }
    }
}

/// In order, ending with the piece at the latest.
fn inside(mut notes: Vec<ScoreNote>, end_ticks: u32) -> Vec<ScoreNote> {
    notes.retain(|note| note.start_ticks < end_ticks);
    for note in &mut notes {
        note.duration_ticks = note.duration_ticks.min(end_ticks - note.start_ticks);
    }
    notes.sort_unstable();
    notes
}

/// The channel that a role has had since there were two styles, where it is free.
fn usual_channel(role: Role) -> u8 {
    match role {
        Role::Melody => 0,
        Role::Accompaniment => 1,
        Role::Bass => 2,
        Role::Pad => 3,
        Role::Drums => DRUM_CHANNEL,
    }
}

fn deal_channels(tracks: &mut [ScoreTrack]) -> Result<(), ArrangeError> {
    let pitched = tracks.iter().filter(|track| track.role != Role::Drums).count();
    if pitched > PITCHED_CHANNELS {
        return Err(ArrangeError::TooManyChannels { tracks: pitched, channels: PITCHED_CHANNELS });
    }
    let mut free: BTreeSet<u8> = (0..16).filter(|channel| *channel != DRUM_CHANNEL).collect();
    let mut late = Vec::new();
    for track in tracks {
        let usual = usual_channel(track.role);
        if track.role == Role::Drums || free.remove(&usual) {
            track.channel = usual;
        } else {
            late.push(track);
        }
    }
    // From the last on, so that early ones stay what people know them for.
    for track in late {
        track.channel = free.pop_last().unwrap_or_default();
    }
    Ok(())
}

/// Sections by name, cuts and hits at the tick nearest to them.
pub(super) fn markers(plan: &CuePlan, metre: &Metre) -> Vec<Marker> {
    let tempo = ExactTempo::new(plan.tempo_map.iter().map(|mark| (mark.time, mark.bpm)));
    let sections = plan.sections.iter().map(|section| {
        let ticks = metre.span(section.first_bar).start * TICKS_PER_STEP;
        Marker { ticks, text: section.name.clone() }
    });
    let cuts = plan.cuts.iter().map(|cut| {
        let ticks = tempo.ticks(cut.time).round().clamp(0.0, f64::from(metre.end_ticks())) as u32;
        Marker { ticks, text: "cut".to_owned() }
    });
    let hits = plan.hits.iter().map(|hit| {
        let ticks = tempo.ticks(hit.time).round().clamp(0.0, f64::from(metre.end_ticks())) as u32;
        Marker { ticks, text: hit_name(hit.kind).to_owned() }
    });
    let mut markers: Vec<Marker> = sections.chain(cuts).chain(hits).collect();
    markers.sort_by_key(|marker| marker.ticks);
    markers
}

fn hit_name(kind: HitKind) -> &'static str {
    match kind {
        HitKind::Accent => "accent",
        HitKind::Stop => "stop",
        HitKind::Start => "start",
    }
}
