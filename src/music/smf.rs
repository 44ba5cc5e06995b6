//! Standard MIDI files as they come: types 0 and 1, any ticks a quarter, running status, missing note-offs.
//!
//! Reads the events into parts with notes; knows nothing of scores or songs. Refuses what is over its limits.

use std::collections::{BTreeMap, VecDeque};

use midly::{Format, MetaMessage, MidiMessage, Smf, Timing, TrackEventKind};

use super::tempo::{Tempo, TempoMap};

const MAX_BYTES: usize = 16 << 20;
const MAX_EVENTS: usize = 2_000_000;
/// A day at 480 ticks a quarter and 120 beats a minute.
const MAX_TICKS: u64 = 24 * 3600 * 960;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SmfError {
    #[error("this MIDI file has {bytes} bytes, over the limit of {MAX_BYTES}")]
    TooLarge { bytes: usize },
    #[error("this MIDI file has over {MAX_EVENTS} events")]
    TooManyEvents,
    #[error("this MIDI file runs for more than {MAX_TICKS} ticks")]
    TooLong,
    #[error("this is no MIDI file that can be read: {reason}")]
    Malformed { reason: String },
    #[error("this MIDI file counts time in video frames; save it with ticks a quarter note")]
    FrameTime,
    #[error("this MIDI file holds independent sequences (type 2); save it as type 1")]
    Sequences,
}

/// A read file; ticks are its own, `ticks_per_quarter` to a quarter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MidiFile {
    pub(crate) ticks_per_quarter: u32,
    pub(crate) tempo: TempoMap,
    /// Tick, beats a bar, quarters a beat.
    pub(crate) meters: Vec<(u32, u8, f64)>,
    /// Tick, sharps (positive) or flats, whether minor.
    pub(crate) keys: Vec<(u32, i8, bool)>,
    pub(crate) markers: Vec<(u32, String)>,
    pub(crate) parts: Vec<MidiPart>,
    /// The last event of any track.
    pub(crate) end_ticks: u32,
}

/// What one track plays on one channel.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct MidiPart {
    /// Name of the track; empty if it has none.
    pub(crate) name: String,
    pub(crate) channel: u8,
    pub(crate) program: Option<u8>,
    /// Sorted by start, then pitch.
    pub(crate) notes: Vec<MidiNote>,
    /// Tick, controller, value.
    pub(crate) controls: Vec<(u32, u8, u8)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MidiNote {
    pub(crate) start: u32,
    pub(crate) pitch: u8,
    pub(crate) end: u32,
    pub(crate) velocity: u8,
}

impl MidiFile {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, SmfError> {
        if bytes.len() > MAX_BYTES {
            return Err(SmfError::TooLarge { bytes: bytes.len() });
        }
        let smf = Smf::parse(bytes).map_err(|error| SmfError::Malformed { reason: error.to_string() })?;
        let Timing::Metrical(ticks_per_quarter) = smf.header.timing else { return Err(SmfError::FrameTime) };
        if ticks_per_quarter.as_int() == 0 {
            return Err(SmfError::Malformed { reason: "it has 0 ticks a quarter".into() });
        }
        if smf.header.format == Format::Sequential {
            return Err(SmfError::Sequences);
        }
        if smf.tracks.iter().map(Vec::len).sum::<usize>() > MAX_EVENTS {
            return Err(SmfError::TooManyEvents);
        }
        let mut reader = Reader::default();
        for track in &smf.tracks {
            reader.track(track)?;
        }
        Ok(reader.finish(u32::from(ticks_per_quarter.as_int())))
    }

    /// The part of a track, by the track's name; the first if it plays on several channels.
    pub(crate) fn part(&self, name: &str) -> Option<&MidiPart> {
        self.parts.iter().find(|part| part.name == name)
    }
}

#[derive(Default)]
struct Reader {
    tempos: Vec<Tempo>,
    meters: Vec<(u32, u8, f64)>,
    keys: Vec<(u32, i8, bool)>,
    markers: Vec<(u32, String)>,
    parts: Vec<MidiPart>,
    end_ticks: u32,
}

