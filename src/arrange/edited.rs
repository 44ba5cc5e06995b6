//! An edited MIDI file as a score again: notes, pedal, tempo, markers and programs from the file, the mix and the length from
//! the score that it came from.
//!
//! The file may come from any program: other ticks a quarter, tracks added, renamed, merged into one or taken away. A file
//! that nobody touched gives the score it was written from.

use std::collections::HashSet;

use super::{
    ArrangeError,
    error::MAX_TRACKS,
    humanise::tidy,
    midi::{self, PAN, ROOM, VOLUME},
    play::DRUM_CHANNEL,
};
use crate::{
    artifact::{Control, Marker, Role, Score, ScoreNote, ScoreTrack, TempoMark},
    music::{
        Metre, STEPS_PER_BEAT, TICKS_PER_QUARTER, TICKS_PER_STEP,
        smf::{MidiFile, MidiPart},
        tempo::Tempo,
    },
};

/// Faster is no music, and would make hours of picture into more bars than memory holds.
const FASTEST_MICROS: u32 = 20_000;
const LONGEST_NAME: usize = 40;
const LONGEST_MARKER: usize = 200;
const ROOM_OF_NEW_TRACKS: f32 = 0.25;
/// Bank selection: instruments are General MIDI's.
const BANKS: [u8; 2] = [0, 32];
/// From here on controllers are commands to a device.
const CHANNEL_MODE: u8 = 120;

/// Reads an edited file over the score that it came from.
pub(crate) fn edited(bytes: &[u8], original: &Score) -> Result<Score, ArrangeError> {
    let file = MidiFile::read(bytes)?;
    let clock = FileClock { ticks_per_quarter: file.ticks_per_quarter };
    let (tempo_map, end_ticks) = tempo(&file, &clock, original)?;
    let named = file.parts.iter().map(|part| plain_name(&part.name)).collect();
    let mut dealer = Dealer { original, clock, end_ticks, named, taken: HashSet::new() };
    let tracks: Vec<ScoreTrack> = file.parts.iter().filter_map(|part| dealer.track(part)).collect();
    if tracks.len() > MAX_TRACKS {
        return Err(ArrangeError::TooManyTracks { tracks: tracks.len() });
    }
    if tracks.iter().all(|track| track.notes.is_empty()) {
        return Err(ArrangeError::NoNotes { seconds: original.end_seconds });
    }
    let markers = file.markers.iter().map(|(ticks, text)| (dealer.clock.ticks(*ticks), text));
    let markers = markers.filter(|(ticks, _)| *ticks <= end_ticks);
    Ok(Score {
        key: original.key,
        tempo_map,
        bar_beats: bars_until(&original.bar_beats, end_ticks),
        markers: markers
            .map(|(ticks, text)| Marker { ticks, text: text.chars().take(LONGEST_MARKER).collect() })
            .collect(),
        tracks,
        end_seconds: original.end_seconds,
        end_ticks,
        notes: original.notes.clone(),
    })
}

/// The file's ticks as ours.
struct FileClock {
    ticks_per_quarter: u32,
}

impl FileClock {
    fn ticks(&self, ticks: u32) -> u32 {
        let theirs = u64::from(self.ticks_per_quarter);
        let ours = (u64::from(ticks) * u64::from(TICKS_PER_QUARTER) + theirs / 2) / theirs;
        u32::try_from(ours).unwrap_or(u32::MAX)
    }
}

