//! Standard MIDI files as we write them: type 1, a track for tempo and signs, then a track a part.
//!
//! The inverse of reading in `smf`: what is written reads back equal.

use midly::{
    Format, Header, MetaMessage, MidiMessage, Smf, Timing, Track, TrackEvent, TrackEventKind,
    num::{u4, u7, u15, u24, u28},
};

use super::smf::{MidiFile, MidiPart};

/// An event before deltas are known. Events of one tick are in order of rank: a note ends before the pedal moves, and
/// the pedal moves before the next note begins.
struct Timed<'a> {
    ticks: u32,
    rank: u8,
    kind: TrackEventKind<'a>,
}

impl MidiFile {
    /// The file's bytes; every track ends at `end_ticks` or with its last event. Parts without an event are lost, and
    /// notes of one pitch in one part must end in the order in which they begin.
    pub(crate) fn write(&self) -> Vec<u8> {
        let ticks = u15::new(self.ticks_per_quarter as u16);
        let mut smf = Smf::new(Header::new(Format::Parallel, Timing::Metrical(ticks)));
        smf.tracks.push(track(self.signs(), self.end_ticks));
        smf.tracks.extend(self.parts.iter().map(|part| track(part.events(), self.end_ticks)));
        let mut bytes = Vec::new();
        smf.write_std(&mut bytes).expect("memory takes what is written");
        bytes
    }

    fn signs(&self) -> Vec<Timed<'_>> {
        let sign = |ticks, message| Timed { ticks, rank: 0, kind: TrackEventKind::Meta(message) };
        let mut signs: Vec<Timed> = Vec::new();
        signs.extend(self.meters.iter().map(|&(ticks, beats, quarters)| {
            sign(ticks, MetaMessage::TimeSignature(beats, power_of_beat(quarters), 24, 8))
        }));
        signs.extend(
            self.keys.iter().map(|&(ticks, fifths, minor)| sign(ticks, MetaMessage::KeySignature(fifths, minor))),
        );
        signs.extend(
            self.tempo.changes().map(|tempo| sign(tempo.ticks, MetaMessage::Tempo(u24::new(tempo.micros_per_quarter)))),
        );
        signs.extend(self.markers.iter().map(|(ticks, text)| sign(*ticks, MetaMessage::Marker(text.as_bytes()))));
        signs
    }
}

/// Halvings of the whole note: 2 where a quarter is the beat.
fn power_of_beat(quarters: f64) -> u8 {
    (0..=6).min_by(|a, b| off_power(quarters, *a).total_cmp(&off_power(quarters, *b))).unwrap_or(2)
}

fn off_power(quarters: f64, power: u8) -> f64 {
    (4.0 * 0.5_f64.powi(i32::from(power)) - quarters).abs()
}

impl MidiPart {
    fn events(&self) -> Vec<Timed<'_>> {
        let channel = u4::new(self.channel);
        let play = |ticks, rank, message| Timed { ticks, rank, kind: TrackEventKind::Midi { channel, message } };
        let name = TrackEventKind::Meta(MetaMessage::TrackName(self.name.as_bytes()));
        let mut events = vec![Timed { ticks: 0, rank: 0, kind: name }];
        let program = self.program.map(|program| MidiMessage::ProgramChange { program: u7::new(program) });
        events.extend(program.map(|message| play(0, 1, message)));
        for &(ticks, controller, value) in &self.controls {
            let (controller, value) = (u7::new(controller), u7::new(value));
            events.push(play(ticks, 3, MidiMessage::Controller { controller, value }));
        }
        for note in &self.notes {
            let key = u7::new(note.pitch);
            events.push(play(note.start, 4, MidiMessage::NoteOn { key, vel: u7::new(note.velocity) }));
            events.push(play(note.end, 2, MidiMessage::NoteOff { key, vel: u7::new(64) }));
        }
        events
    }
}