impl Reader {
    fn track(&mut self, events: &[midly::TrackEvent]) -> Result<(), SmfError> {
        let mut ticks = 0_u64;
        let mut name = String::new();
        let mut channels: BTreeMap<u8, PartReader> = BTreeMap::new();
        for event in events {
            ticks += u64::from(event.delta.as_int());
            if ticks > MAX_TICKS {
                return Err(SmfError::TooLong);
            }
            let now = ticks as u32;
            match &event.kind {
                TrackEventKind::Midi { channel, message } => {
                    channels.entry(channel.as_int()).or_default().message(now, *message);
                }
                TrackEventKind::Meta(MetaMessage::TrackName(text)) if name.is_empty() => name = text_of(text),
                TrackEventKind::Meta(message) => self.meta(now, message),
                _ => {}
            }
        }
        self.end_ticks = self.end_ticks.max(ticks as u32);
        for (channel, part) in channels {
            self.parts.push(part.finish(name.clone(), channel, ticks as u32));
        }
        Ok(())
    }

    fn meta(&mut self, now: u32, message: &MetaMessage) {
        match message {
            MetaMessage::Tempo(micros) => {
                self.tempos.push(Tempo { ticks: now, micros_per_quarter: micros.as_int() });
            }
            MetaMessage::TimeSignature(beats, power, ..) => {
                self.meters.push((now, *beats, 4.0 * 0.5_f64.powi(i32::from(*power))));
            }
            MetaMessage::KeySignature(fifths, minor) => self.keys.push((now, *fifths, *minor)),
            MetaMessage::Marker(text) | MetaMessage::CuePoint(text) => self.markers.push((now, text_of(text))),
            _ => {}
        }
    }

    fn finish(mut self, ticks_per_quarter: u32) -> MidiFile {
        self.meters.sort_by_key(|meter| meter.0);
        self.markers.sort_by_key(|marker| marker.0);
        MidiFile {
            ticks_per_quarter,
            tempo: TempoMap::new(ticks_per_quarter, self.tempos),
            meters: self.meters,
            keys: self.keys,
            markers: self.markers,
            parts: self.parts,
            end_ticks: self.end_ticks,
        }
    }
}

/// Notes of one channel while their ends are still to come.
#[derive(Default)]
struct PartReader {
    part: MidiPart,
    /// Starts and velocities of sounding notes by pitch, oldest first.
    open: BTreeMap<u8, VecDeque<(u32, u8)>>,
}

impl PartReader {
    fn message(&mut self, now: u32, message: MidiMessage) {
        match message {
            MidiMessage::NoteOn { key, vel } if vel.as_int() > 0 => {
                self.open.entry(key.as_int()).or_default().push_back((now, vel.as_int()));
            }
            MidiMessage::NoteOn { key, .. } | MidiMessage::NoteOff { key, .. } => self.note_off(now, key.as_int()),
            MidiMessage::Controller { controller, value } => {
                self.part.controls.push((now, controller.as_int(), value.as_int()));
            }
            MidiMessage::ProgramChange { program } => {
                self.part.program.get_or_insert(program.as_int());
            }
            _ => {}
        }
    }

    /// Ends the oldest sounding note of this pitch: what most writers mean when notes of one pitch overlap.
    fn note_off(&mut self, now: u32, pitch: u8) {
        let Some((start, velocity)) = self.open.get_mut(&pitch).and_then(VecDeque::pop_front) else { return };
        if now > start {
            self.part.notes.push(MidiNote { start, pitch, end: now, velocity });
        }
    }

    /// Notes without an end sound until the track ends.
    fn finish(mut self, name: String, channel: u8, end: u32) -> MidiPart {
        for (pitch, open) in std::mem::take(&mut self.open) {
            for (start, velocity) in open.into_iter().filter(|(start, _)| *start < end) {
                self.part.notes.push(MidiNote { start, pitch, end, velocity });
            }
        }
        self.part.notes.sort_unstable();
        MidiPart { name, channel, ..self.part }
    }
}

