//! What the tests of sound share: the system's SoundFont, small scores, measures.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use rustysynth::SoundFont;

use super::{Encoding, Frame, RATE, Spool, WavWriter, soundfont};
use crate::{
    artifact::{Role, Score, ScoreNote, ScoreTrack, TempoMark},
    music::{Key, Mode, TICKS_PER_QUARTER},
};

const SOUNDFONT: &str = "/usr/share/sounds/sf2/FluidR3_GM.sf2";

#[expect(clippy::print_stderr, reason = "a skipped test says why")]
pub(super) fn soundfont_path() -> Option<&'static Path> {
    let path = Path::new(SOUNDFONT);
    if !path.exists() {
        eprintln!("skipped: {SOUNDFONT} is not installed");
        return None;
    }
    Some(path)
}

pub(super) fn soundfont() -> Option<Arc<SoundFont>> {
    static FONT: OnceLock<Option<Arc<SoundFont>>> = OnceLock::new();
    FONT.get_or_init(|| Some(Arc::new(soundfont::load(soundfont_path()?).unwrap()))).clone()
}

pub(super) fn note(start_ticks: u32, pitch: u8, duration_ticks: u32, velocity: u8) -> ScoreNote {
    ScoreNote { start_ticks, pitch, duration_ticks, velocity }
}

pub(super) fn track(name: &str, program: u8, notes: Vec<ScoreNote>) -> ScoreTrack {
    ScoreTrack {
        name: name.to_owned(),
        role: Role::Melody,
        channel: 0,
        program,
        gain_db: 0.0,
        pan: 0.0,
        room: 0.3,
        notes,
        controls: vec![],
    }
}

/// A score at 120 beats a minute: 960 ticks a second.
pub(super) fn score(tracks: Vec<ScoreTrack>, end_seconds: f64) -> Score {
    Score {
        key: Key { tonic: 0, mode: Mode::Major },
        tempo_map: vec![TempoMark { time: 0.0, bpm: 120.0 }],
        bar_beats: vec![4; (end_seconds / 2.0).ceil().clamp(0.0, 1000.0) as usize],
        tracks,
        markers: vec![],
        end_seconds,
        end_ticks: (end_seconds * 2.0 * f64::from(TICKS_PER_QUARTER)) as u32,
        notes: vec![],
    }
}

/// Mean square of both sides.
pub(super) fn energy(frames: &[Frame]) -> f64 {
    let sum: f64 = frames.iter().flatten().map(|sample| f64::from(*sample).powi(2)).sum();
    sum / (2.0 * frames.len() as f64)
}

/// The frames of a float WAV file in memory.
pub(super) fn float_frames(file: &[u8]) -> Vec<Frame> {
    let samples: Vec<f32> = hound::WavReader::new(file).unwrap().into_samples().map(Result::unwrap).collect();
    samples.chunks(2).map(|pair| [pair[0], pair[1]]).collect()
}

/// A tone on both sides.
pub(super) fn sine(hertz: f64, amplitude: f32, seconds: f64) -> Vec<Frame> {
    let step = std::f64::consts::TAU * hertz / f64::from(RATE);
    let count = (seconds * f64::from(RATE)) as u32;
    (0..count).map(|n| [amplitude * (f64::from(n) * step).sin() as f32; 2]).collect()
}

/// A stem on disk.
pub(super) fn float_wav(frames: &[Frame]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut writer = WavWriter::new(file.as_file(), Encoding::Float32, frames.len() as u64).unwrap();
    writer.write(frames).unwrap();
    writer.finish().unwrap();
    file
}

pub(super) fn spool(frames: &[Frame]) -> Spool {
    let mut spool = Spool::new(tempfile::tempfile().unwrap());
    spool.write(frames).unwrap();
    spool
}