fn track(mut events: Vec<Timed<'_>>, end_ticks: u32) -> Track<'_> {
    events.sort_by_key(|event| (event.ticks, event.rank));
    let end = events.last().map_or(end_ticks, |event| event.ticks.max(end_ticks));
    events.push(Timed { ticks: end, rank: 0, kind: TrackEventKind::Meta(MetaMessage::EndOfTrack) });
    let mut now = 0;
    let mut track = Track::with_capacity(events.len());
    for Timed { ticks, kind, .. } in events {
        track.push(TrackEvent { delta: u28::new(ticks - now), kind });
        now = ticks;
    }
    track
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::music::{
        smf::MidiNote,
        tempo::{Tempo, TempoMap},
    };

    fn notes() -> impl Strategy<Value = Vec<MidiNote>> {
        let gaps = prop::collection::vec((36_u8..40, 0_u32..500, 1_u32..900, 1_u8..128), 0..40);
        gaps.prop_map(|gaps| {
            let mut free = [0; 128];
            let mut notes: Vec<MidiNote> = Vec::new();
            for (pitch, gap, length, velocity) in gaps {
                let start = free[usize::from(pitch)] + gap;
                free[usize::from(pitch)] = start + length;
                notes.push(MidiNote { start, pitch, end: start + length, velocity });
            }
            notes.sort_unstable();
            notes
        })
    }

    fn part() -> impl Strategy<Value = MidiPart> {
        let controls = prop::collection::vec((0_u32..9000, prop::sample::select(vec![1_u8, 64, 11]), 0_u8..128), 0..20);
        ("[a-z]{1,8}( [0-9])?", 0_u8..16, prop::option::of(0_u8..128), notes(), controls).prop_map(
            |(name, channel, program, notes, mut controls)| {
                controls.sort_by_key(|control| control.0);
                controls.insert(0, (0, 7, 100));
                MidiPart { name, channel, program, notes, controls }
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            parts in prop::collection::vec(part(), 0..5),
            tempos in prop::collection::btree_map(0_u32..50_000, 1_u32..0x0100_0000, 0..20),
            markers in prop::collection::vec((0_u32..9000, "[a-zäß' ]{1,9}[a-z]"), 0..5),
            resolution in prop::sample::select(vec![96_u32, 480, 960]),
        ) {
            let tempos = tempos.into_iter().map(|(ticks, micros_per_quarter)| Tempo { ticks, micros_per_quarter });
            let mut markers: Vec<_> = markers.into_iter().map(|(at, text)| (at, text.trim().to_owned())).collect();
            markers.sort_by_key(|marker| marker.0);
            let file = MidiFile {
                ticks_per_quarter: resolution,
                tempo: TempoMap::new(resolution, tempos.collect()),
                meters: vec![(0, 4, 1.0), (1920, 2, 1.0), (2880, 6, 0.5)],
                keys: vec![(0, -3, true)],
                markers,
                parts,
                end_ticks: 100_000,
            };
            prop_assert_eq!(MidiFile::read(&file.write()).unwrap(), file);
        }
    }

    #[test]
    fn a_note_struck_again_ends_first() {
        let notes = vec![
            MidiNote { start: 0, pitch: 60, end: 480, velocity: 80 },
            MidiNote { start: 480, pitch: 60, end: 960, velocity: 70 },
        ];
        let part = MidiPart { name: "piano".into(), notes, controls: vec![(480, 64, 0)], ..MidiPart::default() };
        let kinds: Vec<u8> = part.events().iter().map(|event| event.rank).collect();
        assert_eq!(kinds.len(), 6);
        let track = track(part.events(), 960);
        let at_480: Vec<_> = track.iter().skip(2).take(3).map(|event| event.delta.as_int()).collect();
        assert_eq!(at_480, [480, 0, 0]);
        assert!(matches!(track[2].kind, TrackEventKind::Midi { message: MidiMessage::NoteOff { .. }, .. }));
        assert!(matches!(track[4].kind, TrackEventKind::Midi { message: MidiMessage::NoteOn { .. }, .. }));
    }
}