/// The tempo map and where the piece ends in ticks. An untouched tempo is the exact one of the original.
fn tempo(file: &MidiFile, clock: &FileClock, original: &Score) -> Result<(Vec<TempoMark>, u32), ArrangeError> {
    let ours = |tempo: Tempo| Tempo { ticks: clock.ticks(tempo.ticks), ..tempo };
    let changes: Vec<Tempo> = file.tempo.changes().map(ours).collect();
    let written = midi::tempos(original, &Metre::new(original.bar_beats.iter().copied()));
    if changes == written {
        return Ok((original.tempo_map.clone(), original.end_ticks));
    }
    if let Some(fastest) = changes.iter().map(|tempo| tempo.micros_per_quarter).min().filter(|m| *m < FASTEST_MICROS) {
        return Err(ArrangeError::TooFast { bpm: bpm(fastest).round() });
    }
    let marks = file.tempo.changes().map(|tempo| TempoMark {
        time: file.tempo.seconds(f64::from(tempo.ticks)),
        bpm: bpm(tempo.micros_per_quarter),
    });
    let scale = f64::from(TICKS_PER_QUARTER) / f64::from(file.ticks_per_quarter);
    let end = (file.tempo.ticks(original.end_seconds) * scale).round().max(1.0) as u32;
    Ok((marks.take_while(|mark| mark.time < original.end_seconds).collect(), end))
}

fn bpm(micros_per_quarter: u32) -> f64 {
    60e6 / f64::from(micros_per_quarter)
}

/// The bars of the original as far as the piece goes; where it goes on, so does the last bar's metre.
fn bars_until(bar_beats: &[u8], end_ticks: u32) -> Vec<u8> {
    let last = bar_beats.last().copied().filter(|beats| *beats > 0).unwrap_or(4);
    let mut bars = Vec::new();
    let mut ticks = 0;
    for beats in bar_beats.iter().copied().chain(std::iter::repeat(last)) {
        if ticks >= end_ticks {
            break;
        }
        bars.push(beats);
        ticks += u32::from(beats) * STEPS_PER_BEAT * TICKS_PER_STEP;
    }
    bars
}

struct Dealer<'a> {
    original: &'a Score,
    clock: FileClock,
    end_ticks: u32,
    /// Names in the file.
    named: HashSet<String>,
    /// Names that are given away: no two tracks share one.
    taken: HashSet<String>,
}

impl Dealer<'_> {
    /// A part's track; none for new parts without notes.
    fn track(&mut self, part: &MidiPart) -> Option<ScoreTrack> {
        let notes = self.notes(part);
        let controls = self.controls(part);
        let known = self.known(part);
        if known.is_none() && notes.is_empty() {
            return None;
        }
        let mix = known.cloned().unwrap_or_else(|| self.new_track(part));
        self.taken.insert(mix.name.clone());
        Some(ScoreTrack { program: part.program.unwrap_or(mix.program), notes, controls, ..mix })
    }

    /// By name; by channel if the track was renamed or merged, so that its name is nowhere in the file.
    fn known(&self, part: &MidiPart) -> Option<&ScoreTrack> {
        let name = plain_name(&part.name);
        let is_lost = |track: &&ScoreTrack| track.channel == part.channel && !self.named.contains(&track.name);
        let free = || self.original.tracks.iter().filter(|track| !self.taken.contains(&track.name));
        free().find(|track| track.name == name).or_else(|| free().find(is_lost))
    }

    fn new_track(&self, part: &MidiPart) -> ScoreTrack {
        let value = |controller| part.controls.iter().find(|control| control.1 == controller).map(|control| control.2);
        let role = role(part);
        ScoreTrack {
            name: self.free_name(&part.name),
            role,
            channel: part.channel,
            program: 0,
            gain_db: value(VOLUME).map_or(default_gain_db(role), midi::gain_db),
            pan: value(PAN).map_or(0.0, midi::place),
            room: value(ROOM).map_or(ROOM_OF_NEW_TRACKS, |send| f32::from(send) / 127.0),
            notes: Vec::new(),
            controls: Vec::new(),
        }
    }

    fn free_name(&self, name: &str) -> String {
        let plain = Some(plain_name(name)).filter(|name| !name.is_empty()).unwrap_or_else(|| "track".to_owned());
        let is_free =
            |name: &String| !self.taken.contains(name) && self.original.tracks.iter().all(|track| track.name != *name);
        let numbered = (2..).map(|number| format!("{plain} {number}"));
        std::iter::once(plain.clone()).chain(numbered).find(is_free).unwrap_or(plain)
    }

    fn notes(&self, part: &MidiPart) -> Vec<ScoreNote> {
        let notes = part.notes.iter().map(|note| {
            let start_ticks = self.clock.ticks(note.start);
            let duration_ticks = self.clock.ticks(note.end) - start_ticks;
            ScoreNote { start_ticks, pitch: note.pitch, duration_ticks, velocity: note.velocity }
        });
        tidy(notes.filter(|note| note.start_ticks < self.end_ticks).collect(), self.end_ticks)
    }

    /// What is played on controllers; the mix is not.
    fn controls(&self, part: &MidiPart) -> Vec<Control> {
        let is_played = |controller: u8| {
            ![VOLUME, PAN, ROOM].contains(&controller) && !BANKS.contains(&controller) && controller < CHANNEL_MODE
        };
        let controls = part.controls.iter().filter(|control| is_played(control.1));
        let mut controls: Vec<Control> = controls
            .map(|&(ticks, controller, value)| Control { ticks: self.clock.ticks(ticks), controller, value })
            .filter(|control| control.ticks <= self.end_ticks)
            .collect();
        controls.sort_by_key(|control| control.ticks);
        controls
    }
}

