//! A montage with speech through the real programs: the music steps back under it and comes back.

use ebur128::{EbuR128, Mode};

use super::Scored;
use crate::support::{Project, data};

/// Seconds in which the clip's notes say that someone speaks.
const SPEECH: [(f64, f64); 2] = [(10.0, 21.3), (35.0, 47.8)];

/// Loudness at the end of each tenth of a second, over 3 s or 0.4 s.
fn curve(scored: &Scored, file: &str, mode: Mode) -> Vec<f64> {
    let mut reader = hound::WavReader::open(scored.folder.join(file)).unwrap();
    let samples: Vec<f32> = reader.samples::<i32>().map(|sample| sample.unwrap() as f32 / 8_388_608.0).collect();
    let mut meter = EbuR128::new(2, 48_000, mode).unwrap();
    let at_end = |piece: &[f32]| {
        meter.add_frames_f32(piece).unwrap();
        let loudness = if mode.contains(Mode::S) { meter.loudness_shortterm() } else { meter.loudness_momentary() };
        loudness.unwrap().max(-70.0)
    };
    samples.chunks(2 * 4800).map(at_end).collect()
}

fn mean(curve: &[f64], from: f64, to: f64) -> f64 {
    let rows = &curve[(from * 10.0) as usize..(to * 10.0) as usize];
    rows.iter().sum::<f64>() / rows.len() as f64
}

#[test]
fn music_steps_back_under_speech() {
    let Some(data) = data() else { return };
    let clip = data.join("videos/montage_speech.mp4");
    let project = Project::new();
    project.run(&["run", "demo", "--input", clip.to_str().unwrap()]).code(0);
    let scored = Scored::at(project.path().join("out/montage_speech"));
    let (whole, ducked) = (curve(&scored, "music.wav", Mode::S), curve(&scored, "music-ducked.wav", Mode::S));
    // Windows of 3 s that lie inside speech, against those that lie beside it and not in the recovery.
    let beside = [(3.0, 9.5), (25.8, 34.5), (52.3, 58.0)].map(|(from, to)| mean(&ducked, from, to));
    let loud = beside.iter().sum::<f64>() / 3.0;
    for (from, to) in SPEECH {
        let under = mean(&ducked, from + 3.0, to);
        assert!(loud - under >= 8.0, "{under:.1} LUFS under speech, {beside:?} beside");
    }
    // The piece has its own ups and downs: against itself, 1.5 s after the last word, it is back.
    let level = mean(&whole, 3.0, 9.5) - mean(&ducked, 3.0, 9.5);
    let (whole, ducked) = (curve(&scored, "music.wav", Mode::M), curve(&scored, "music-ducked.wav", Mode::M));
    for (_, to) in SPEECH {
        let at = ((to + 1.5 + 0.4) * 10.0) as usize;
        let missing = whole[at] - ducked[at] - level;
        assert!(missing.abs() < 1.5, "{missing:.1} dB are missing 1.5 s after {to} s");
    }
    let programme = scored.loudness("programme.wav");
    assert!((programme.integrated_lufs + 16.0).abs() <= 1.0, "{} LUFS", programme.integrated_lufs);
    assert!(programme.true_peak_dbtp <= -0.999, "{} dBTP", programme.true_peak_dbtp);
}
