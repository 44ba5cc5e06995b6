//! A score as a MIDI file.
//!
//! MIDI counts tempo in whole microseconds a quarter, so 4 hours at 97 beats a minute could drift by 14 ms. Where a bar would
//! begin more than a quarter of a millisecond off, the stretch before it gets a tempo of its own that makes up for it: most
//! files keep one tempo event, long ones get two more every few hundred bars.

use crate::{
    artifact::{Score, ScoreTrack},
    music::{
        ExactTempo, Metre, Mode, TICKS_PER_QUARTER,
        smf::{MidiFile, MidiNote, MidiPart},
        tempo::{Tempo, TempoMap},
    },
};

pub(super) const VOLUME: u8 = 7;
pub(super) const PAN: u8 = 10;
pub(super) const ROOM: u8 = 91;

const MOST_DRIFT_SECONDS: f64 = 0.000_25;
/// MIDI's own limit.
const SLOWEST_MICROS: f64 = 16_777_215.0;
const MICROS_A_MINUTE: f64 = 60e6;
/// The volume that stands for 0 dB: General MIDI's default. 127 is 4 dB louder.
const UNITY_VOLUME: f32 = 100.0;
/// General MIDI's curve: volume is the fourth root of power, 40 dB a decade.
const DB_A_DECADE: f32 = 40.0;

pub(crate) fn to_midi(score: &Score) -> Vec<u8> {
    file(score).write()
}

pub(super) fn file(score: &Score) -> MidiFile {
    let metre = Metre::new(score.bar_beats.iter().copied());
    MidiFile {
        ticks_per_quarter: TICKS_PER_QUARTER,
        tempo: TempoMap::new(TICKS_PER_QUARTER, tempos(score, &metre)),
        meters: meters(score, &metre),
        keys: vec![(0, score.key.signature(), score.key.mode == Mode::Minor)],
        markers: score.markers.iter().map(|marker| (marker.ticks, marker.text.clone())).collect(),
        parts: score.tracks.iter().map(part).collect(),
        end_ticks: score.end_ticks,
    }
}

pub(super) fn tempos(score: &Score, metre: &Metre) -> Vec<Tempo> {
    let exact = ExactTempo::new(score.tempo_map.iter().map(|mark| (mark.time, mark.bpm)));
    let marks: Vec<(u32, f64)> = exact.marks().map(|(ticks, bpm)| (ticks.round() as u32, bpm)).collect();
    let mut points: Vec<u32> = metre.bar_ticks().chain(marks.iter().map(|mark| mark.0)).collect();
    points.push(score.end_ticks);
    points.sort_unstable();
    points.dedup();
    let mut marks = marks.into_iter().peekable();
    let mut tempos: Vec<Tempo> = Vec::new();
    let mut seconds = 0.0;
    let mut bpm = 120.0;
    for pair in points.windows(2) {
        while let Some(mark) = marks.next_if(|mark| mark.0 <= pair[0]) {
            bpm = mark.1;
        }
        let quarters = f64::from(pair[1] - pair[0]) / f64::from(TICKS_PER_QUARTER);
        let micros = micros(bpm, quarters, exact.seconds(f64::from(pair[1])) - seconds);
        seconds += quarters * f64::from(micros) / 1e6;
        if tempos.last().is_none_or(|last| last.micros_per_quarter != micros) {
            tempos.push(Tempo { ticks: pair[0], micros_per_quarter: micros });
        }
    }
    tempos
}

/// The tempo of a stretch of `quarters` that should end in `due` seconds: the plain one as long as that comes near enough.
fn micros(bpm: f64, quarters: f64, due: f64) -> u32 {
    let rounded = |micros: f64| micros.round().clamp(1.0, SLOWEST_MICROS);
    let plain = rounded(MICROS_A_MINUTE / bpm);
    let drift = quarters * plain / 1e6 - due;
    if drift.abs() <= MOST_DRIFT_SECONDS { plain as u32 } else { rounded(due * 1e6 / quarters) as u32 }
}

/// Where the number of beats changes.
fn meters(score: &Score, metre: &Metre) -> Vec<(u32, u8, f64)> {
    let mut meters: Vec<(u32, u8, f64)> = Vec::new();
    for (ticks, beats) in metre.bar_ticks().zip(&score.bar_beats) {
        if meters.last().is_none_or(|last| last.1 != *beats) {
            meters.push((ticks, *beats, 1.0));
        }
    }
    meters
}

fn part(track: &ScoreTrack) -> MidiPart {
    let note = |note: &crate::artifact::ScoreNote| MidiNote {
        start: note.start_ticks,
        pitch: note.pitch,
        end: note.start_ticks + note.duration_ticks,
        velocity: note.velocity,
    };
    let mix = [(0, VOLUME, volume(track.gain_db)), (0, PAN, pan(track.pan)), (0, ROOM, room(track.room))];
    let played = track.controls.iter().map(|control| (control.ticks, control.controller, control.value));
    MidiPart {
        name: track.name.clone(),
        channel: track.channel,
        program: Some(track.program),
        notes: track.notes.iter().map(note).collect(),
        controls: mix.into_iter().chain(played).collect(),
    }
}