/// Names in MIDI files have no declared encoding.
fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_matches(['\0', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(format: u8, tracks: &[&[u8]]) -> Vec<u8> {
        let mut bytes = b"MThd\0\0\0\x06\0".to_vec();
        bytes.extend([format, 0, tracks.len() as u8, 0, 96]);
        for track in tracks {
            bytes.extend(b"MTrk");
            bytes.extend((track.len() as u32).to_be_bytes());
            bytes.extend(*track);
        }
        bytes
    }

    fn note(start: u32, pitch: u8, end: u32, velocity: u8) -> MidiNote {
        MidiNote { start, pitch, end, velocity }
    }

    #[test]
    fn running_status_and_velocity_zero() {
        let track = [0, 0x90, 60, 80, 96, 60, 0, 0, 64, 70, 48, 64, 0, 0, 0xff, 0x2f, 0];
        let read = MidiFile::read(&file(0, &[&track])).unwrap();
        assert_eq!(read.ticks_per_quarter, 96);
        assert_eq!(read.parts[0].notes, [note(0, 60, 96, 80), note(96, 64, 144, 70)]);
        assert_eq!(read.end_ticks, 144);
    }

    #[test]
    fn channels_of_one_track_become_parts() {
        let track =
            [0, 0xff, 3, 1, b'x', 0, 0x90, 60, 80, 0, 0x91, 62, 80, 96, 0x80, 60, 0, 0, 0x81, 62, 0, 0, 0xff, 0x2f, 0];
        let read = MidiFile::read(&file(1, &[&track])).unwrap();
        let channels: Vec<_> = read.parts.iter().map(|part| (part.name.as_str(), part.channel)).collect();
        assert_eq!(channels, [("x", 0), ("x", 1)]);
        assert_eq!(read.part("x").unwrap().notes[0].pitch, 60);
    }

    #[test]
    fn overlapping_notes_end_in_order_and_open_ones_at_the_end() {
        let track = [0, 0x90, 60, 80, 10, 60, 81, 10, 60, 0, 10, 60, 0, 0, 62, 50, 10, 0xff, 0x2f, 0];
        let read = MidiFile::read(&file(1, &[&track])).unwrap();
        assert_eq!(read.parts[0].notes, [note(0, 60, 20, 80), note(10, 60, 30, 81), note(30, 62, 40, 50)]);
    }

    #[test]
    fn meta_events() {
        let track = [
            0, 0xff, 0x58, 4, 6, 3, 24, 8, 0, 0xff, 0x59, 2, 0xfe, 1, 5, 0xff, 6, 3, b'c', b'u', b't', 0, 0xff, 0x51,
            3, 7, 0xa1, 0x20, 0, 0xff, 0x2f, 0,
        ];
        let read = MidiFile::read(&file(1, &[&track])).unwrap();
        assert_eq!(read.meters, [(0, 6, 0.5)]);
        assert_eq!(read.keys, [(0, -2, true)]);
        assert_eq!(read.markers, [(5, "cut".to_owned())]);
        assert!((read.tempo.seconds(96.0) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        assert!(matches!(MidiFile::read(b"RIFF"), Err(SmfError::Malformed { .. })));
        assert!(matches!(MidiFile::read(b""), Err(SmfError::Malformed { .. })));
        assert_eq!(MidiFile::read(&file(2, &[&[0, 0xff, 0x2f, 0]])), Err(SmfError::Sequences));
        let mut frames = file(1, &[&[0, 0xff, 0x2f, 0]]);
        frames[12..14].copy_from_slice(&[0xe7, 40]);
        assert_eq!(MidiFile::read(&frames), Err(SmfError::FrameTime));
        let endless = [0xff, 0xff, 0xff, 0x7f, 0x90, 60, 80, 0, 0xff, 0x2f, 0];
        assert_eq!(MidiFile::read(&file(1, &[&endless])), Err(SmfError::TooLong));
        let vast = vec![0; MAX_BYTES + 1];
        assert_eq!(MidiFile::read(&vast), Err(SmfError::TooLarge { bytes: MAX_BYTES + 1 }));
    }
}