fn plain_name(name: &str) -> String {
    name.trim().to_lowercase().chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect()
}

/// What a new track is likely to be, by channel and program family.
fn role(part: &MidiPart) -> Role {
    match part.program.unwrap_or(0) {
        _ if part.channel == DRUM_CHANNEL => Role::Drums,
        32..=39 => Role::Bass,
        48..=54 | 88..=95 => Role::Pad,
        56..=87 => Role::Melody,
        _ => Role::Accompaniment,
    }
}

fn default_gain_db(role: Role) -> f32 {
    match role {
        Role::Melody => 0.0,
        Role::Accompaniment | Role::Bass | Role::Drums => -4.0,
        Role::Pad => -10.0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::arrange::{StyleName, testing::Example, to_midi};

    fn score() -> Score {
        let mut example = Example::bars(&[4, 4, 2, 4, 4, 4]);
        example.sections(&[("a", 3), ("outro", 3)]);
        example.energy(0.5, 14.0);
        example.score(StyleName::Band)
    }

    #[test]
    fn an_untouched_file_gives_the_score_it_came_from() {
        for style in [StyleName::Piano, StyleName::Band] {
            let mut example = Example::plain(12);
            example.energy(0.4, 14.0);
            let score = example.score(style);
            assert_eq!(edited(&to_midi(&score), &score).unwrap(), score);
        }
    }

    #[test]
    fn other_ticks_a_quarter_are_the_same_music() {
        let score = score();
        let mut file = midi::file(&score);
        let doubled = |ticks: &mut u32| *ticks *= 2;
        file.ticks_per_quarter = 960;
        let changes = file.tempo.changes().map(|tempo| Tempo { ticks: 2 * tempo.ticks, ..tempo }).collect();
        file.tempo = crate::music::tempo::TempoMap::new(960, changes);
        file.meters.iter_mut().for_each(|meter| doubled(&mut meter.0));
        file.markers.iter_mut().for_each(|marker| doubled(&mut marker.0));
        doubled(&mut file.end_ticks);
        for part in &mut file.parts {
            part.controls.iter_mut().for_each(|control| doubled(&mut control.0));
            part.notes.iter_mut().for_each(|note| (note.start, note.end) = (2 * note.start, 2 * note.end));
        }
        assert_eq!(edited(&file.write(), &score).unwrap(), score);
    }

    #[test]
    fn notes_and_programs_come_from_the_file_and_the_mix_stays() {
        let score = score();
        let mut file = midi::file(&score);
        file.parts[0].notes.truncate(2);
        file.parts[0].program = Some(40);
        file.parts[0].controls.retain(|control| control.1 != VOLUME);
        file.parts[0].name = "Melody ".into();
        file.parts.remove(1);
        let read = edited(&file.write(), &score).unwrap();
        assert_eq!(read.tracks.len(), score.tracks.len() - 1);
        let melody = &read.tracks[0];
        assert_eq!((melody.notes.len(), melody.program, melody.role), (2, 40, Role::Melody));
        assert!((melody.gain_db - score.tracks[0].gain_db).abs() < 1e-6);
    }

    #[test]
    fn a_new_track_gets_a_place_in_the_mix() {
        let score = score();
        let mut file = midi::file(&score);
        let mut cello = file.parts[0].clone();
        cello.name = "CELLO".into();
        cello.channel = 5;
        cello.program = Some(42);
        cello.controls = vec![(0, VOLUME, 80), (0, PAN, 127), (3, 120, 0), (4, 11, 90)];
        let mut hand_drum = cello.clone();
        (hand_drum.channel, hand_drum.controls) = (DRUM_CHANNEL, vec![]);
        file.parts.extend([cello, hand_drum]);
        let read = edited(&file.write(), &score).unwrap();
        let new = &read.tracks[read.tracks.len() - 2..];
        assert_eq!((new[0].name.as_str(), new[0].program, new[0].role), ("cello", 42, Role::Accompaniment));
        assert!((new[0].gain_db + 3.88).abs() < 0.01 && (new[0].pan - 1.0).abs() < 1e-6);
        assert_eq!(new[0].controls, [Control { ticks: 4, controller: 11, value: 90 }]);
        assert_eq!((new[1].name.as_str(), new[1].role), ("cello 2", Role::Drums));
    }

    #[test]
    fn a_merged_track_is_told_apart_by_channel() {
        let score = score();
        let mut file = midi::file(&score);
        file.parts.iter_mut().for_each(|part| part.name = String::new());
        let names: Vec<String> =
            edited(&file.write(), &score).unwrap().tracks.into_iter().map(|track| track.name).collect();
        assert_eq!(names, score.tracks.iter().map(|track| track.name.clone()).collect::<Vec<_>>());
    }

    #[test]
    fn another_tempo_keeps_the_length() {
        let score = score();
        let mut file = midi::file(&score);
        let slower = |tempo: Tempo| Tempo { micros_per_quarter: 2 * tempo.micros_per_quarter, ..tempo };
        let changes = file.tempo.changes().map(slower).collect();
        file.tempo = crate::music::tempo::TempoMap::new(480, changes);
        let read = edited(&file.write(), &score).unwrap();
        assert!((read.end_seconds - score.end_seconds).abs() < 1e-9);
        assert!(read.end_ticks.abs_diff(score.end_ticks / 2) <= 1);
        assert!(read.bar_beats.len() < score.bar_beats.len());
        let ends = read.tracks.iter().flat_map(|track| &track.notes).map(|note| note.start_ticks + note.duration_ticks);
        assert!(ends.max().unwrap() <= read.end_ticks);
    }

    #[test]
    fn what_is_no_edit_is_refused() {
        let score = score();
        let error = |bytes: &[u8]| edited(bytes, &score).unwrap_err().to_string();
        assert!(error(b"RIFF").starts_with("reading the edited score: this is no MIDI file"));
        let mut file = midi::file(&score);
        file.tempo = crate::music::tempo::TempoMap::new(480, vec![Tempo { ticks: 0, micros_per_quarter: 10 }]);
        assert!(error(&file.write()).contains("6000000 beats a minute"));
        let mut file = midi::file(&score);
        let part = file.parts[0].clone();
        file.parts.extend((0..70).map(|n| MidiPart { name: format!("more {n}"), ..part.clone() }));
        assert!(error(&file.write()).contains("the limit is 64"));
        file.parts.clear();
        assert!(error(&file.write()).contains("no note begins before"));
    }

    proptest! {
        #[test]
        fn hostile_files_are_an_error_or_a_score(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..30), keep in 0.2_f64..1.0,
        ) {
            let score = score();
            let mut bytes = to_midi(&score);
            let length = (bytes.len() as f64 * keep) as usize;
            bytes.truncate(length);
            for (place, value) in changes {
                let place = place.index(bytes.len());
                bytes[place] = value;
            }
            if let Ok(read) = edited(&bytes, &score) {
                for note in read.tracks.iter().flat_map(|track| &track.notes) {
                    prop_assert!(note.start_ticks + note.duration_ticks <= read.end_ticks);
                }
            }
        }
    }
}