fn volume(gain_db: f32) -> u8 {
    (UNITY_VOLUME * 10_f32.powf(gain_db / DB_A_DECADE)).round().clamp(1.0, 127.0) as u8
}

/// The gain that a volume stands for.
pub(super) fn gain_db(volume: u8) -> f32 {
    DB_A_DECADE * (f32::from(volume.max(1)) / UNITY_VOLUME).log10()
}

fn pan(place: f32) -> u8 {
    (64.0 + 63.0 * place).round().clamp(0.0, 127.0) as u8
}

/// Where a pan position lies, -1..1.
pub(super) fn place(pan: u8) -> f32 {
    ((f32::from(pan) - 64.0) / 63.0).max(-1.0)
}

fn room(send: f32) -> u8 {
    (127.0 * send).round().clamp(0.0, 127.0) as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        arrange::{StyleName, testing::Example},
        artifact::{Bar, TempoMark},
    };

    /// The farthest that a bar begins off its time, in seconds, and the number of tempo events.
    fn drift(bpms: &[f64], bars: usize) -> (f64, usize) {
        let mut score = Example::plain(1).score(StyleName::Piano);
        score.bar_beats = vec![4; bars];
        let metre = Metre::new(score.bar_beats.iter().copied());
        score.end_ticks = metre.end_ticks();
        let mut time = 0.0;
        score.tempo_map.clear();
        for bpm in bpms {
            score.tempo_map.push(TempoMark { time, bpm: *bpm });
            time += (bars / bpms.len()) as f64 * 240.0 / bpm;
        }
        let exact = ExactTempo::new(score.tempo_map.iter().map(|mark| (mark.time, mark.bpm)));
        let read = MidiFile::read(&to_midi(&score)).unwrap();
        let off = |ticks: u32| (read.tempo.seconds(f64::from(ticks)) - exact.seconds(f64::from(ticks))).abs();
        (metre.bar_ticks().chain([metre.end_ticks()]).map(off).fold(0.0, f64::max), read.tempo.changes().count())
    }

    #[test]
    fn four_hours_do_not_drift() {
        let (seconds, events) = drift(&[96.977], 5818);
        assert!(seconds <= MOST_DRIFT_SECONDS, "{seconds}");
        assert!((2..200).contains(&events), "{events}");
    }

    #[test]
    fn a_short_piece_has_one_tempo() {
        assert_eq!(drift(&[97.3], 24).1, 1);
        let (seconds, events) = drift(&[97.3, 98.1, 96.2], 24);
        assert!(seconds <= MOST_DRIFT_SECONDS && events == 3, "{seconds} {events}");
    }

    #[test]
    fn signs_and_mix_are_written() {
        let mut example = Example::bars(&[4, 4, 2, 4]);
        example.plan.key = "Eb minor".parse().unwrap();
        let score = example.score(StyleName::Band);
        let read = MidiFile::read(&to_midi(&score)).unwrap();
        assert_eq!(read.meters, [(0, 4, 1.0), (3840, 2, 1.0), (4800, 4, 1.0)]);
        assert_eq!(read.keys, [(0, -6, true)]);
        assert_eq!(read.end_ticks, score.end_ticks);
        let names: Vec<&str> = read.parts.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names, score.tracks.iter().map(|track| track.name.as_str()).collect::<Vec<_>>());
        for (part, track) in read.parts.iter().zip(&score.tracks) {
            assert_eq!((part.channel, part.program), (track.channel, Some(track.program)));
            assert!((gain_db(part.controls[0].2) - track.gain_db).abs() < 0.3, "{}", track.name);
            assert!((place(part.controls[1].2) - track.pan).abs() < 0.01);
        }
    }

    #[test]
    fn gains_beyond_the_scale_are_its_ends() {
        assert_eq!((volume(0.0), volume(30.0), volume(-200.0)), (100, 127, 1));
    }

    proptest! {
        #[test]
        fn bars_begin_on_time(bpms in prop::collection::vec(50.0_f64..180.0, 1..6), bars in 6_usize..400) {
            prop_assert!(drift(&bpms, bars).0 < 0.000_6);
        }
    }

    #[test]
    fn bars_are_where_the_plan_has_them() {
        let example = Example::bars(&[4, 2, 4, 4]);
        let read = MidiFile::read(&to_midi(&example.score(StyleName::Piano))).unwrap();
        let metre = Metre::new([4, 2, 4, 4]);
        for (ticks, Bar { start, .. }) in metre.bar_ticks().zip(&example.plan.bars) {
            assert!((read.tempo.seconds(f64::from(ticks)) - start).abs() < 0.001);
        }
    }
}
